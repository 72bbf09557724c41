//! HAProxy: its configuration and its signals.

use std::process::Command;

use crate::node::FRONT_HEADER;
use crate::place::{Place, Protocol};

/// The signal to end after all requests.
pub(crate) const DRAIN: &str = "USR1";
/// The option before the ID of the process that a new one replaces.
pub(crate) const TAKE_OVER: &str = "-sf";

/// The sections for a situation's settings.
pub(crate) const SECTIONS: &[&str] = &["global", "defaults", "bind", "frontend", "server"];

pub(crate) fn config(place: &Place) -> String {
    let tls = match place.protocol {
        Protocol::Plain => String::new(),
        Protocol::Tls => format!("ssl crt {} alpn h2,http/1.1", place.identity().display()),
    };
    let Place { front, node, .. } = place;
    format!(
        "
global
    hard-stop-after 3s
    {{global}}
defaults
    mode http
    timeout connect 300ms
    timeout client 10s
    timeout server 10s
    {{defaults}}
frontend front
    bind {front} {tls} {{bind}}
    http-request set-header {FRONT_HEADER} HTTP/%[req.ver]
    {{frontend}}
    default_backend node
backend node
    server node {node} {{server}}
"
    )
}

pub(crate) fn command(place: &Place) -> Command {
    let mut command = Command::new("haproxy");
    command.arg("-db").arg("-f").arg(place.config());
    command
}
