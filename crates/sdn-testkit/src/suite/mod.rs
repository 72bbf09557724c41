//! What every transport has to get right, as scenarios that any transport can be put through.
//!
//! In each, a server on loopback misbehaves in its own way, byte for byte. The transport has to end
//! the exchange in time, say correctly whether the request may have had an effect
//! ([`Delivery`](sdn_proto::Delivery)), send it no more than once, and keep its tokens to itself.
//! What the transport says is compared with what the server saw.
//!
//! A response is read as an invitation's. In the table, `unknown (502)` is a response with that
//! status whose delivery is unknown, because it may be a proxy's: see
//! [`ApiError::delivery`](sdn_proto::ApiError::delivery).
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use sdn_testkit::suite::{self, Client, Failure, Setup, Transport};
//!
//! struct Mine;
//!
//! impl Transport for Mine {
//!     fn client(&self, setup: &Setup) -> Box<dyn Client> {
//!         // Make a client with `setup`'s timeouts and root certificate.
//! #       struct Nothing;
//! #       impl Client for Nothing {
//! #           fn send(&self, _: Request<Bytes>, _: usize) -> Result<Response<Bytes>, Failure> {
//! #               Err(Failure::new(sdn_proto::Delivery::NotSent, &std::fmt::Error))
//! #           }
//! #       }
//! #       Box::new(Nothing)
//!     }
//! }
//!
//! let report = suite::run(&Mine);
//! println!("{}", suite::table(&[("mine", &report)]));
//! assert!(!report.problems().is_empty(), "this one never sends anything");
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

use bench::Bench;
pub use bench::{Client, Failure, Setup, Transport};
pub use report::{Report, table};

/// Puts a transport through every scenario.
pub fn run(transport: &dyn Transport) -> Report {
    let groups = [
        connecting::SCENARIOS,
        answers::SCENARIOS,
        broken::SCENARIOS,
        echo::SCENARIOS,
        time::SCENARIOS,
        sizes::SCENARIOS,
        reuse::SCENARIOS,
    ];
    let http2 = if transport.speaks_http2() { http2_scenarios::SCENARIOS } else { &[] };
    let scenarios = groups.iter().copied().flatten().chain(http2);
    Report::new(scenarios.map(|scenario| (scenario, (scenario.run)(&Bench { transport }))))
}
