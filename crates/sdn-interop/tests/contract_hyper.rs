//! Tests of both transports, over `sdn-hyper`: settings, kinds of errors, printed texts.
//! `contract_blocking` runs the same tests. `sdn_testkit::suite` has the tests of every transport.

mod contract;

use std::sync::OnceLock;

use sdn_proto::flow::Flow;
use sdn_proto::{Call, CallError};
use tokio::runtime::Runtime;

pub(crate) use sdn_hyper::Client;

/// The start of the `user-agent`.
pub(crate) const NAME: &str = "sdn-hyper/";

/// Sends a call and waits for its response.
pub(crate) fn send<C: Call>(
    client: &Client,
    server: &C::Server,
    call: &C,
) -> Result<C::Output, CallError> {
    runtime().block_on(client.send(server, call))
}

/// Runs a flow.
pub(crate) fn run<F: Flow>(client: &Client, flow: F) -> F::Outcome {
    runtime().block_on(client.run(flow))
}

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().unwrap())
}
