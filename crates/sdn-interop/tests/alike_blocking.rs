//! The surface that both transports share, of this one: settings, kinds of errors, what can be printed.
//! What is true of every transport is in `sdn_testkit::suite`.
//! `alike_hyper` runs the same tests.

mod alike;

use sdn_proto::flow::Flow;
use sdn_proto::{Call, CallError};

pub(crate) use sdn_blocking::{Client, Error, TimeoutStage};

/// What the `user-agent` begins with.
pub(crate) const NAME: &str = "sdn-blocking/";

/// Sends a call and waits for its answer.
pub(crate) fn send<C: Call>(
    client: &Client,
    server: &C::Server,
    call: &C,
) -> Result<C::Output, CallError<Error>> {
    client.send(server, call)
}

/// Runs a flow that accepts no terms.
pub(crate) fn run<F: Flow>(client: &Client, flow: F) -> F::Outcome {
    client.run(flow, |_| None)
}
