//! `sdn demo` runs anywhere, shows what it promises, and no token.

mod common;

use std::process::Stdio;

use common::{bare, run};

#[test]
fn it_shows_every_exchange_and_what_it_did() {
    let ran = run(bare().arg("demo"));
    assert_eq!((ran.status, &*ran.stderr), (0, ""), "{ran:?}");
    assert_eq!(ran.stdout.matches("POST http://127.0.0.1:").count(), 3, "{ran:?}");
    assert_eq!(ran.stdout.matches("200 OK").count(), 3, "{ran:?}");
    assert_eq!(ran.stdout.matches("authorization: [redacted]").count(), 3, "{ran:?}");
    assert_eq!(ran.stdout.matches(r#""id_access_token":"[redacted]""#).count(), 2, "{ran:?}");
    let received = |text: &str| {
        let count = ran
            .stdout
            .lines()
            .filter(|line| line.starts_with("The room received ") && line.contains(text));
        count.count()
    };
    assert_eq!(received("m.room.member (@bob:node.example)"), 1, "{ran:?}");
    assert_eq!(received("m.room.member (@carol:node.example)"), 1, "{ran:?}");
    assert_eq!(received("m.room.third_party_invite"), 1, "{ran:?}");
    assert_eq!(received(""), 3, "{ran:?}");
    assert_eq!(ran.stdout.matches("mailed dave@example.com").count(), 1, "{ran:?}");
    assert!(!ran.stdout.contains('\u{1b}'), "colours go to a terminal only");
    for token in ["node-token-", "identity-token-"] {
        assert!(!ran.stdout.contains(token), "{ran:?}");
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
