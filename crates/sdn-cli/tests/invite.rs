//! `sdn invite` with a node in memory and with servers that misbehave: exit statuses and messages.

mod common;

use std::time::Instant;

use common::{answer, invite, run, sdn, unreachable_url};
use sdn_testkit::script::serve_in_turn;
use serde_json::{Value, json};

const ALICE: &str = "alice@example.com";
const PHONE: &str = "+1 800 555 2067";
const BOB: &str = "@bob:node.example";

fn json_lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn refusal(status: &str, code: &str, error: &str) -> String {
    answer(status, "", &json!({ "errcode": code, "error": error }).to_string())
}

fn invited() -> String {
    answer("200 OK", "", "{}")
}

#[test]
fn all_invited_is_status_0() {
    let server = serve_in_turn(&[&invited(), &invited(), &invited()]);
    let ran = run(&mut invite(&server.base_url(), &[ALICE, PHONE, BOB]));
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(ran.stdout, format!("invited   {ALICE}\ninvited   {PHONE}\ninvited   {BOB}\n"));
    assert_eq!(ran.stderr, "");
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn refusal_is_status_1_and_continues() {
    let no = refusal("403 Forbidden", "M_FORBIDDEN", "You are not in\nthe room");
    let server = serve_in_turn(&[&no, &invited()]);
    let ran = run(&mut invite(&server.base_url(), &[ALICE, BOB]));
    assert_eq!(ran.status, 1, "{ran:?}");
    assert_eq!(
        ran.stdout,
        format!("refused   {ALICE}  403 M_FORBIDDEN: You are not in\\nthe room\ninvited   {BOB}\n")
    );
}

#[test]
fn json_has_line_for_each_invitee() {
    let no = refusal("403 Forbidden", "M_FORBIDDEN", "\u{1b}[31mNo\u{9b}");
    let limit = answer("429 Too Many Requests", "retry-after: 400\r\n", "<html>");
    let server = serve_in_turn(&[&no, &invited(), &limit]);
    let invitees = [ALICE, PHONE, BOB, "@carol:node.example"];
    let ran = run(invite(&server.base_url(), &invitees).arg("--json"));
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(!ran.stdout.chars().any(|c| c.is_control() && c != '\n'), "{ran:?}");
    let lines = json_lines(&ran.stdout);
    assert!(lines[2]["message"].as_str().unwrap().starts_with("429 Too Many Requests"));
    assert_eq!(
        lines,
        [
            json!({
                "invitee": ALICE, "outcome": "refused", "status": 403, "errcode": "M_FORBIDDEN",
                "message": "\u{1b}[31mNo\u{9b}",
            }),
            json!({ "invitee": PHONE, "outcome": "invited", "status": 200 }),
            json!({
                "invitee": BOB, "outcome": "not_sent", "status": 429, "retry_after_ms": 400_000,
                "message": lines[2]["message"],
            }),
            json!({
                "invitee": "@carol:node.example", "outcome": "not_sent",
                "message": "skipped: the node limits the rate",
            }),
        ]
    );
}

/// A node checks the rate and the token before it reads the invitation.
#[test]
fn rejected_caller_is_not_sent() {
    let page = answer("429 Too Many Requests", "retry-after: 400\r\n", "<html>");
    for (response, status) in [
        (refusal("429 Too Many Requests", "M_LIMIT_EXCEEDED", "No"), 429),
        (page, 429),
        (refusal("401 Unauthorized", "M_UNKNOWN_TOKEN", "No"), 401),
        (answer("401 Unauthorized", "", "<html>"), 401),
        (refusal("403 Forbidden", "M_UNKNOWN_TOKEN", "No"), 403),
    ] {
        for invitee in [ALICE, BOB] {
            let server = serve_in_turn(&[&*response; 2]);
            let ran = run(&mut invite(&server.base_url(), &[invitee]));
            assert_eq!(ran.status, 1, "{ran:?}");
            assert!(ran.stdout.starts_with(&format!("not sent  {invitee}  {status}")), "{ran:?}");
            let ran = run(invite(&server.base_url(), &[invitee]).arg("--json"));
            assert_eq!(ran.status, 1, "{ran:?}");
            let line = &json_lines(&ran.stdout)[0];
            assert_eq!((&line["outcome"], &line["status"]), (&"not_sent".into(), &status.into()));
        }
    }
}

#[test]
fn unreachable_node_is_not_tried_again() {
    let ran = run(invite(&unreachable_url(), &[ALICE, BOB]).arg("--json"));
    assert_eq!(ran.status, 1, "{ran:?}");
    let lines = json_lines(&ran.stdout);
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|line| line["outcome"] == "not_sent"), "{lines:?}");
    assert!(lines[0]["message"].as_str().unwrap().contains("refused"), "{lines:?}");
    assert_eq!(lines[1]["message"], "skipped: an earlier invitation could not be sent");
}

#[test]
fn lost_connection_is_status_3() {
    let no = refusal("403 Forbidden", "M_FORBIDDEN", "No");
    let server = serve_in_turn(&[&no, "", &invited()]);
    let ran = run(&mut invite(&server.base_url(), &[BOB, ALICE, PHONE]));
    assert_eq!(ran.status, 3, "{ran:?}");
    let words: Vec<_> = ran.stdout.lines().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(words, ["refused", "unknown", "invited"]);
    assert!(ran.stderr.contains("second mail"), "{ran:?}");
    assert_eq!(server.requests().len(), 3, "none was sent twice");
}

#[test]
fn silent_node_is_status_3() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let start = Instant::now();
    let ran = run(sdn().args(["invite", "!a:b", BOB, "--timeout", "1", "--node", &url]));
    assert_eq!(ran.status, 3, "{ran:?}");
    assert!((1..10).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
}

#[test]
fn invalid_responses_are_unknown_or_refused() {
    for (status, body, outcome, exit) in [
        ("302 Found", "", "refused", 1),
        ("307 Temporary Redirect", "", "refused", 1),
        ("404 Not Found", "<html>", "refused", 1),
        ("200 OK", "", "unknown", 3),
        ("200 OK", "<html>", "unknown", 3),
        ("204 No Content", "", "unknown", 3),
        ("502 Bad Gateway", "<html>", "unknown", 3),
        ("504 Gateway Timeout", "<html>", "unknown", 3),
        ("500 Internal Server Error", r#"{"errcode":"M_UNKNOWN"}"#, "refused", 1),
    ] {
        let server = serve_in_turn(&[&answer(status, "location: /else\r\n", body)]);
        let ran = run(&mut invite(&server.base_url(), &[ALICE]));
        assert_eq!((ran.status, ran.stdout.split(' ').next()), (exit, Some(outcome)), "{ran:?}");
        assert!(ran.stdout.contains(&status[..3]), "{ran:?}");
    }
}

#[test]
fn unreachable_identity_server_is_explained() {
    let failure = refusal("500 Internal Server Error", "M_UNKNOWN", "Internal server error");
    let server = serve_in_turn(&[&failure]);
    let ran = run(&mut invite(&server.base_url(), &[ALICE]));
    assert!(
        ran.stdout.contains("the identity server cannot be reached; check its name"),
        "{ran:?}"
    );
    let cause = "(the node responded: 500 M_UNKNOWN: Internal server error): ";
    assert!(ran.stdout.contains(cause), "{ran:?}");
    let server = serve_in_turn(&[&failure]);
    let ran = run(&mut invite(&server.base_url(), &[BOB]));
    assert!(!ran.all().contains("identity server"), "{ran:?}");
}

#[test]
fn same_invitee_is_invited_once() {
    let server = serve_in_turn(&[&invited(), &invited()]);
    let ran = run(&mut invite(
        &server.base_url(),
        &[ALICE, "Alice@Example.COM", PHONE, "18005552067", ALICE],
    ));
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(ran.stdout, format!("invited   {ALICE}\ninvited   {PHONE}\n"));
    assert_eq!(ran.stderr.lines().count(), 3, "{ran:?}");
    assert!(ran.stderr.contains("INVITEE 2 \"Alice@Example.COM\": the same invitee as INVITEE 1"));
    assert_eq!(server.requests().len(), 2);
}

/// A message is printed even if standard output is closed.
#[cfg(unix)]
#[test]
fn closed_stdout_keeps_other_statuses() {
    use std::process::Stdio;
    for arguments in [
        &["revoke", "!a:node.example", "token"][..],
        &[
            "accept",
            "!a:node.example",
            "token",
            "--sender",
            "@a:node.example",
            "--id-server",
            "id.example",
        ],
    ] {
        let mut command = sdn();
        command
            .args(arguments)
            .args(["--node", &unreachable_url()])
            .env("SDN_INVITE_KEY", "YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1");
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        drop(child.stdout.take());
        assert_eq!(child.wait().unwrap().code(), Some(1), "{arguments:?}");
    }
}

#[cfg(unix)]
#[test]
fn closed_stdout_stops_invitations() {
    use std::process::Stdio;
    let server = serve_in_turn(&[&invited(), &invited()]);
    let mut child = invite(&server.base_url(), &[ALICE, BOB])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{stderr}");
    assert!(stderr.contains("nothing more is sent") && !stderr.contains("panicked"), "{stderr}");
    assert_eq!(server.requests().len(), 1);
}
