//! What every transport has to get right, as scenarios that any transport can be put through.
//!
//! In each, a server on loopback misbehaves in its own way, byte for byte. The transport has to end
//! the exchange in time, say correctly whether the request may have had an effect
//! ([`Delivery`](sdn_proto::Delivery)), send it no more than once, and keep its tokens to itself.
//! A timeout has to be of the kind [`TotalTimeout`](sdn_proto::TransportErrorKind::TotalTimeout) or
//! [`ConnectTimeout`](sdn_proto::TransportErrorKind::ConnectTimeout). What the transport says is
//! compared with what the server saw.
//!
//! A response is read as an invitation's. In the table, `unknown (502)` is a response with that
//! status whose delivery is unknown, because it may be a proxy's: see
//! [`ApiError::delivery`](sdn_proto::ApiError::delivery).
//!
//! ```
//! use sdn_proto::TransportErrorKind;
//! use sdn_testkit::suite::{self, ClientSettings};
//!
//! let report = suite::run(|_setup: &ClientSettings| {
//!     // Make a client with `_setup`'s timeouts and root certificate, and return what it does.
//!     Box::new(|_outgoing| Err(TransportErrorKind::Connect.into()))
//! });
//! println!("{}", suite::table(&[("mine", &report)]));
//! assert!(!report.problems().is_empty(), "this client never sends anything");
//! ```
//!
//! With a real transport the last line is `report.assert_passed()`.
//!
//! # How our own do
//!
#![doc = include_str!("table.md")]

mod answers;
mod bench;
mod broken;
mod connecting;
mod echo;
mod http2;
mod http2_scenarios;
mod report;
mod reuse;
mod sizes;
mod time;

use bench::{Bench, Scenario};
pub use bench::{Client, ClientSettings};
pub use report::{Report, table};

/// The scenarios for every transport.
const HTTP1: [&[Scenario]; 7] = [
    connecting::SCENARIOS,
    answers::SCENARIOS,
    broken::SCENARIOS,
    echo::SCENARIOS,
    time::SCENARIOS,
    sizes::SCENARIOS,
    reuse::SCENARIOS,
];

/// Puts a transport through every scenario of HTTP/1.1.
///
/// `make_client` is called for each client and returns a new one, which shares nothing with others.
pub fn run(make_client: impl Fn(&ClientSettings) -> Box<Client>) -> Report {
    run_all(&HTTP1, &make_client)
}

/// Like [`run`], and then the scenarios of HTTP/2, for a transport that speaks it over TLS with a
/// server that wants it.
pub fn run_with_http2(make_client: impl Fn(&ClientSettings) -> Box<Client>) -> Report {
    run_all(&[&HTTP1[..], &[http2_scenarios::SCENARIOS]].concat(), &make_client)
}

fn run_all(groups: &[&[Scenario]], make_client: &dyn Fn(&ClientSettings) -> Box<Client>) -> Report {
    let scenarios = groups.iter().copied().flatten();
    Report::new(scenarios.map(|scenario| (scenario, (scenario.run)(&Bench { make_client }))))
}
