//! `sdn demo` runs anywhere, shows every step, and prints no token.
#![cfg(feature = "demo")]

mod common;

use std::process::Stdio;

use common::logins::{login, state, with, write};
use common::{Ran, bare, run};
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
    let sent: usize = ["    GET http", "    POST http", "    PUT http"].map(count).iter().sum();
    assert_eq!(count("200 OK"), sent, "all succeed: {ran:?}");
    assert_eq!(count("access-control-"), 0, "{ran:?}");
    assert_eq!(count(r#""id_access_token":"[redacted]""#), 2, "{ran:?}");
    // The room's members see the token, so only the mail's key is a secret.
    assert_eq!(count("mailed dave@example.com the token of the event above and a key"), 1);
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

#[cfg(unix)]
#[test]
fn each_step_shows_a_valid_command() {
    use std::process::Command;

    let shown = run(bare().arg("demo")).stdout;
    let commands: Vec<_> =
        shown.lines().filter_map(|line| line.strip_prefix("    $ sdn ")).collect();
    let words: Vec<_> = commands.iter().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(words, ["login", "invite", "invite", "invite", "accept"], "{shown}");
    let node = commands[0].strip_prefix("login --node ").unwrap();
    let state = state("demo");
    write(&state, &[login(node, "@alice:node.example", "t")]);
    for line in commands {
        let sdn = with(&state, &[]);
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("'{}' {line}", sdn.get_program().to_str().unwrap()));
        for (name, value) in sdn.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        shell.env("SDN_WALLET_KEY", Wallet::new(1).private_key());
        shell.env("SDN_INVITE_KEY", "Dw9c7m9I2epmukp8VXMtQz9k7C23UzTTxI9kT8EtZ4E");
        let ran = Ran::from(shell.output().unwrap());
        // The node has ended, which is the only error.
        assert_eq!(ran.status, 1, "{line}: {ran:?}");
        assert!(ran.all().contains("connect"), "{line}: {ran:?}");
    }
}

#[test]
fn demo_prints_no_secret() {
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
fn closed_stdout_is_not_an_error() {
    let mut child =
        bare().arg("demo").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}
