//! Driving flows, and keeping what a flow's outcome does not tell: why there was no answer.

use std::error::Error;
use std::fmt::Display;
use std::future::Future;
use std::time::Duration;

use sdn_hyper::{Builder, Client};
use sdn_proto::TransportError;
use sdn_proto::flow::{Flow, Step};

use crate::exit::Exit;
use crate::output::{printable, tell};
use crate::terms::Decider;

/// Runs flows.
pub(crate) struct Driver {
    pub(crate) client: Client,
    pub(crate) decider: Decider,
    /// Why the last request of a flow brought no answer, if it brought none.
    cause: Option<String>,
}

impl Driver {
    pub(crate) fn new(client: Builder, decider: Decider) -> Self {
        Self { client: client.build(), decider, cause: None }
    }

    /// Runs a flow to its end.
    pub(crate) async fn run<F: Flow>(&mut self, mut flow: F) -> F::Outcome {
        loop {
            match flow.step() {
                Step::Send(outgoing) => {
                    let limit = outgoing.max_response_bytes();
                    let result = self.client.carry(outgoing.request(), limit).await;
                    match &result {
                        Ok(response) => flow.response(response),
                        Err(error) => flow.failed(error.delivery()),
                    }
                    self.cause = result.err().map(|error| with_sources(&error));
                }
                Step::Wait(duration) => {
                    self.wait(duration).await;
                    flow.waited();
                }
                Step::AcceptTerms(terms) => match self.decider.decide(&terms) {
                    Some(urls) => flow.accept(urls),
                    None => flow.decline(),
                },
                Step::Done(outcome) => break outcome,
            }
        }
    }

    /// Waits, and says so.
    pub(crate) async fn wait(&self, duration: Duration) {
        let seconds = duration.as_secs_f32().ceil();
        tell(format_args!("sdn: the node limits its rate; waiting {seconds} s"));
        tokio::time::sleep(duration).await;
    }

    /// What happened, and why there was no answer if there was none.
    pub(crate) fn explained(&self, failure: impl Display) -> String {
        match &self.cause {
            Some(cause) => format!("{failure} ({cause})"),
            None => failure.to_string(),
        }
    }
}

/// The error and what caused it, in one line.
pub(crate) fn with_sources(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    printable(&text)
}

/// Runs what a command does on a runtime of its own.
pub(crate) fn block_on(work: impl Future<Output = Exit>) -> Exit {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime {
        Ok(runtime) => runtime.block_on(work),
        Err(error) => {
            tell(format_args!("sdn: nothing was sent: {error}"));
            Exit::SomeRefused
        }
    }
}
