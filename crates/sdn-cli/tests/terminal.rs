//! What is drawn on a terminal, which util-linux's `script` plays here, and is not drawn elsewhere.
#![cfg(unix)]

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::{Ran, RawServer, answer, invite, run};

fn list(name: &str, text: &str) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("terminal");
    fs::create_dir_all(&folder).unwrap();
    let list = folder.join(name);
    fs::write(&list, text).unwrap();
    let _ = fs::remove_file(folder.join(format!("{name}.journal")));
    list.to_str().unwrap().to_owned()
}

fn on_terminal(command: &Command, term: &str) -> Ran {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
    let words = [command.get_program()].into_iter().chain(command.get_args());
    let line: Vec<_> = words.map(|word| quoted(word.to_str().unwrap())).collect();
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", &line.join(" "), "/dev/null"]);
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => script.env(name, value),
            None => script.env_remove(name),
        };
    }
    run(script.env("TERM", term).env_remove("NO_COLOR"))
}

#[test]
fn a_terminal_shows_how_far_a_list_is_and_when_a_limit_ends() {
    if Command::new("script").arg("--version").output().is_err() {
        println!("there is no script here; install util-linux, or bsdutils with Debian");
        return;
    }
    let yes = answer("200 OK", "", "{}");
    let limit = answer("429 Too Many Requests", "retry-after: 2\r\n", "{}");
    let list_of_two = |name| list(name, "a@example.com\n@b:node.example\n");

    let server = RawServer::start(&[&limit, &yes, &yes]);
    let mut command = invite(&server.url, &[]);
    let ran = on_terminal(command.args(["--from", &list_of_two("drawn.csv")]), "xterm");
    assert_eq!(ran.status, 0, "{ran:?}");
    for wanted in ["0/2", "1/2", "going on in 2 s", "going on in 1 s"] {
        assert!(ran.stdout.contains(wanted), "no {wanted:?} in {ran:?}");
    }
    assert!(ran.stdout.contains("\u{1b}[32minvited "), "{ran:?}");
    // The bar leaves the lines to the outcomes.
    let last = ran.stdout.lines().last().unwrap();
    assert!(last.ends_with("sdn: of 2: 2 invited"), "{ran:?}");

    let server = RawServer::start(&[&limit, &yes]);
    let mut command = invite(&server.url, &["a@example.com"]);
    let ran = on_terminal(command.args(["--wait", "10"]), "xterm");
    assert!(ran.stdout.contains("going on in 1 s"), "{ran:?}");
    assert!(!ran.stdout.contains("1/1"), "{ran:?}");

    // Neither a dumb terminal nor a pipe gets anything but lines.
    let server = RawServer::start(&[&limit, &yes, &yes]);
    let mut command = invite(&server.url, &[]);
    let ran = on_terminal(command.args(["--from", &list_of_two("dumb.csv")]), "dumb");
    assert!(ran.stdout.contains("waiting 2 s") && !ran.stdout.contains('\u{1b}'), "{ran:?}");
    let server = RawServer::start(&[&limit, &yes, &yes]);
    let ran = run(invite(&server.url, &[]).args(["--from", &list_of_two("pipe.csv")]));
    assert_eq!(ran.stdout, "invited   a@example.com\ninvited   @b:node.example\n");
    assert_eq!(ran.stderr, "sdn: the node limits its rate; waiting 2 s\nsdn: of 2: 2 invited\n");
}
