//! `sdn invite` with the testkit's node and identity server: the effects on a room.

mod common;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use common::{bare, run};
use sdn_testkit::World;
use serde_json::Value;

const ID_SERVER: &str = "id.example:8090";
const ALICE: &str = "@alice:node.example";
const INVITEES: [&str; 4] =
    ["bob@example.com", "dave@example.com", "+1 800 555 2067", "@carol:node.example"];

struct Stage {
    world: World,
    room: String,
    token: String,
    id_token: String,
}

impl Stage {
    fn set() -> Self {
        let world = World::new();
        world.add_node("node.example");
        world.add_identity_server(ID_SERVER);
        let token = world.add_user(ALICE);
        world.bind(ID_SERVER, "email", "bob@example.com", "@bob:node.example");
        world.bind(ID_SERVER, "msisdn", "18005552067", "@phil:node.example");
        Self {
            room: world.create_room(ALICE),
            id_token: world.register_identity(ID_SERVER, ALICE),
            token,
            world,
        }
    }

    fn invite(&self, url: &str, invitees: &[&str]) -> Command {
        let mut command = bare();
        command.arg("invite").arg(&self.room).args(invitees);
        command.args(["--node", url, "--id-server", ID_SERVER, "--timeout", "10"]);
        command.env("SDN_ACCESS_TOKEN", &self.token).env("SDN_ID_ACCESS_TOKEN", &self.id_token);
        command
    }

    /// Returns the types and state keys of the room's events, without the initial ones.
    fn events(&self) -> Vec<(String, String)> {
        let events = self.world.events(&self.room).into_iter();
        events.skip(3).map(|event| (event.kind, event.state_key.unwrap_or_default())).collect()
    }

    fn check_all_invited(&self) {
        let mail = |address| {
            let mails = self.world.mailbox(ID_SERVER, address);
            assert_eq!(mails.len(), 1, "{mails:?}");
            mails[0].token.clone()
        };
        let mailed = ("m.room.third_party_invite".to_owned(), mail("dave@example.com"));
        let member = |user: &str| ("m.room.member".to_owned(), user.to_owned());
        let events = self.events();
        let [bob, phil, carol] =
            ["@bob", "@phil", "@carol"].map(|user| member(&format!("{user}:node.example")));
        assert_eq!(events, [bob, mailed, phil, carol]);
    }
}

#[test]
fn every_kind_of_invitee_is_invited() {
    for options in [&[][..], &["--matrix"]] {
        let stage = Stage::set();
        let server = stage.world.serve().unwrap();
        let ran = run(stage.invite(&server.base_url(), &INVITEES).args(options));
        assert_eq!(ran.status, 0, "{ran:?}");
        stage.check_all_invited();
        let prefix = if options.is_empty() { "/_api/" } else { "/_matrix/" };
        assert!(stage.world.requests().iter().all(|request| request.path.starts_with(prefix)));
    }
}

#[test]
fn dry_run_prints_valid_requests() {
    let stage = Stage::set();
    let server = stage.world.serve().unwrap();
    for invitee in INVITEES {
        let dry = run(stage.invite(&server.base_url(), &[invitee]).args([
            "--dry-run",
            "--print-requests",
            "--show-secrets",
        ]));
        let mut stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.write_all(dry.stdout.as_bytes()).unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
    }
    stage.check_all_invited();
}

#[test]
fn tls_needs_trusted_root() {
    let stage = Stage::set();
    let server = stage.world.serve_tls().unwrap();
    let ran = run(&mut stage.invite(&server.base_url(), &INVITEES));
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stdout.lines().all(|line| line.starts_with("not sent")), "{ran:?}");
    assert!(stage.world.requests().is_empty());

    let file = format!("{}/ca.pem", env!("CARGO_TARGET_TMPDIR"));
    fs::write(&file, server.ca_pem().unwrap()).unwrap();
    let ran = run(stage.invite(&server.base_url(), &INVITEES).args(["--ca-file", &file]));
    assert_eq!(ran.status, 0, "{ran:?}");
    stage.check_all_invited();
}

#[test]
fn rate_limit_stops_invitations() {
    let stage = Stage::set();
    stage.world.limit_invitations(1, Duration::from_secs(400));
    let server = stage.world.serve().unwrap();
    let ran = run(stage.invite(&server.base_url(), &INVITEES).arg("--json"));
    assert_eq!(ran.status, 1, "{ran:?}");
    let lines: Vec<Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let outcomes: Vec<_> = lines.iter().map(|line| line["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["invited", "not_sent", "not_sent", "not_sent"]);
    assert_eq!(lines[1]["status"], 429);
    assert_eq!(lines[1]["errcode"], "M_LIMIT_EXCEEDED");
    assert_eq!(lines[1]["retry_after_ms"], 400_000);
    assert_eq!(stage.world.requests().len(), 2);
}

#[test]
fn reasons_of_the_node_are_printed() {
    let stage = Stage::set();
    let stranger = stage.world.add_user("@mallory:node.example");
    stage.world.ban(&stage.room, "@carol:node.example");
    let server = stage.world.serve().unwrap();
    for (token, line, code) in [
        (&*stranger, "refused   @dave:node.example", "M_FORBIDDEN"),
        ("nonsense", "not sent  @dave:node.example", "M_UNKNOWN_TOKEN"),
        (&stage.token, "refused   @carol:node.example", "M_BAD_STATE"),
    ] {
        let (_, user) = line.rsplit_once(' ').unwrap();
        let mut command = stage.invite(&server.base_url(), &[user]);
        let ran = run(command.env("SDN_ACCESS_TOKEN", token));
        assert_eq!(ran.status, 1, "{ran:?}");
        assert!(ran.stdout.starts_with(&format!("{line}  40")), "{ran:?}");
        assert!(ran.stdout.contains(code), "{ran:?}");
    }
}

#[test]
fn whoami_and_pending_print_world() {
    let stage = Stage::set();
    let server = stage.world.serve().unwrap();
    let url = server.base_url();
    let ask = |arguments: &[&str]| {
        let mut command = bare();
        command.args(arguments).args(["--node", &url]).env("SDN_ACCESS_TOKEN", &stage.token);
        run(&mut command)
    };
    assert_eq!(ask(&["whoami"]).stdout, format!("{ALICE}\n"));
    let me: Value = serde_json::from_str(&ask(&["whoami", "--json"]).stdout).unwrap();
    assert_eq!(me["user_id"], ALICE);

    let none = ask(&["pending", &stage.room]);
    assert_eq!((none.status, &*none.stdout), (0, ""), "{none:?}");
    assert!(none.stderr.contains("no open invitation"), "{none:?}");

    run(&mut stage.invite(&url, &["dave@example.com", "@carol:node.example"]));
    let token = &stage.world.mailbox(ID_SERVER, "dave@example.com")[0].token;
    let ran = ask(&["pending", &stage.room]);
    assert_eq!((ran.status, ran.stdout.lines().count()), (0, 1), "{ran:?}");
    assert!(ran.stdout.starts_with(&format!("{token}  ")), "{ran:?}");
    assert!(ran.stdout.ends_with(&format!("  invited by {ALICE}\n")), "{ran:?}");
    let line: Value =
        serde_json::from_str(&ask(&["pending", &stage.room, "--json"]).stdout).unwrap();
    assert_eq!((&line["token"], &line["sender"]), (&token.as_str().into(), &ALICE.into()));
    assert!(!line["display_name"].as_str().unwrap().contains("dave@example.com"), "{line}");

    let unknown = ask(&["pending", "!other:node.example"]);
    assert_eq!((unknown.status, &*unknown.stdout), (1, ""), "{unknown:?}");
}
