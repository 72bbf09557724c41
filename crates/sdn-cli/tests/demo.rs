//! `sdn demo` runs anywhere, shows what it promises, and no token.
#![cfg(feature = "demo")]

mod common;

use std::process::Stdio;

use common::{bare, run};
use sdn_testkit::Wallet;

#[test]
fn demo_shows_every_step() {
    let ran = run(bare().arg("demo"));
    assert_eq!((ran.status, &*ran.stderr), (0, ""), "{ran:?}");
    let count = |text: &str| ran.stdout.lines().filter(|line| line.contains(text)).count();
    assert_eq!(count("/unstable/address/0x"), 1, "{ran:?}");
    assert_eq!(count("/did/pre_login1"), 1, "{ran:?}");
    assert_eq!(count("/did/login"), 1, "{ran:?}");
    assert_eq!(count("/invite"), 3, "{ran:?}");
    assert_eq!(count("/openid/request_token"), 1, "{ran:?}");
    assert_eq!(count("/identity/v2/account/register"), 1, "one registration is enough: {ran:?}");
    assert_eq!(count("/join"), 1, "{ran:?}");
    assert_eq!(count("200 OK"), count("http://127.0.0.1:") - 1, "all succeed: {ran:?}");
    assert_eq!(count("access-control-"), 0, "{ran:?}");
    assert_eq!(count(r#""id_access_token":"[redacted]""#), 2, "{ran:?}");
    assert_eq!(count("mailed dave@example.com"), 1, "{ran:?}");
    let received = |text: &str| {
        let lines = ran.stdout.lines().filter(|line| line.starts_with("The room received "));
        lines.filter(|line| line.contains(text)).count()
    };
    let [bob, carol, dave] = [2, 3, 4].map(|number| Wallet::new(number).user_id());
    assert_eq!(received(&format!("m.room.member ({bob})")), 1, "{ran:?}");
    assert_eq!(received(&format!("m.room.member ({carol})")), 1, "{ran:?}");
    assert_eq!(received("m.room.third_party_invite"), 1, "{ran:?}");
    assert!(received(&format!("m.room.member ({dave})")) >= 1, "{ran:?}");
    assert_eq!(count(r#""membership": "join""#), 1, "{ran:?}");
    assert_eq!(count(&format!("{dave} has joined")), 1, "{ran:?}");
}

#[test]
fn it_shows_no_secret() {
    let ran = run(bare().arg("demo"));
    assert!(!ran.stdout.contains('\u{1b}'), "colours go to a terminal only");
    let mut found = 0;
    for line in ran.stdout.lines().filter(|line| !line.starts_with("The room received ")) {
        for name in ["authorization: ", r#"token":""#, r#"private_key":""#, r#"signature":""#] {
            for (at, _) in line.match_indices(name) {
                assert!(line[at + name.len()..].starts_with("[redacted]"), "{line}");
                found += 1;
            }
        }
    }
    assert_eq!(found, 17, "eight tokens in headers, nine in bodies: {ran:?}");
    assert!(!ran.stdout.contains(&Wallet::new(1).private_key()), "{ran:?}");
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
