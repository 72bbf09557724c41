//! Driving flows, and keeping what a flow's outcome does not tell: why there was no answer, and a new registration.

use std::error::Error as _;
use std::fmt::Display;
use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use sdn_hyper::{Builder, Client, Error};
use sdn_proto::flow::{Flow, Outgoing, Step};
use sdn_proto::identity::Register;
use sdn_proto::{ApiError, Call, CallError, IdAccessToken};

use crate::exit::Exit;
use crate::output::{printable, tell};
use crate::terms::Decider;

/// Runs flows.
pub(crate) struct Driver {
    pub(crate) client: Client,
    pub(crate) decider: Decider,
    /// The token of the last registration.
    pub(crate) registered: Option<IdAccessToken>,
    /// Why the last request brought no answer, if it brought none.
    pub(crate) cause: Option<String>,
}

impl Driver {
    pub(crate) fn new(client: Builder, decider: Decider) -> Self {
        Self { client: client.build(), decider, registered: None, cause: None }
    }

    /// Runs a flow to its end.
    pub(crate) async fn run<F: Flow>(&mut self, mut flow: F) -> F::Outcome {
        loop {
            match flow.step() {
                Step::Send(outgoing) => {
                    match self.carry(outgoing.request(), outgoing.max_response_bytes()).await {
                        Ok(response) => {
                            self.keep_registration(&outgoing, &response);
                            flow.response(&response);
                        }
                        Err(error) => flow.failed(error.delivery()),
                    }
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

    /// Carries a request and leaves its answer as it came.
    pub(crate) async fn carry(
        &mut self,
        request: &Request<Bytes>,
        max_response_bytes: usize,
    ) -> Result<Response<Bytes>, CallError<Error>> {
        let result = if max_response_bytes <= SMALL {
            self.client.send(request, &Carried::<SMALL>).await
        } else {
            self.client.send(request, &Carried::<LARGE>).await
        };
        self.cause = result.as_ref().err().map(with_sources);
        result
    }

    /// Without this an invitation that is refused would lose its registration, and the next would need another.
    fn keep_registration(&mut self, outgoing: &Outgoing, response: &Response<Bytes>) {
        if outgoing.request().uri().path().ends_with("/identity/v2/account/register") {
            self.registered = Register::parse_response(response).ok();
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
pub(crate) fn with_sources<T: std::error::Error>(error: &CallError<T>) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    printable(&text)
}

/// Most answers are short; a room's state is long.
const SMALL: usize = 64 * 1024;
const LARGE: usize = 64 * 1024 * 1024;

/// A flow's request as a call, whose answer is left as it came.
struct Carried<const MAX: usize>;

impl<const MAX: usize> Call for Carried<MAX> {
    type Server = Request<Bytes>;
    type Output = Response<Bytes>;

    const MAX_RESPONSE_BYTES: usize = MAX;

    fn to_request(&self, request: &Request<Bytes>) -> Request<Bytes> {
        request.clone()
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<Response<Bytes>, ApiError> {
        let mut whole = Response::new(Bytes::copy_from_slice(response.body().as_ref()));
        *whole.status_mut() = response.status();
        *whole.headers_mut() = response.headers().clone();
        Ok(whole)
    }
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
