//! The surface that both transports share, of this one: settings, kinds of errors, what can be printed.
//! What is true of every transport is in `sdn_testkit::suite`.
//! `alike_blocking` runs the same tests.

mod alike;

use std::sync::OnceLock;

use sdn_proto::flow::Flow;
use sdn_proto::{Call, CallError};
use tokio::runtime::Runtime;

pub(crate) use sdn_hyper::{Client, Error, TimeoutStage};

/// What the `user-agent` begins with.
pub(crate) const NAME: &str = "sdn-hyper/";

/// Sends a call and waits for its answer.
pub(crate) fn send<C: Call>(
    client: &Client,
    server: &C::Server,
    call: &C,
) -> Result<C::Output, CallError<Error>> {
    runtime().block_on(client.send(server, call))
}

/// Runs a flow that accepts no terms.
pub(crate) fn run<F: Flow>(client: &Client, flow: F) -> F::Outcome {
    runtime().block_on(client.run(flow, |_| None))
}

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().unwrap())
}
