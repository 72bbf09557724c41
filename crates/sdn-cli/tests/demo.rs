//! `sdn demo` runs anywhere, shows what it promises, and no token.
#![cfg(feature = "demo")]

mod common;

use std::process::Stdio;

use common::{bare, run};

#[test]
fn demo_shows_every_step() {
    let ran = run(bare().arg("demo"));
    assert_eq!((ran.status, &*ran.stderr), (0, ""), "{ran:?}");
    let count = |text: &str| ran.stdout.lines().filter(|line| line.contains(text)).count();
    assert_eq!(count("/invite"), 3, "{ran:?}");
    assert_eq!(count("/openid/request_token"), 1, "{ran:?}");
    assert_eq!(count("/identity/v2/account/register"), 1, "one registration is enough: {ran:?}");
    assert_eq!(count("/join"), 1, "{ran:?}");
    assert_eq!(count("200 OK"), count("http://127.0.0.1:") - 1, "all succeed: {ran:?}");
    assert_eq!(count(r#""id_access_token":"[redacted]""#), 2, "{ran:?}");
    assert_eq!(count("mailed dave@example.com"), 1, "{ran:?}");
    let received = |text: &str| {
        let lines = ran.stdout.lines().filter(|line| line.starts_with("The room received "));
        lines.filter(|line| line.contains(text)).count()
    };
    assert_eq!(received("m.room.member (@bob:node.example)"), 1, "{ran:?}");
    assert_eq!(received("m.room.member (@carol:node.example)"), 1, "{ran:?}");
    assert_eq!(received("m.room.third_party_invite"), 1, "{ran:?}");
    assert!(received("m.room.member (@dave:node.example)") >= 1, "{ran:?}");
    assert_eq!(count(r#""membership": "join""#), 1, "{ran:?}");
    let last = ran.stdout.lines().last().unwrap();
    assert!(last.contains("@dave:node.example has joined !room1:node.example"), "{last}");
}

#[test]
fn it_shows_no_secret() {
    let ran = run(bare().arg("demo"));
    assert!(!ran.stdout.contains('\u{1b}'), "colours go to a terminal only");
    for token in ["node-token-", "identity-token-", "openid-token-", "open-id-"] {
        assert!(!ran.stdout.contains(token), "{ran:?}");
    }
    for line in ran.stdout.lines().filter(|line| line.contains("private_key")) {
        assert!(line.contains("[redacted]"), "{line}");
    }
}

#[test]
fn it_does_not_mind_when_nobody_reads() {
    let mut child =
        bare().arg("demo").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}
