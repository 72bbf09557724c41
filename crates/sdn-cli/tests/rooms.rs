//! Rooms: aliases and links, lists, creation, and withdrawn invitations.

mod common;

use std::fs;
use std::process::Command;

use common::list::{from, journal, list};
use common::{ACCESS_TOKEN, answer, invite, run, sdn};
use sdn_testkit::script::{ScriptedServer, serve_in_turn};
use serde_json::{Value, json};

const ROOM_ID: &str = "!room:node.example";
const BOB: &str = "@bob:node.example";
const DIRECTORY: &str = "GET /_api/client/v3/directory/room/%23lobby%3Anode.example";
const INVITE: &str = "POST /_api/client/v3/rooms/!room%3Anode.example/invite";

fn ok(body: &Value) -> String {
    answer("200 OK", "", &body.to_string())
}

fn no(status: &str, code: &str) -> String {
    answer(status, "", &json!({ "errcode": code, "error": "No" }).to_string())
}

fn found() -> String {
    ok(&json!({ "room_id": ROOM_ID, "servers": ["node.example"] }))
}

fn done() -> String {
    ok(&json!({}))
}

fn at(server: &ScriptedServer, arguments: &[&str]) -> Command {
    let mut command = sdn();
    command.args(arguments).args(["--node", &server.base_url(), "--timeout", "10"]);
    command
}

fn calls(server: &ScriptedServer) -> Vec<String> {
    let calls = server.requests().into_iter().map(|request| {
        assert_eq!(request.header("authorization"), Some(&*format!("Bearer {ACCESS_TOKEN}")));
        format!("{} {}", request.method, request.path)
    });
    calls.collect()
}

#[test]
fn aliases_and_links_name_rooms() {
    for (room, is_looked_up) in [
        (ROOM_ID, false),
        ("https://matrix.to/#/!room:node.example?via=node.example", false),
        ("https://matrix.to/#/!room%3Anode.example/$event", false),
        ("matrix:roomid/room:node.example", false),
        ("#lobby:node.example", true),
        ("https://matrix.to/#/%23lobby:node.example", true),
        ("matrix:r/lobby:node.example", true),
    ] {
        let answers = if is_looked_up { vec![found(), done()] } else { vec![done()] };
        let answers: Vec<_> = answers.iter().map(String::as_str).collect();
        let server = serve_in_turn(&answers);
        let ran = run(&mut at(&server, &["invite", room, BOB]));
        assert_eq!((ran.status, &*ran.stdout), (0, "invited   @bob:node.example\n"), "{ran:?}");
        let wanted = if is_looked_up { &[DIRECTORY, INVITE][..] } else { &[INVITE] };
        assert_eq!(calls(&server), wanted, "{room}");
    }
}

#[test]
fn every_command_takes_an_alias() {
    let state = ok(&json!([]));
    let looked = ok(&json!({ "membership": "invite" }));
    let key = "Dw9c7m9I2epmukp8VXMtQz9k7C23UzTTxI9kT8EtZ4E";
    let me = ok(&json!({ "user_id": "@alice:node.example" }));
    for (arguments, answers, last) in [
        (&["pending", "#lobby:node.example"][..], vec![state], "/state"),
        (&["revoke", "#lobby:node.example", BOB], vec![looked, done()], "/kick"),
        (
            &["accept", "#lobby:node.example", "tok", "--sender", BOB, "--id-server", "id.example"],
            vec![me, ok(&json!({ "room_id": ROOM_ID }))],
            "/join",
        ),
    ] {
        let answers = [vec![found()], answers].concat();
        let answers: Vec<_> = answers.iter().map(String::as_str).collect();
        let server = serve_in_turn(&answers);
        let ran = run(at(&server, arguments).env("SDN_INVITE_KEY", key));
        assert_eq!(ran.status, 0, "{ran:?}");
        let calls = calls(&server);
        assert_eq!(calls[0], DIRECTORY);
        let last = format!("rooms/!room%3Anode.example{last}");
        assert!(calls.last().unwrap().ends_with(&last), "{calls:?}");
    }
}

#[test]
fn unknown_alias_invites_nobody() {
    let list = list("alias", "@bob:node.example\n");
    for (response, wanted) in [
        (
            no("404 Not Found", "M_NOT_FOUND"),
            "M_NOT_FOUND: No; check the alias, or give the room's ID, which `sdn rooms` lists",
        ),
        (ok(&json!({ "room_id": "nonsense" })), "200 OK"),
        (String::new(), "connection"),
    ] {
        let server = serve_in_turn(&[&response]);
        let mut command = at(&server, &["invite", "#lobby:node.example"]);
        let ran = run(command.arg("--from").arg(&list));
        assert_eq!((ran.status, &*ran.stdout), (1, ""), "{ran:?}");
        assert!(ran.stderr.contains("cannot look up #lobby:node.example: "), "{ran:?}");
        assert!(ran.stderr.contains(wanted), "{ran:?}");
        assert_eq!(server.requests().len(), 1);
        assert!(!journal(&list).exists());
    }
}

#[test]
fn journal_stores_the_room_id() {
    let list = list("room-id", "@bob:node.example\n");
    let server = serve_in_turn(&[&found(), &done()]);
    let mut command = at(&server, &["invite", "#lobby:node.example"]);
    assert_eq!(run(command.arg("--from").arg(&list)).status, 0);
    let text = fs::read_to_string(journal(&list)).unwrap();
    assert!(text.contains(&format!(r#""room":"{ROOM_ID}""#)) && !text.contains("lobby"), "{text}");
    // So the journal belongs to the room under each of its names, and to no other room.
    let server = serve_in_turn(&[]);
    assert_eq!(run(&mut from(&list, &server.base_url())).status, 0);
    let server = serve_in_turn(&[&ok(&json!({ "room_id": "!other:node.example" }))]);
    let mut command = at(&server, &["invite", "#lobby:node.example"]);
    let ran = run(command.arg("--from").arg(&list));
    assert!(ran.status == 2 && ran.stderr.contains("the journal of another room"), "{ran:?}");
}

#[test]
fn dry_run_rejects_alias() {
    let server = serve_in_turn(&[]);
    let url = server.base_url();
    let ran = run(invite(&url, &[BOB]).args(["--dry-run", "--print-requests"]));
    let dry =
        |room: &str| run(&mut at(&server, &["invite", room, BOB, "--dry-run", "--print-requests"]));
    let link = dry("matrix:roomid/room:node.example");
    assert_eq!((link.status, &link.stdout), (0, &ran.stdout));
    for alias in ["#lobby:node.example", "matrix:r/lobby:node.example"] {
        let ran = dry(alias);
        assert_eq!((ran.status, &*ran.stdout), (2, ""), "{ran:?}");
        assert!(ran.stderr.contains("because a dry run sends nothing"), "{ran:?}");
    }
    assert!(server.requests().is_empty());
}

#[test]
fn joined_rooms_are_listed() {
    let rooms = ok(&json!({ "joined_rooms": [ROOM_ID, "!b\u{1b}[2J:node.example"] }));
    let server = serve_in_turn(&[&rooms, &rooms, &ok(&json!({ "joined_rooms": [] }))]);
    let ran = run(&mut at(&server, &["rooms"]));
    assert_eq!(ran.stdout, "!room:node.example\n!b\\u{1b}[2J:node.example\n", "{ran:?}");
    let ran = run(&mut at(&server, &["rooms", "--json"]));
    assert_eq!(ran.stdout.lines().next(), Some(r#"{"room_id":"!room:node.example"}"#), "{ran:?}");
    let ran = run(&mut at(&server, &["rooms"]));
    assert_eq!((ran.status, &*ran.stdout), (0, ""), "{ran:?}");
    assert!(ran.stderr.contains("you have not joined any room"), "{ran:?}");
    assert_eq!(calls(&server), ["GET /_api/client/v3/joined_rooms"; 3]);
}

const CREATE: &str = "POST /_api/client/v3/createRoom";

#[test]
fn created_room_gets_invitations() {
    let created = ok(&json!({ "room_id": ROOM_ID }));
    let server = serve_in_turn(&[&created, &done(), &no("403 Forbidden", "M_FORBIDDEN")]);
    let mut command = at(&server, &["create", "Reading group", BOB, "@carol:node.example"]);
    let ran = run(&mut command);
    assert_eq!(ran.status, 1, "{ran:?}");
    let lines: Vec<_> = ran.stdout.lines().collect();
    assert_eq!(lines[..2], ["created   !room:node.example", "invited   @bob:node.example"]);
    assert!(lines[2].starts_with("refused   @carol:node.example  403"), "{ran:?}");
    assert_eq!(calls(&server), [CREATE, INVITE, INVITE]);
    let body: Value = serde_json::from_slice(&server.requests()[0].body).unwrap();
    let wanted =
        json!({ "name": "Reading group", "preset": "private_chat", "visibility": "private" });
    assert_eq!(body, wanted);

    let server = serve_in_turn(&[&created]);
    let ran = run(&mut at(&server, &["create", "Alone", "--json"]));
    assert_eq!(ran.stdout, "{\"outcome\":\"created\",\"room_id\":\"!room:node.example\"}\n");
}

#[test]
fn only_rate_limit_repeats_creation() {
    let limited = answer(
        "429 Too Many Requests",
        "retry-after: 1\r\n",
        r#"{"errcode":"M_LIMIT_EXCEEDED","error":"Slow down"}"#,
    );
    let created = ok(&json!({ "room_id": ROOM_ID }));
    let server = serve_in_turn(&[&limited, &created]);
    let ran = run(at(&server, &["create", "Name"]).args(["--wait", "10"]));
    assert_eq!((ran.status, calls(&server).len()), (0, 2), "{ran:?}");

    for (response, word, status) in [
        (limited, "not_sent", 1),
        (no("401 Unauthorized", "M_UNKNOWN_TOKEN"), "not_sent", 1),
        (no("403 Forbidden", "M_FORBIDDEN"), "refused", 1),
        (answer("504 Gateway Timeout", "", "<html>"), "unknown", 3),
        (ok(&json!({})), "unknown", 3),
        (String::new(), "unknown", 3),
    ] {
        let server = serve_in_turn(&[&response, &created]);
        let ran = run(at(&server, &["create", "Name", BOB]).arg("--json"));
        let line: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!((ran.status, &line["outcome"]), (status, &word.into()), "{ran:?}");
        assert_eq!(calls(&server), [CREATE], "{word}");
        let has_advice = line["message"].as_str().unwrap().contains("check with `sdn rooms`");
        assert_eq!(has_advice, word == "unknown", "{ran:?}");
    }
    let ran = run(&mut at(&serve_in_turn(&[]), &["create", " ", "bob"]));
    assert!(ran.status == 2 && ran.stderr.contains("NAME: empty; give"), "{ran:?}");
    assert!(ran.stderr.contains("INVITEE 1: not an e-mail"), "{ran:?}");
}

const MEMBER: &str =
    "GET /_api/client/v3/rooms/!room%3Anode.example/state/m.room.member/%40bob%3Anode.example";
const KICK: &str = "POST /_api/client/v3/rooms/!room%3Anode.example/kick";

#[test]
fn only_an_invitation_is_withdrawn() {
    let member = |membership: &str| ok(&json!({ "membership": membership }));
    for (user, looked, word, status, is_sent) in [
        (BOB, member("invite"), "revoked", 0, true),
        ("https://matrix.to/#/@bob:node.example", member("invite"), "revoked", 0, true),
        ("matrix:u/bob:node.example", member("invite"), "revoked", 0, true),
        (BOB, member("leave"), "revoked before", 0, false),
        (BOB, member("join"), "not found", 1, false),
        (BOB, member("ban"), "not found", 1, false),
        (BOB, no("404 Not Found", "M_NOT_FOUND"), "not found", 1, false),
        (BOB, no("403 Forbidden", "M_FORBIDDEN"), "not sent", 1, false),
        (BOB, answer("504 Gateway Timeout", "", "<html>"), "not sent", 1, false),
        (BOB, String::new(), "not sent", 1, false),
    ] {
        let server = serve_in_turn(&[&looked, &done()]);
        let ran = run(&mut at(&server, &["revoke", ROOM_ID, user]));
        assert_eq!((ran.status, &*ran.stdout), (status, &*format!("{word}  {BOB}\n")), "{ran:?}");
        let wanted = if is_sent { &[MEMBER, KICK][..] } else { &[MEMBER] };
        assert_eq!(calls(&server), wanted, "{word}");
    }
    for (kicked, word, status) in [
        (no("403 Forbidden", "M_FORBIDDEN"), "refused", 1),
        (no("429 Too Many Requests", "M_LIMIT_EXCEEDED"), "not_sent", 1),
        (String::new(), "unknown", 3),
    ] {
        let server = serve_in_turn(&[&member("invite"), &kicked]);
        let ran = run(at(&server, &["revoke", ROOM_ID, BOB]).arg("--json"));
        let line: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!((ran.status, &line["outcome"]), (status, &word.into()), "{ran:?}");
        assert_eq!(line["user_id"], BOB);
    }
    let wallet = "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf";
    let server = serve_in_turn(&[&member("invite"), &done()]);
    let ran = run(&mut at(&server, &["revoke", ROOM_ID, wallet]));
    assert!(ran.stdout.starts_with("revoked  @sdn_7e5f4552091a"), "{ran:?}");
    for address in ["alice@example.com", "+1 800 555 2067", "Alice <alice@example.com>", ""] {
        let ran = run(&mut at(&server, &["revoke", ROOM_ID, address]));
        let wanted = "TOKEN or USER: expects a user ID, or a token as `sdn pending` prints it";
        assert!(ran.status == 2 && ran.stderr.contains(wanted), "{ran:?}");
    }
}
