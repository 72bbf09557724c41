//! Runs the command on a terminal, which util-linux's `script` provides.

use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use super::Ran;

/// Returns the command as util-linux's `script` runs it, on a new terminal.
pub(crate) fn on_terminal(command: &Command, term: &str) -> Command {
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
    script.env("TERM", term);
    script
}

pub(crate) fn is_there_no_script() -> bool {
    let is_missing = Command::new("script").arg("--version").output().is_err();
    if is_missing {
        assert!(std::env::var_os("CI").is_none(), "there is no script here");
        println!("there is no script here; install util-linux, or bsdutils with Debian");
    }
    is_missing
}

/// Ends a command after a minute, so that an unexpected question does not block the test.
fn limited(command: &Command) -> Command {
    let mut limited = Command::new("timeout");
    limited.args(["--foreground", "60"]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => limited.env(name, value),
            None => limited.env_remove(name),
        };
    }
    limited
}

/// Runs a command on a terminal, and types an answer to its question.
pub(crate) fn answered(command: &Command, question: &str, typed: &str) -> Ran {
    let mut script = on_terminal(&limited(command), "xterm");
    let mut child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut shown = Vec::new();
    let mut read = |shown: &mut Vec<u8>| {
        let mut bytes = [0; 1024];
        let count = stdout.read(&mut bytes).unwrap();
        shown.extend_from_slice(&bytes[..count]);
        count
    };
    while !String::from_utf8_lossy(&shown).contains(question) {
        assert_ne!(read(&mut shown), 0, "{}", String::from_utf8_lossy(&shown));
    }
    // The terminal shows typed text until the command turns that off, shortly after the question.
    thread::sleep(Duration::from_millis(500));
    // Standard input stays open, because its end would be an answer.
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(typed.as_bytes()).unwrap();
    while read(&mut shown) > 0 {}
    Ran {
        status: child.wait().unwrap().code().unwrap(),
        stdout: String::from_utf8(shown).unwrap(),
        stderr: String::new(),
    }
}
