//! Invalid input: each rule has its own message, all are reported at once, and nothing is sent.

mod common;

use std::fs;
use std::net::TcpListener;
use std::process::Command;

use common::{bare, run, sdn};

/// A node that must not receive a request.
struct Untouched(TcpListener);

impl Untouched {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    fn url(&self) -> String {
        format!("http://{}", self.0.local_addr().unwrap())
    }

    fn check(&self, command: &mut Command, wanted: &[&str]) {
        let ran = run(command);
        assert_eq!(ran.status, 2, "{ran:?}");
        assert_eq!(ran.stdout, "");
        for text in wanted {
            assert!(ran.stderr.contains(text), "no {text:?} in {}", ran.stderr);
        }
        assert!(self.0.accept().is_err(), "something was sent");
    }
}

#[test]
fn each_bad_value_has_a_message() {
    let node = Untouched::new();
    let url = node.url();
    let (room, id) = ("!room:node.example", "id.example:8090");
    let alice = "alice@example.com";
    let query = format!("{url}/?x=1");
    let path = format!("{url}/sub");
    for (room, invitee, node_url, id_server, wanted) in [
        ("#lobby", alice, &*url, id, "ROOM: has no server part"),
        ("@bob:node.example", alice, &url, id, "ROOM: this is a user, not a room"),
        ("https://matrix.to/#/", alice, &url, id, "ROOM: the link does not name a user or a room"),
        ("matrix:u/bob:node.example", alice, &url, id, "ROOM: this is a user, not a room"),
        (alice, room, &url, id, "ROOM: this is an address, not a room; give the room before the"),
        ("+18005552067", alice, &url, id, "ROOM: this is an address, not a room"),
        (alice, room, &url, id, "INVITEE 1: this is a room, not a user; name a user"),
        ("room:node.example", alice, &url, id, "ROOM: does not begin with '!'"),
        ("", alice, &url, id, "ROOM: empty"),
        (
            "!r:node.example?via=x",
            alice,
            &url,
            id,
            "ROOM: has a query; remove the '?' and everything after it",
        ),
        ("!r:node.example ", alice, &url, id, "ROOM: has white space at its beginning or end"),
        ("!r%3Anode.example", alice, &url, id, "ROOM: is percent-encoded; write it as"),
        (
            room,
            "Alice <alice@example.com>",
            &url,
            id,
            "INVITEE 1 \"Alice <alice@example.com>\": has a display name; give only the address",
        ),
        (room, "<alice@example.com>", &url, id, "has angle brackets"),
        (room, "mailto:alice@example.com", &url, id, "this is a mailto: link"),
        (room, "a@b@example.com", &url, id, "more than one '@'"),
        (
            room,
            "bob@example.com\u{200b}",
            &url,
            id,
            "\"bob@example.com\\u{200b}\": contains an invisible character: zero width space (U+200B)",
        ),
        (room, "https://example.com/?m=a@example.com", &url, id, "this is a URL"),
        (room, "alice@example.com/home", &url, id, "the part after the '@' is not a domain"),
        (room, "alice@example.com,", &url, id, "ends with ',', which is not part of an address"),
        (room, "alice@example.com;", &url, id, "ends with ';', which is not part of an address"),
        (room, "alice@[192.0.2.1]", &url, id, "has an IP address after the '@'"),
        (room, "al(x)@example.com", &url, id, "before the '@'; remove it, or quote everything"),
        (room, "18005552067.0", &url, id, "ends in decimals such as '.0', as spreadsheets write"),
        (room, "+1 800 555 2067.0", &url, id, "export the column as text"),
        (room, "1.80055E+10", &url, id, "has an exponent"),
        (room, "tel:+18005552067", &url, id, "this is a tel: link; give only the number"),
        (
            room,
            "\u{202a}+18005552067",
            &url,
            id,
            "invisible character: text direction control (U+202A to U+202E); remove it",
        ),
        (
            room,
            "alice@example.com\nBcc: x",
            &url,
            id,
            "\"alice@example.com\\nBcc: x\": contains a control character",
        ),
        (room, "+1 800 FLOWERS", &url, id, "contains letters; write the number in digits"),
        (room, "030 901820", &url, id, "write + and the country code instead"),
        (room, "+44 (0)20 7946 0958", &url, id, "contains '(0)'"),
        (room, "@bob", &url, id, "has no server part; add one, such as :node.example"),
        (room, "bob", &url, id, "INVITEE 1: not an e-mail address, phone number, user ID"),
        (room, "", &url, id, "INVITEE 1: not an e-mail"),
        (room, "0x7e5f", &url, id, "INVITEE 1 \"0x7e5f\": does not have 40 hex digits"),
        (room, "did:web:node.example", &url, id, "this is not a DID of a wallet"),
        (room, "https://matrix.to/#/#lobby:node.example", &url, id, "this is a room, not a user"),
        (
            room,
            alice,
            &url,
            "https://id.example",
            "--id-server (or SDN_ID_SERVER): has a scheme; give only host[:port]",
        ),
        (room, alice, &url, "id.example/path", "has a path; give only host[:port]"),
        (room, alice, &url, "id.example:99999", "the port is not a number"),
        (room, "@bob:node.example", &url, "", "--id-server (or SDN_ID_SERVER): empty"),
        (
            room,
            alice,
            &query,
            id,
            "--node (or SDN_NODE): has a query; remove the '?' and everything after it",
        ),
        (room, alice, &path, id, "end it with /"),
        (room, alice, "node.example/sub", id, "has no scheme; begin it with https://"),
        (room, alice, "ftp://node.example", id, "has a scheme other than https and http"),
        (room, alice, "http://node.example", id, "or allow it with --insecure-http"),
        (room, alice, "https://u:p@node.example", id, "contains a user name or password"),
    ] {
        let mut command = sdn();
        command.args(["invite", room, invitee, "--node", node_url, "--id-server", id_server]);
        node.check(&mut command, &["nothing was sent", wanted]);
    }
}

#[test]
fn every_command_rejects_pasted_room() {
    let node = Untouched::new();
    for arguments in [&["pending"][..], &["revoke"], &["accept", "--signed-by-server"]] {
        let mut command = sdn();
        command.args(arguments).arg("!r:node.example?via=x").env("SDN_INVITE_KEY", "A".repeat(43));
        if arguments[0] != "pending" {
            command.arg("fsCXflyz");
        }
        command.args(["--node", &node.url()]);
        node.check(&mut command, &["ROOM: has a query; remove the '?' and everything after it"]);
    }
}

#[test]
fn all_problems_are_reported_at_once() {
    let node = Untouched::new();
    let wanted = [
        "ROOM: ",
        "INVITEE 1 \"Alice <alice@example.com>\": ",
        "INVITEE 3 \"@bob\": ",
        "--node (or SDN_NODE): ",
        "--id-server (or SDN_ID_SERVER): ",
        "SDN_ACCESS_TOKEN: not set, and there is no login; see `sdn help tokens`",
        "--wait: ",
        "--timeout: ",
        "--ca-file: ",
        "--reason: ",
    ];
    let mut command = bare();
    command.args(["invite", "lobby", "Alice <alice@example.com>", "carol@example.com", "@bob"]);
    command.args(["--timeout", "soon", "--ca-file", "/nonexistent/ca.pem", "--reason", "x"]);
    command.arg("--wait=ages");
    node.check(&mut command, &wanted);
    assert_eq!(run(&mut command).stderr.lines().count(), 1 + wanted.len());
}

#[test]
fn tokens_are_checked_wherever_they_are() {
    let node = Untouched::new();
    let directory = env!("CARGO_TARGET_TMPDIR");
    let (two, long, empty) = ("bad-two", "bad-long", "bad-empty");
    let path = |name: &str| format!("{directory}/{name}");
    fs::write(path(two), "syt_one\nsyt_two\n").unwrap();
    fs::write(path(long), "s".repeat(100_000)).unwrap();
    fs::write(path(empty), "\n").unwrap();
    for (file, wanted) in [
        (path(two), "--access-token-file: contains a character that is not visible ASCII"),
        (path(long), "--access-token-file: longer than 8192 bytes"),
        (path(empty), "--access-token-file: empty"),
        (path("missing"), "--access-token-file: cannot read the file"),
        (directory.to_owned(), "--access-token-file: cannot read the file"),
    ] {
        let mut command = sdn();
        command.args(["invite", "!a:b", "@bob:b", "--node", &node.url()]);
        node.check(command.args(["--access-token-file", &file]), &[wanted]);
    }
    let mut command = sdn();
    command.args(["invite", "!a:b", "@bob:b", "--node", &node.url()]);
    node.check(
        command.env("SDN_ACCESS_TOKEN", "syt_one\r\nsyt_two"),
        &["SDN_ACCESS_TOKEN: contains a character that is not visible ASCII"],
    );
}

#[test]
fn wrong_command_line_is_bad_input() {
    let node = Untouched::new();
    for arguments in [
        &["invite"][..],
        &["invite", "!a:b"],
        &["invite", "!a:b", "@bob:b", "--access-token", "syt_x"],
        &["invite", "!a:b", "@bob:b", "--show-secrets"],
        &["invite", "!a:b", "@bob:b", "--dry-run", "--json"],
        &["nonsense"],
        &[],
    ] {
        node.check(sdn().args(arguments).env("SDN_NODE", node.url()), &["Usage"]);
    }
}

#[test]
fn reason_needs_user_ids_only() {
    let node = Untouched::new();
    let mut command = sdn();
    command.args(["invite", "!a:b", "@bob:b", "alice@example.com", "--reason", "You asked"]);
    command.args(["--node", &node.url(), "--id-server", "id.example"]);
    node.check(&mut command, &["--reason: ", "remove it, or invite only user IDs"]);
}

#[test]
fn ca_file_without_certificate_is_rejected() {
    let node = Untouched::new();
    for (name, content) in [
        ("ca-empty", ""),
        ("ca-text", "hello"),
        ("ca-broken", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
    ] {
        let file = format!("{}/{name}.pem", env!("CARGO_TARGET_TMPDIR"));
        fs::write(&file, content).unwrap();
        let mut command = sdn();
        command.args(["invite", "!a:b", "@bob:b", "--node", &node.url(), "--ca-file", &file]);
        node.check(&mut command, &["--ca-file: "]);
    }
}

#[test]
fn deeply_nested_journal_is_rejected() {
    let node = Untouched::new();
    let file = format!("{}/nested.journal", env!("CARGO_TARGET_TMPDIR"));
    for nesting in ["[", r#"{"journal":"#] {
        fs::write(&file, nesting.repeat(5_000) + "\n").unwrap();
        node.check(sdn().args(["journal", &file]), &["nested.journal: "]);
    }
}
