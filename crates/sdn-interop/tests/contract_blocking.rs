//! Tests of both transports, over `sdn-blocking`: settings, kinds of errors, printed texts.
//! `contract_hyper` runs the same tests. `sdn_testkit::suite` has the tests of every transport.

mod contract;

use sdn_proto::flow::Flow;
use sdn_proto::{Call, CallError};

pub(crate) use sdn_blocking::Client;

/// The start of the `user-agent`.
pub(crate) const NAME: &str = "sdn-blocking/";

/// Sends a call and waits for its response.
pub(crate) fn send<C: Call>(
    client: &Client,
    server: &C::Server,
    call: &C,
) -> Result<C::Output, CallError> {
    client.send(server, call)
}

/// Runs a flow.
pub(crate) fn run<F: Flow>(client: &Client, flow: F) -> F::Outcome {
    client.run(flow)
}
