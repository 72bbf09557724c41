//! Scenarios that test any transport.
//!
//! In each of them, a server on loopback misbehaves in one way, byte for byte. The transport must end
//! the exchange in time, report correctly whether the request may have had an effect
//! ([`Delivery`](sdn_proto::Delivery)), send it at most once, and never reveal its tokens. A timeout
//! must be of the kind [`TotalTimeout`](sdn_proto::TransportErrorKind::TotalTimeout) or
//! [`ConnectTimeout`](sdn_proto::TransportErrorKind::ConnectTimeout). The suite compares what the
//! transport reports with what the server saw.
//!
//! Each response is parsed as that of an invitation. In the table, `unknown (502)` is a response with
//! that status and an unknown delivery, because it may be a proxy's: see
//! [`ApiError::delivery`](sdn_proto::ApiError::delivery).
//!
//! ```
//! use sdn_proto::TransportErrorKind;
//! use sdn_testkit::suite::{self, ClientSettings};
//!
//! let report = suite::run(|_setup: &ClientSettings| {
//!     // Create a client with `_setup`'s timeouts and root certificate, and return it.
//!     Box::new(|_outgoing| Err(TransportErrorKind::Connect.into()))
//! });
//! println!("{}", suite::table(&[("mine", &report)]));
//! assert!(!report.problems().is_empty(), "this client never sends anything");
//! ```
//!
//! With a real transport the last line is `report.assert_passed()`.
//!
//! # Results of our transports
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

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bench::{Bench, Exchange, Scenario};
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

/// Runs every scenario of HTTP/1.1 with a transport.
///
/// `make_client` returns a new client, which shares nothing with others. If it or the client panics,
/// the report has the scenario and the panic's message.
pub fn run(make_client: impl Fn(&ClientSettings) -> Box<Client>) -> Report {
    run_all(&HTTP1, &make_client)
}

/// Runs the scenarios of [`run`] and those of HTTP/2, for a transport that uses HTTP/2 over TLS if the
/// server offers it.
pub fn run_with_http2(make_client: impl Fn(&ClientSettings) -> Box<Client>) -> Report {
    run_all(&[&HTTP1[..], &[http2_scenarios::SCENARIOS]].concat(), &make_client)
}

fn run_all(groups: &[&[Scenario]], make_client: &dyn Fn(&ClientSettings) -> Box<Client>) -> Report {
    let scenarios = groups.iter().copied().flatten();
    Report::new(scenarios.map(|scenario| (scenario, run_one(scenario, &Bench { make_client }))))
}

/// Runs a scenario. A panic is reported as a problem, and the next scenarios still run.
fn run_one(scenario: &Scenario, bench: &Bench<'_>) -> Result<Exchange, String> {
    catch_unwind(AssertUnwindSafe(|| (scenario.run)(bench)))
        .unwrap_or_else(|panic| Err(format!("it panicked: {}", message(&*panic))))
}

/// Returns a panic's message, on one line.
fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("without a message").escape_debug().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panicking_client_names_each_scenario() {
        let report = run(|_| Box::new(|_| panic!("no route\nto {}", "host")));
        let problems = report.problems();
        let panicked = "\"nobody listens\": it panicked: no route\\nto host";
        assert_eq!(problems[0], panicked);
        let count = HTTP1.iter().copied().flatten().count();
        assert_eq!(problems.len(), count, "each scenario ran: {problems:#?}");
    }

    #[test]
    fn panicking_maker_is_reported() {
        let scenario = &connecting::SCENARIOS[0];
        let bench = Bench { make_client: &|_| panic!("no certificate") };
        let report = Report::new([(scenario, run_one(scenario, &bench))].into_iter());
        assert_eq!(report.problems(), ["\"nobody listens\": it panicked: no certificate"]);
    }
}
