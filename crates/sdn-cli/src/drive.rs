//! Sends calls, runs flows, and asks about terms.

use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use sdn_hyper::{Builder, Client};
use sdn_proto::flow::{Flow, Step};
use sdn_proto::identity::Terms;
use sdn_proto::retry::RetryBudget;
use sdn_proto::{Call, CallError};

use crate::exit::Exit;
use crate::progress::Progress;
use crate::terms::Decider;

/// Sends calls and runs flows, and prints how long they wait.
pub(crate) struct Driver {
    pub(crate) client: Client,
    /// How long a call or a flow may wait in all for a server that limits the rate.
    pub(crate) wait: Duration,
    pub(crate) decider: Decider,
    pub(crate) progress: Progress,
}

impl Driver {
    pub(crate) fn new(client: Builder, wait: Duration, decider: Decider) -> Self {
        Self { client: client.build(), wait, decider, progress: Progress::default() }
    }

    /// Sends a call. Sends it again after a rate limit.
    pub(crate) async fn send<C: Call>(
        &self,
        server: &C::Server,
        call: &C,
    ) -> Result<C::Output, CallError> {
        match self.send_watched(server, call, |_| Ok::<_, Infallible>(())).await {
            Ok(result) => result,
            Err(never) => match never {},
        }
    }

    /// Sends a call, again after a rate limit. `watch` is called before each step, and its error ends
    /// the call.
    pub(crate) async fn send_watched<C: Call, E>(
        &self,
        server: &C::Server,
        call: &C,
        mut watch: impl FnMut(Sending) -> Result<(), E>,
    ) -> Result<Result<C::Output, CallError>, E> {
        let mut budget = RetryBudget::new(self.wait);
        loop {
            watch(Sending::Send)?;
            let result = self.client.send(server, call).await;
            let error = result.as_ref().err().and_then(CallError::api_error);
            let Some(wait) = error.and_then(|error| budget.wait_without_clock(error)) else {
                return Ok(result);
            };
            watch(Sending::Wait)?;
            self.progress.count_down(wait).await;
        }
    }

    /// Runs a flow to its end.
    pub(crate) async fn run<F: Flow>(&self, flow: F) -> F::Outcome {
        match self.run_watched(flow, |_| Ok::<_, Infallible>(())).await {
            Ok(outcome) => outcome,
            Err(never) => match never {},
        }
    }

    /// Runs a flow to its end. `watch` is called before each step, and its error ends the flow.
    pub(crate) async fn run_watched<F: Flow, E>(
        &self,
        mut flow: F,
        mut watch: impl FnMut(&Step<F::Outcome>) -> Result<(), E>,
    ) -> Result<F::Outcome, E> {
        loop {
            let step = flow.step();
            watch(&step)?;
            match step {
                Step::Send(outgoing) => flow.received(self.client.execute(outgoing).await),
                Step::Wait(duration) => {
                    self.progress.count_down(duration).await;
                    flow.waited();
                }
                Step::Done(outcome) => break Ok(outcome),
            }
        }
    }

    /// Asks whether the terms are accepted, and returns the URLs of the accepted policies.
    pub(crate) fn ask(&self, terms: &Terms) -> Option<Vec<String>> {
        self.progress.while_gone(|| self.decider.decide(terms))
    }
}

/// The next step of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sending {
    Send,
    Wait,
}

/// Runs a command's future on a new runtime, and does not wait for other tasks.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T, Exit>>) -> Result<T, Exit> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime
        .map_err(|error| Exit::SomeRefused.reporting(format_args!("nothing was sent: {error}")))?;
    let done = runtime.block_on(work);
    // Dropping the runtime would wait for name lookups, which cannot be interrupted.
    runtime.shutdown_background();
    done
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
            // A lookup blocks like this.
            tokio::task::spawn_blocking(|| thread::sleep(Duration::from_secs(20)));
            Ok(Exit::SomeUnknown)
        });
        assert_eq!(exit, Ok(Exit::SomeUnknown));
        assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    }
}
