//! Driving flows, and keeping what a flow's outcome does not tell: why there was no answer.

use std::convert::Infallible;
use std::error::Error;
use std::fmt::Display;
use std::future::Future;

use sdn_hyper::{Builder, Client};
use sdn_proto::TransportError;
use sdn_proto::flow::{Flow, Step};

use crate::exit::Exit;
use crate::output::printable;
use crate::progress::Progress;
use crate::terms::Decider;

/// Runs flows.
pub(crate) struct Driver {
    pub(crate) client: Client,
    pub(crate) decider: Decider,
    pub(crate) progress: Progress,
    /// Why the last request of a flow brought no answer, if it brought none.
    cause: Option<String>,
}

impl Driver {
    pub(crate) fn new(client: Builder, decider: Decider) -> Self {
        Self { client: client.build(), decider, progress: Progress::default(), cause: None }
    }

    /// Runs a flow to its end.
    pub(crate) async fn run<F: Flow>(&mut self, flow: F) -> F::Outcome {
        match self.run_watched(flow, |_| Ok::<_, Infallible>(())).await {
            Ok(outcome) => outcome,
            Err(never) => match never {},
        }
    }

    /// Runs a flow, and shows each step before it is taken to `watch`, whose error ends it.
    pub(crate) async fn run_watched<F: Flow, E>(
        &mut self,
        mut flow: F,
        mut watch: impl FnMut(&Step<F::Outcome>) -> Result<(), E>,
    ) -> Result<F::Outcome, E> {
        loop {
            let step = flow.step();
            watch(&step)?;
            match step {
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
                    self.progress.count_down(duration).await;
                    flow.waited();
                }
                Step::AcceptTerms(terms) => {
                    match self.progress.while_gone(|| self.decider.decide(&terms)) {
                        Some(urls) => flow.accept(urls),
                        None => flow.decline(),
                    }
                }
                Step::Done(outcome) => break Ok(outcome),
            }
        }
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

/// Runs what a command does on a runtime of its own, and waits for nothing else.
pub(crate) fn block_on(work: impl Future<Output = Result<Exit, Exit>>) -> Result<Exit, Exit> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime
        .map_err(|error| Exit::SomeRefused.reporting(format_args!("nothing was sent: {error}")))?;
    let exit = runtime.block_on(work);
    // To drop the runtime would wait for lookups of names, which cannot be interrupted.
    runtime.shutdown_background();
    exit
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn blocked_lookup_does_not_delay_exit() {
        let start = Instant::now();
        let exit = block_on(async {
            // As a lookup does.
            tokio::task::spawn_blocking(|| thread::sleep(Duration::from_secs(20)));
            Ok(Exit::SomeUnknown)
        });
        assert_eq!(exit, Ok(Exit::SomeUnknown));
        assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    }
}
