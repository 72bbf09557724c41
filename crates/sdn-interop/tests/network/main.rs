//! What no server can do to a client: firewalls that reject packets, and silent name servers.
//!
//!     cargo test -p sdn-interop --test network -- --ignored
//!
//! Each test runs itself again in a network of its own. That needs `ip`, `iptables`, and root or a
//! kernel that lets users make networks.
#![cfg(target_os = "linux")]

#[path = "../command/mod.rs"]
mod command;
mod isolated;
mod lookup;
mod rejected;
#[path = "../transports/mod.rs"]
mod transports;
