//! The commands with the testkit's node and identity server, from an invitation to the join.

mod common;

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use common::{Ran, bare, run};
use sdn_testkit::{Mail, Server, World};
use serde_json::Value;

const ID_SERVER: &str = "id.example:8090";
const ALICE: &str = "@alice:node.example";
const DAVE: &str = "@dave:node.example";
const ADDRESS: &str = "dave@example.com";
const TERMS: &str = "https://id.example/terms";

/// Alice's room, on a server that is both the node and the identity server.
struct Stage {
    world: World,
    server: Server,
    room: String,
    alice: String,
    dave: String,
}

impl Stage {
    fn set() -> Self {
        let world = World::new();
        world.add_identity_server(ID_SERVER);
        let [alice, dave] = [ALICE, DAVE].map(|user| world.add_user(user));
        world.bind(ID_SERVER, "email", "bob@example.com", "@bob:node.example");
        let room = world.create_room(ALICE);
        Self { server: world.serve().unwrap(), room, alice, dave, world }
    }

    /// Returns a command with only the node and a user's access token.
    fn command(&self, token: &str, arguments: &[&str]) -> Command {
        let mut command = bare();
        command.args(arguments).args(["--node", &self.server.base_url(), "--timeout", "10"]);
        command.env("SDN_ACCESS_TOKEN", token);
        command
    }

    /// Returns a command that also has the identity server.
    fn identity_command(&self, token: &str, arguments: &[&str]) -> Command {
        let mut command = self.command(token, arguments);
        command.args(["--id-server", ID_SERVER, "--id-server-url", &self.server.base_url()]);
        command
    }

    fn invite(&self, options: &[&str]) -> Ran {
        let mut command = self.identity_command(&self.alice, &["invite", &self.room, ADDRESS]);
        run(command.args(options))
    }

    fn mail(&self) -> Mail {
        let mails = self.world.mailbox(ID_SERVER, ADDRESS);
        let [mail] = mails.try_into().expect("one mail");
        mail
    }

    fn accept(&self, mail: &Mail, options: &[&str]) -> Ran {
        let arguments = ["accept", &mail.room_id, &mail.token];
        let mut command = self.identity_command(&self.dave, &arguments);
        run(command.args(options).env("SDN_INVITE_KEY", &mail.private_key))
    }

    /// Returns whether Dave is in the room.
    fn dave_has_joined(&self) -> bool {
        let events = self.world.events(&self.room);
        let of_dave = |event: &&sdn_testkit::Event| event.state_key.as_deref() == Some(DAVE);
        events.iter().rfind(of_dave).is_some_and(|event| event.content["membership"] == "join")
    }
}

#[test]
fn invitation_is_accepted_end_to_end() {
    for signed_by_server in [false, true] {
        let stage = Stage::set();
        let ran = stage.invite(&[]);
        assert_eq!((ran.status, &*ran.stdout), (0, "invited   dave@example.com\n"), "{ran:?}");
        let mail = stage.mail();
        let options: &[&str] =
            if signed_by_server { &["--signed-by-server"] } else { &["--sender", ALICE] };
        let ran = stage.accept(&mail, options);
        assert_eq!(ran.status, 0, "{ran:?}");
        assert_eq!(ran.stdout, format!("joined    {}\n", stage.room));
        assert!(stage.dave_has_joined());
        assert!(!ran.all().contains(&mail.private_key), "{ran:?}");
        let requests = stage.world.requests();
        let saw_key = requests
            .iter()
            .any(|request| String::from_utf8_lossy(&request.body).contains(&mail.private_key));
        assert_eq!(saw_key, signed_by_server, "the key is handed over only on request");
    }
}

#[test]
fn unclaimed_phone_number_gets_explanation() {
    let stage = Stage::set();
    let mut command = stage.identity_command(&stage.alice, &["invite", &stage.room]);
    let ran = run(command.args(["+1 800 555 2067"]));
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stdout.contains("; many identity servers cannot invite a phone number"), "{ran:?}");
    // Many such numbers do not stop the other invitations.
    let numbers = (0..6).map(|last| format!("+1 800 555 200{last}"));
    let mut many = stage.identity_command(&stage.alice, &["invite", &stage.room]);
    let ran = run(many.args(numbers).arg(ADDRESS));
    assert!(ran.stdout.ends_with("\ninvited   dave@example.com\n"), "{ran:?}");
    stage.world.bind(ID_SERVER, "msisdn", "18005552067", DAVE);
    assert_eq!(run(&mut command).stdout, "invited   +1 800 555 2067\n");
}

#[test]
fn revoked_invitation_is_refused() {
    let stage = Stage::set();
    assert_eq!(stage.invite(&[]).status, 0);
    let mail = stage.mail();
    let revoke = || run(&mut stage.command(&stage.alice, &["revoke", &stage.room, &mail.token]));
    assert_eq!(revoke().stdout, format!("revoked  {}\n", mail.token));
    assert_eq!(revoke().stdout, format!("revoked before  {}\n", mail.token));
    let ran = run(&mut stage.command(&stage.alice, &["pending", &stage.room]));
    assert_eq!((ran.status, &*ran.stdout), (0, ""), "{ran:?}");
    let ran = stage.accept(&mail, &["--sender", ALICE, "--json"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    let line: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(line["outcome"], "refused");
    assert!(!stage.dave_has_joined());
}

#[test]
fn wrong_value_from_mail_is_refused() {
    let stage = Stage::set();
    assert_eq!(stage.invite(&[]).status, 0);
    let good = stage.mail();
    let other = World::new().register_identity(ID_SERVER, DAVE);
    let wrong_token = Mail { token: other, ..good.clone() };
    for (mail, sender) in [(&wrong_token, ALICE), (&good, "@mallory:node.example")] {
        let ran = stage.accept(mail, &["--sender", sender]);
        assert_eq!(ran.status, 1, "{ran:?}");
        assert!(ran.stdout.starts_with("refused"), "{ran:?}");
    }
    let ran = stage.accept(&wrong_token, &["--signed-by-server"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stdout.starts_with("not sent") && ran.stdout.contains("check ROOM"), "{ran:?}");
    assert!(!stage.dave_has_joined());
}

#[test]
fn terms_are_accepted_only_by_option() {
    let stage = Stage::set();
    stage.world.add_policy(ID_SERVER, "terms_of_service", TERMS);
    let ran = stage.invite(&[]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.all().contains("--accept-terms"), "{ran:?}");
    assert!(stage.world.mailbox(ID_SERVER, ADDRESS).is_empty());
    let ran = stage.invite(&["--accept-terms"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.stderr.contains(TERMS), "{ran:?}");
    stage.mail();
}

#[test]
fn addresses_are_looked_up_by_hash() {
    let stage = Stage::set();
    stage.world.set_pepper(ID_SERVER, "a pepper+with/odd=signs");
    let arguments = ["whois", "bob@example.com", "nobody@example.com"];
    let ran = run(&mut stage.identity_command(&stage.alice, &arguments));
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(ran.stdout, "bob@example.com  @bob:node.example\nnobody@example.com  nobody\n");
    for request in stage.world.requests() {
        assert!(!String::from_utf8_lossy(&request.body).contains("bob@example.com"));
    }
}

#[test]
fn reasons_of_identity_server_are_printed() {
    let stage = Stage::set();
    let phone = "+1 800 555 2067";
    let mut command = stage.identity_command(&stage.alice, &["invite", &stage.room, phone]);
    let ran = run(&mut command);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stdout.starts_with("refused"), "{ran:?}");

    let nobody = common::unreachable_url();
    let mut command = stage.command(&stage.alice, &["invite", &stage.room, ADDRESS]);
    let ran = run(command.args(["--id-server", "elsewhere.example", "--id-server-url", &nobody]));
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stdout.starts_with("not sent"), "{ran:?}");
    assert!(stage.world.mailbox(ID_SERVER, ADDRESS).is_empty());
}

#[test]
fn domain_names_the_identity_server() {
    let stage = Stage::set();
    // The host in the identity server's URL is also its name for the node.
    let id_server = format!("localhost:{}", stage.server.port());
    let id_url = format!("http://{id_server}");
    stage.world.add_identity_server(&id_server);
    stage.world.set_discovery("node.example", &stage.server.base_url(), Some(&id_url));
    let mut command = stage.command(&stage.alice, &["invite", &stage.room, ADDRESS]);
    let ran = run(command.args(["--discover", &stage.server.base_url()]));
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(stage.world.mailbox(&id_server, ADDRESS).len(), 1);
}

fn run_with_input(command: &mut Command, input: &str) -> Ran {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap().into()
}

#[test]
fn link_of_mail_joins() {
    for (form, options) in [
        ("{}", &[][..]),
        ("{}\n", &["--sender", ALICE]),
        ("Hello,\r\n\r\nAlice invites you:\r\n  <{}>\r\n\r\nBye\r\n", &[]),
        ("{}\n", &["--signed-by-server"]),
    ] {
        let stage = Stage::set();
        assert_eq!(stage.invite(&[]).status, 0);
        let mail = stage.mail();
        let input = form.replace("{}", &mail.link);
        let mut command = stage.identity_command(&stage.dave, &["accept"]);
        let ran = run_with_input(command.args(options), &input);
        assert_eq!(ran.stdout, format!("joined    {}\n", stage.room), "{ran:?}");
        assert!(stage.dave_has_joined());
        assert!(!ran.all().contains(&mail.private_key), "{ran:?}");
    }
}

#[test]
fn link_names_room_and_identity_server() {
    let stage = Stage::set();
    assert_eq!(stage.invite(&[]).status, 0);
    let file = format!("{}/mail_link", env!("CARGO_TARGET_TMPDIR"));
    fs::write(&file, &stage.mail().link).unwrap();
    // The environment's identity server is a different one. It is not used, and neither is its URL.
    let mut command = stage.command(&stage.dave, &["accept", "--link-file", &file]);
    command.env("SDN_ID_SERVER", "elsewhere.example");
    let ran = run(command.args(["--id-server-url", &common::unreachable_url()]));
    assert_eq!(ran.stdout, format!("joined    {}\n", stage.room), "{ran:?}");
    assert!(stage.dave_has_joined());
}

#[test]
fn server_of_link_gets_no_key() {
    let stage = Stage::set();
    assert_eq!(stage.invite(&[]).status, 0);
    let seen = stage.world.requests().len();
    for name in [&[][..], &["--id-server", "elsewhere.example"]] {
        let mut command = stage.command(&stage.dave, &["accept", "--signed-by-server"]);
        let ran = run_with_input(command.args(name), &stage.mail().link);
        assert_eq!(ran.status, 2, "{ran:?}");
        assert!(ran.stderr.contains("or not the id.example:8090 of the link"), "{ran:?}");
    }
    assert_eq!(stage.world.requests().len(), seen);
}

#[test]
fn link_as_argument_is_refused() {
    let stage = Stage::set();
    assert_eq!(stage.invite(&[]).status, 0);
    let mail = stage.mail();
    let seen = stage.world.requests().len();
    for arguments in [
        &["accept", &mail.link][..],
        &["accept", &mail.link, "tok"],
        &["invite", &mail.link, ADDRESS],
        &["pending", &mail.link],
        &["revoke", &mail.link, "tok"],
    ] {
        let ran = run(stage.command(&stage.dave, arguments).env("SDN_ID_SERVER", ID_SERVER));
        assert_eq!(ran.status, 2, "{ran:?}");
        assert!(ran.stderr.contains("give it to `sdn accept` on standard input"), "{ran:?}");
        assert!(!ran.all().contains(&mail.private_key), "{ran:?}");
    }
    assert_eq!(stage.world.requests().len(), seen);
}

#[test]
fn bad_link_says_what_to_do() {
    let stage = Stage::set();
    assert_eq!(stage.invite(&[]).status, 0);
    let mail = stage.mail();
    let named = mail.link.replace("%40alice%3Anode.example", "Alice");
    let half = &mail.link[..mail.link.find("private_key").unwrap() + 20];
    for (input, expected) in [
        ("", "link of the mail: invitation link: is not the link of an invitation mail; copy"),
        ("https://matrix.to/#/!r:node.example\n", "is not the link of an invitation mail; copy"),
        (half, "invitation private key: is not Base64"),
        (&*named, "--sender: not given; name the user who invited you"),
        (&*mail.link.replace("https%3A", "http%3A"), "would send tokens over plain http"),
    ] {
        let ran = run_with_input(&mut stage.identity_command(&stage.dave, &["accept"]), input);
        assert_eq!(ran.status, 2, "{input}: {ran:?}");
        assert!(ran.stderr.contains(expected), "{input}: {ran:?}");
        assert!(!ran.all().contains("Alice") && !ran.all().contains(&mail.private_key), "{ran:?}");
    }
    let ran = run(&mut stage.identity_command(&stage.dave, &["accept", &stage.room]));
    assert!(ran.stderr.contains("TOKEN: not given; give it, or leave out ROOM too"), "{ran:?}");
}

#[test]
#[cfg(target_os = "linux")]
fn link_is_typed_unseen() {
    if common::terminal::is_there_no_script() {
        return;
    }
    let stage = Stage::set();
    assert_eq!(stage.invite(&[]).status, 0);
    let mail = stage.mail();
    let command = stage.identity_command(&stage.dave, &["accept"]);
    let typed = format!("{}\n", mail.link);
    let ran = common::terminal::answered(&command, "The link of the invitation mail: ", &typed);
    assert!(ran.stdout.contains("joined"), "{ran:?}");
    assert!(stage.dave_has_joined());
    assert!(!ran.all().contains("signurl") && !ran.all().contains(&mail.private_key), "{ran:?}");
}
