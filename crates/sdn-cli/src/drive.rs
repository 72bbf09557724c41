//! Running flows, and asking about terms.

use std::convert::Infallible;
use std::future::Future;

use sdn_hyper::{Builder, Client};
use sdn_proto::flow::{Flow, Step};
use sdn_proto::identity::Terms;

use crate::exit::Exit;
use crate::progress::Progress;
use crate::terms::Decider;

/// Runs flows, and shows how long they wait.
pub(crate) struct Driver {
    pub(crate) client: Client,
    pub(crate) decider: Decider,
    pub(crate) progress: Progress,
}

impl Driver {
    pub(crate) fn new(client: Builder, decider: Decider) -> Self {
        Self { client: client.build(), decider, progress: Progress::default() }
    }

    /// Runs a flow to its end.
    pub(crate) async fn run<F: Flow>(&self, flow: F) -> F::Outcome {
        match self.run_watched(flow, |_| Ok::<_, Infallible>(())).await {
            Ok(outcome) => outcome,
            Err(never) => match never {},
        }
    }

    /// Runs a flow, and shows each step to `watch` before it is taken. An error of `watch` ends it.
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

/// Runs what a command does on a runtime of its own, and waits for nothing else.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T, Exit>>) -> Result<T, Exit> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime
        .map_err(|error| Exit::SomeRefused.reporting(format_args!("nothing was sent: {error}")))?;
    let done = runtime.block_on(work);
    // To drop the runtime would wait for lookups of names, which cannot be interrupted.
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
            // As a lookup does.
            tokio::task::spawn_blocking(|| thread::sleep(Duration::from_secs(20)));
            Ok(Exit::SomeUnknown)
        });
        assert_eq!(exit, Ok(Exit::SomeUnknown));
        assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    }
}
