//! `sdn invite --dry-run`: the bytes that would be sent.

mod common;

use common::{answer, bare, invite, run, sdn};
use sdn_testkit::script::serve_in_turn;

const VERSION: &str = env!("CARGO_PKG_VERSION");

const ARGUMENTS: [&str; 10] = [
    "invite",
    "!room:node.example",
    "Alice@Example.com",
    "+1 800 555 2067",
    "--node",
    "https://node.example/sub/",
    "--id-server",
    "id.example:8090",
    "--dry-run",
    "--print-requests",
];

fn expected(token: &str, id_token: &str) -> String {
    let request = |address: &str, medium: &str| {
        let body = format!(
            r#"{{"address":"{address}","id_access_token":"{id_token}","id_server":"id.example:8090","medium":"{medium}"}}"#
        );
        format!(
            "POST /sub/_api/client/v3/rooms/!room%3Anode.example/invite HTTP/1.1\r\n\
             authorization: Bearer {token}\r\n\
             content-type: application/json\r\n\
             user-agent: sdn/{VERSION}\r\n\
             host: node.example\r\n\
             content-length: {}\r\n\
             \r\n\
             {body}",
            body.len()
        )
    };
    request("alice@example.com", "email") + "\r\n\r\n" + &request("18005552067", "msisdn")
}

#[test]
fn summary_is_printed_unless_requests_are() {
    let mut command = bare();
    command.args(["invite", "!a:b", "@bob:b", "@carol:b", "@bob:b", "--dry-run"]);
    command.args(["--node", "https://node.example"]);
    let ran = run(&mut command);
    assert_eq!((ran.status, &*ran.stdout), (0, "2 to invite, 1 given more than once\n"), "{ran:?}");
    let ran = run(sdn().args(ARGUMENTS).arg("--quiet"));
    assert_eq!(ran.status, 2, "{ran:?}");
}

#[test]
fn dry_run_redacts_and_needs_no_token() {
    let redacted = expected("[redacted]", "[redacted]");
    assert_eq!(run(sdn().args(ARGUMENTS)).stdout, redacted);
    let ran = run(bare().args(ARGUMENTS));
    assert_eq!((ran.status, ran.stdout, ran.stderr), (0, redacted, String::new()));

    let ran = run(sdn().args(ARGUMENTS).arg("--show-secrets"));
    assert_eq!(ran.stdout, expected(common::ACCESS_TOKEN, common::ID_ACCESS_TOKEN));
    let ran = run(bare().args(ARGUMENTS).arg("--show-secrets"));
    assert_eq!((ran.status, ran.stdout), (2, String::new()));
}

#[test]
fn dry_run_prints_exact_bytes() {
    let ok = answer("200 OK", "", "{}");
    let users = ["@bob:node.example", "@Bob Ünal\"\\:node.example"];
    let more: [&[&str]; 3] =
        [&["alice@example.com", users[0]], &users, &["+49 30/901820", users[1]]];
    for (invitees, options) in
        more.iter().zip([&["--matrix"][..], &["--reason", "so \"so\"\n"], &[]])
    {
        let server = serve_in_turn(&[&ok, &ok]);
        let dry = run(invite(&server.base_url(), invitees).args(options).args([
            "--dry-run",
            "--print-requests",
            "--show-secrets",
        ]));
        assert_eq!(dry.status, 0, "{dry:?}");
        assert!(server.requests().is_empty());

        let ran = run(invite(&server.base_url(), invitees).args(options));
        assert_eq!(ran.status, 0, "{ran:?}");
        let sent = dry.stdout.replacen("}\r\n\r\nPOST", "}POST", 1);
        assert_eq!(sent, String::from_utf8(server.received()).unwrap());
    }
}

#[test]
fn user_id_needs_no_identity_server() {
    let ran = run(bare()
        .args(["invite", "!a:b", "@bob:b", "--dry-run", "--print-requests", "--matrix"])
        .args(["--node", "http://test.example", "--insecure-http"]));
    assert_eq!(
        ran.stdout,
        format!(
            "POST /_matrix/client/v3/rooms/!a%3Ab/invite HTTP/1.1\r\n\
         authorization: Bearer [redacted]\r\n\
         content-type: application/json\r\n\
         user-agent: sdn/{VERSION}\r\n\
         host: test.example\r\n\
         content-length: 20\r\n\
         \r\n\
         {{\"user_id\":\"@bob:b\"}}"
        )
    );
    assert_eq!(ran.status, 0, "{ran:?}");
}

#[test]
fn environment_names_both_servers() {
    let mut command = sdn();
    command.args(["invite", "!a:b", "alice@example.com", "--dry-run", "--print-requests"]);
    command.env("SDN_NODE", "https://from.example").env("SDN_ID_SERVER", "id.example");
    let ran = run(&mut command);
    assert!(ran.stdout.contains("host: from.example\r\n"), "{ran:?}");
    assert!(ran.stdout.contains(r#""id_server":"id.example""#), "{ran:?}");
    let ran = run(command.args(["--node", "https://argument.example"]));
    assert!(ran.stdout.contains("host: argument.example\r\n"), "{ran:?}");
}

#[test]
fn token_files_precede_environment() {
    let file = |name: &str, content: &str| {
        let path = format!("{}/{name}", env!("CARGO_TARGET_TMPDIR"));
        std::fs::write(&path, content).unwrap();
        path
    };
    let mut command = sdn();
    command.args(ARGUMENTS).arg("--show-secrets");
    command.args(["--access-token-file", &file("token", "from_file\n")]);
    command.args(["--id-access-token-file", &file("id-token", "id_from_file\r\n")]);
    assert_eq!(run(&mut command).stdout, expected("from_file", "id_from_file"));
}

#[test]
fn zero_after_country_code_gets_note() {
    let ran = run(bare().args(ARGUMENTS).args(["+49 0151 1234567", "+39 06 1234 5678"]));
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.stdout.contains(r#""address":"4901511234567""#), "{ran:?}");
    let note = "sdn: INVITEE 3 \"+49 0151 1234567\": a 0 follows the country code; remove it, \
                unless it is dialled from abroad too\n";
    assert_eq!(ran.stderr, note);
}
