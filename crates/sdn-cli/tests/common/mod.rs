//! Runs the built `sdn`, with responses for it.
#![allow(dead_code, reason = "every test file uses a part of it")]

pub(crate) mod list;
pub(crate) mod logins;
#[cfg(unix)]
pub(crate) mod terminal;

use std::net::TcpListener;
use std::process::{Command, Output, Stdio};

pub(crate) const ACCESS_TOKEN: &str = "syt_planted_access_token";
pub(crate) const ID_ACCESS_TOKEN: &str = "planted_id_access_token";

/// The exit status and the output of a run.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code().expect("it was not killed"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    pub(crate) fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

/// Returns the command, without the environment variables that change its behaviour.
pub(crate) fn bare() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sdn"));
    for name in [
        "SDN_NODE",
        "SDN_ID_SERVER",
        "SDN_PROXY",
        "SDN_ACCESS_TOKEN",
        "SDN_ID_ACCESS_TOKEN",
        "SDN_INVITE_KEY",
        "SDN_WALLET_KEY",
        "SDN_DEVELOPER_KEY",
        "NO_COLOR",
        "CLICOLOR",
        "CLICOLOR_FORCE",
        "CI",
    ] {
        command.env_remove(name);
    }
    command.env("XDG_CONFIG_HOME", concat!(env!("CARGO_TARGET_TMPDIR"), "/no-config"));
    command.env("XDG_STATE_HOME", concat!(env!("CARGO_TARGET_TMPDIR"), "/no-state"));
    command.stdin(Stdio::null());
    command
}

/// Returns the command with both tokens in its environment.
pub(crate) fn sdn() -> Command {
    let mut command = bare();
    command.env("SDN_ACCESS_TOKEN", ACCESS_TOKEN).env("SDN_ID_ACCESS_TOKEN", ID_ACCESS_TOKEN);
    command
}

pub(crate) fn run(command: &mut Command) -> Ran {
    command.output().unwrap().into()
}

/// Returns `sdn invite` of `invitees` to `!room:node.example` at `node`. Its identity server does not exist.
pub(crate) fn invite(node: &str, invitees: &[&str]) -> Command {
    let mut command = sdn();
    command.args(["invite", "!room:node.example"]).args(invitees);
    command.args(["--node", node, "--id-server", "id.example:8090", "--timeout", "10"]);
    command
}

/// Returns a response after which the connection is closed.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
}

/// Returns the URL of an unused port.
pub(crate) fn unreachable_url() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}
