//! Firewalls that reject packets, and name servers that do not respond.
//!
//!     cargo test -p sdn-interop --test network -- --ignored
//!
//! Each test runs itself again in a separate network. That needs `ip`, `iptables`, and root or a
//! kernel that lets users create networks.
#![cfg(target_os = "linux")]

#[path = "../command/mod.rs"]
mod command;
mod isolated;
mod lookup;
mod rejected;
#[path = "../transports/mod.rs"]
mod transports;
