//! `sdn journal FILE --look` against the testkit's node and identity server.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use bytes::Bytes;
use common::list::{checked, decide_in, journal, list};
use common::{Ran, bare, run, unreachable_url};
use http::Response;
use sdn_testkit::{Server, World};
use serde_json::{Value, json};

const ID_SERVER: &str = "id.example:8090";
const ALICE: &str = "@alice:node.example";
const WALLET: &str = "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf";

/// Alice's room, and the journal of a list for it.
struct Stage {
    world: World,
    server: Server,
    room: String,
    alice: String,
    journal: PathBuf,
    text: String,
}

impl Stage {
    /// A journal with these entries.
    fn set(name: &str, entries: &[(&str, &str)]) -> Self {
        let world = World::new();
        world.add_node("node.example");
        world.add_identity_server(ID_SERVER);
        let alice = world.add_user(ALICE);
        let room = world.create_room(ALICE);
        let header = json!({ "journal": "sdn invite", "room": room, "version": 2 });
        let mut text = checked(&header.to_string());
        for (invitee, outcome) in entries {
            text += &checked(&json!({ "invitee": invitee, "outcome": outcome }).to_string());
        }
        let journal = journal(&list(&format!("look-{name}"), ""));
        fs::write(&journal, &text).unwrap();
        Self { server: world.serve().unwrap(), world, room, alice, journal, text }
    }

    /// A command of Alice's.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = bare();
        command.args(arguments).env("SDN_ACCESS_TOKEN", &self.alice);
        command.args(["--node", &self.server.base_url(), "--timeout", "10"]);
        command
    }

    /// Invites, without the journal.
    fn invite(&self, invitees: &[&str]) {
        let mut command = self.command(&["invite", &self.room, "--no-check"]);
        command.args(["--id-server", ID_SERVER, "--id-server-url", &self.server.base_url()]);
        let ran = run(command.args(invitees));
        assert_eq!(ran.status, 0, "{ran:?}");
        self.world.clear_requests();
    }

    /// Looks, and checks that this changed nothing.
    fn look(&self, options: &[&str]) -> Ran {
        let ran = run(self.command(&["journal"]).arg(&self.journal).arg("--look").args(options));
        self.check_unchanged();
        ran
    }

    fn check_unchanged(&self) {
        assert_eq!(fs::read_to_string(&self.journal).unwrap(), self.text);
        let calls = self.world.requests();
        assert!(calls.iter().all(|call| call.method == "GET"), "{calls:?}");
    }
}

#[test]
fn users_are_compared_by_membership() {
    let users = [
        ("@bob:node.example", "unknown"),
        ("@carol:node.example", "sending"),
        ("@dave:node.example", "unknown"),
        ("@erin:node.example", "unknown"),
        ("@frank:node.example", "refused"),
        (WALLET, "unknown"),
        ("@gina:node.example", "invited"),
        ("@hans:node.example", "settled"),
    ];
    let stage = Stage::set("users", &users);
    stage.world.add_node(WALLET.trim_start_matches("0x"));
    stage.invite(&["@bob:node.example", "@dave:node.example", "@carol:node.example", WALLET]);
    stage.world.add_user("@bob:node.example");
    stage.world.join(&stage.room, "@bob:node.example");
    stage.world.ban(&stage.room, "@frank:node.example");
    let ran = run(&mut stage.command(&["revoke", &stage.room, "@dave:node.example"]));
    assert_eq!(ran.status, 0, "{ran:?}");
    stage.world.clear_requests();

    let ran = stage.look(&[]);
    let expected = format!(
        "unknown   in the room  @bob:node.example  join\n\
         unknown   in the room  @carol:node.example  invite\n\
         unknown   not seen     @dave:node.example  leave\n\
         unknown   not seen     @erin:node.example\n\
         refused   not seen     @frank:node.example  ban\n\
         unknown   in the room  {WALLET}  invite\n"
    );
    assert_eq!((ran.status, &*ran.stdout), (3, &*expected), "{ran:?}");
    assert!(ran.stderr.contains("sdn: 6 left to decide: 3 in the room, 3 not seen\n"), "{ran:?}");
    let settle = format!("sdn journal '{}' --settle INVITEE", stage.journal.display());
    assert!(ran.stderr.contains(&settle), "{ran:?}");
    assert_eq!(stage.world.requests().len(), 1);
}

#[test]
fn addresses_alike_are_ambiguous() {
    let stage = Stage::set(
        "alike",
        &[
            ("Carol@example.com", "unknown"),
            ("caroline@example.org", "invited"),
            ("carl@exact.example", "settled"),
            ("dave@example.com", "unknown"),
            ("erin@example.com", "unknown"),
            ("bobby@example.com", "unknown"),
            ("x@example.com", "refused"),
            ("+1 800 555 2067", "unknown"),
        ],
    );
    stage.invite(&["caroline@example.org", "dave@example.com", "x@example.com"]);
    let ran = stage.look(&[]);
    let expected = "unknown   ambiguous    Carol@example.com  car...@exa... like \
         caroline@example.org and 1 more\n\
         unknown   in the room  dave@example.com  dav...@exa...\n\
         unknown   not seen     erin@example.com\n\
         unknown   not seen     bobby@example.com\n\
         refused   in the room  x@example.com  ...@exa...\n\
         unknown   not seen     +1 800 555 2067\n";
    assert_eq!((ran.status, &*ran.stdout), (3, expected), "{ran:?}");
    let counts = "sdn: 6 left to decide: 2 in the room, 3 not seen, 1 ambiguous\n";
    assert!(ran.stderr.contains(counts), "{ran:?}");

    // Both may be there, or one of them twice.
    stage.invite(&["carol@example.com"]);
    assert!(stage.look(&[]).stdout.starts_with("unknown   ambiguous    Carol@"), "{ran:?}");

    // The invitation of a shorter address may be redacted in another way.
    stage.invite(&["bob@example.com"]);
    let ran = stage.look(&[]);
    let bobby = "unknown   ambiguous    bobby@example.com  b...@exa...\n";
    assert!(ran.stdout.contains(bobby), "{ran:?}");
}

#[test]
fn accepted_invitation_is_in_the_room() {
    let stage = Stage::set("accepted", &[("dave@example.com", "unknown")]);
    stage.invite(&["dave@example.com"]);
    let [mail] = stage.world.mailbox(ID_SERVER, "dave@example.com").try_into().unwrap();
    let dave = stage.world.add_user("@dave:node.example");
    let mut command = stage.command(&["accept", &stage.room, &mail.token, "--sender", ALICE]);
    command.args(["--id-server", ID_SERVER, "--id-server-url", &stage.server.base_url()]);
    command.env("SDN_ACCESS_TOKEN", dave).env("SDN_INVITE_KEY", &mail.private_key);
    assert_eq!(run(&mut command).status, 0);
    stage.world.clear_requests();
    let ran = stage.look(&[]);
    let expected = "unknown   in the room  dave@example.com  dav...@exa...\n";
    assert_eq!((ran.status, &*ran.stdout), (3, expected), "{ran:?}");

    // A revoked invitation cannot be accepted, so it may be sent again.
    let ran = run(&mut stage.command(&["revoke", &stage.room, &mail.token]));
    assert_eq!(ran.status, 0, "{ran:?}");
    stage.world.clear_requests();
    assert_eq!(stage.look(&[]).stdout, "unknown   not seen     dave@example.com\n");
}

#[test]
fn json_has_what_was_found() {
    let stage = Stage::set(
        "json",
        &[
            ("@bob:node.example", "unknown"),
            ("carol@example.com", "unknown"),
            ("caroline@example.org", "invited"),
            ("dave@example.com", "refused"),
        ],
    );
    stage.invite(&["@bob:node.example", "carol@example.com"]);
    let ran = stage.look(&["--json"]);
    let lines: Vec<Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let expected = [
        json!({ "invitee": "@bob:node.example", "outcome": "unknown", "room": "in_the_room",
            "membership": "invite" }),
        json!({ "invitee": "carol@example.com", "outcome": "unknown", "room": "ambiguous",
            "display_name": "car...@exa...", "alike": ["caroline@example.org"] }),
        json!({ "invitee": "dave@example.com", "outcome": "refused", "room": "not_seen" }),
    ];
    assert_eq!(lines, expected);
}

#[test]
fn http_status_precedes_reason() {
    let mut stage = Stage::set("http-status", &[]);
    let entry = json!({ "invitee": "@bob:node.example", "outcome": "unknown", "status": 504 });
    stage.text += &checked(&entry.to_string());
    fs::write(&stage.journal, &stage.text).unwrap();
    stage.invite(&["@bob:node.example"]);
    let expected = "unknown   in the room  @bob:node.example  504  invite\n";
    assert_eq!(stage.look(&[]).stdout, expected);
    let line: Value = serde_json::from_str(&stage.look(&["--json"]).stdout).unwrap();
    assert_eq!((&line["status"], &line["membership"]), (&json!(504), &json!("invite")));
}

#[test]
fn exit_status_is_what_is_left() {
    for (outcome, status) in [("unknown", 3), ("refused", 1), ("invited", 0), ("settled", 0)] {
        let stage = Stage::set(&format!("status-{outcome}"), &[("@bob:node.example", outcome)]);
        stage.invite(&["@bob:node.example"]);
        let ran = stage.look(&[]);
        assert_eq!(ran.status, status, "{ran:?}");
        // The room is only looked at if something is left to decide.
        assert_eq!(stage.world.requests().len(), usize::from(status > 0));
    }
}

#[test]
fn unreadable_room_says_what_to_do() {
    let stage = Stage::set("unreadable", &[("@bob:node.example", "unknown")]);
    let stranger = stage.world.add_user("@mallory:node.example");
    let look = || {
        let mut command = stage.command(&["journal"]);
        command.arg(&stage.journal).arg("--look");
        command
    };
    let unreachable = || {
        let mut command = decide_in(&stage.journal);
        command.args(["--look", "--node", &unreachable_url()]);
        command.env("SDN_ACCESS_TOKEN", &stage.alice);
        command
    };
    for (mut command, token, advice) in [
        (look(), &*stranger, "use the token of a user who is in the room"),
        (look(), "nonsense", "run `sdn login`"),
        (unreachable(), &stage.alice, "check --node, and run the command again"),
    ] {
        let ran = run(command.env("SDN_ACCESS_TOKEN", token));
        assert_eq!((ran.status, &*ran.stdout), (1, ""), "{ran:?}");
        let problem = format!("sdn: cannot read the room {}: ", stage.room);
        assert!(ran.stderr.contains(&problem), "{ran:?}");
        assert!(ran.stderr.contains(advice), "{ran:?}");
        stage.check_unchanged();
    }
}

#[test]
fn bad_input_sends_nothing() {
    let stage = Stage::set("bad-input", &[("@bob:node.example", "unknown")]);
    let ran = run(decide_in(&stage.journal).arg("--look"));
    assert_eq!((ran.status, &*ran.stdout), (2, ""), "{ran:?}");
    assert!(ran.stderr.contains("not given; give your node's URL"), "{ran:?}");
    for option in ["--settle", "--retry"] {
        let ran = stage.look(&[option, "unknown"]);
        assert_eq!((ran.status, &*ran.stdout), (2, ""), "{ran:?}");
    }
    assert!(stage.world.requests().is_empty());

    // Version 1 has no check values.
    let header = json!({ "journal": "sdn invite", "room": "nonsense", "version": 1 });
    let entry = json!({ "invitee": "@bob:node.example", "outcome": "unknown" });
    fs::write(&stage.journal, format!("{header}\n{entry}\n")).unwrap();
    let ran = run(stage.command(&["journal"]).arg(&stage.journal).arg("--look"));
    assert_eq!((ran.status, &*ran.stdout), (2, ""), "{ran:?}");
    assert!(ran.stderr.contains("the journal's room: does not begin with '!'"), "{ran:?}");
}

#[test]
fn configured_node_is_looked_at() {
    let stage = Stage::set("configured", &[("@bob:node.example", "unknown")]);
    let config = Path::new(env!("CARGO_TARGET_TMPDIR")).join("look-config");
    fs::create_dir_all(config.join("sdn")).unwrap();
    let write = |text: &str| fs::write(config.join("sdn/config.toml"), text).unwrap();
    let with = |options: &[&str]| {
        let mut command = decide_in(&stage.journal);
        command.env("XDG_CONFIG_HOME", &config).env("SDN_ACCESS_TOKEN", &stage.alice);
        run(command.args(options))
    };
    write(&format!("node = \"{}\"\n", stage.server.base_url()));
    let ran = with(&["--look"]);
    let expected = "unknown   not seen     @bob:node.example\n";
    assert_eq!((ran.status, &*ran.stdout), (3, expected), "{ran:?}");
    // Without `--look`, no node is needed.
    write("nonsense");
    assert_eq!(with(&[]).status, 3);
    assert_eq!(with(&["--look"]).status, 2);
}

#[test]
fn rate_limit_is_waited_for() {
    let stage = Stage::set("rate-limit", &[("@bob:node.example", "unknown")]);
    for (options, status) in [(&[][..], 1), (&["--wait", "5"], 3)] {
        let limit = Response::builder().status(429).header("retry-after", "1");
        let body = r#"{"errcode":"M_LIMIT_EXCEEDED","error":"Too many requests"}"#;
        stage.world.respond_next(limit.body(Bytes::from(body)).unwrap());
        let ran = stage.look(options);
        assert_eq!(ran.status, status, "{ran:?}");
    }
    assert_eq!(stage.world.requests().len(), 3);
}

#[test]
fn domain_is_asked_for_its_node() {
    let stage = Stage::set("domain", &[("@bob:node.example", "unknown")]);
    let domain = stage.world.serve_tls().unwrap();
    let file = format!("{}/look_ca.pem", env!("CARGO_TARGET_TMPDIR"));
    fs::write(&file, domain.ca_pem().unwrap()).unwrap();
    stage.world.set_discovery("node.example", &stage.server.base_url(), None);
    let mut command = decide_in(&stage.journal);
    command.args(["--look", "--ca-file", &file, "--node", &format!("localhost:{}", domain.port())]);
    let ran = run(command.env("SDN_ACCESS_TOKEN", &stage.alice));
    let expected = "unknown   not seen     @bob:node.example\n";
    assert_eq!((ran.status, &*ran.stdout), (3, expected), "{ran:?}");
    let shown = format!("sdn: the node is {}/\n", stage.server.base_url());
    assert!(ran.stderr.starts_with(&shown), "{ran:?}");
    stage.check_unchanged();
}
