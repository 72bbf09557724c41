//! The client: what it is made of, `send` and `carry`.

use std::fmt;

use bytes::Bytes;
use http::{Request, Response};
use sdn_proto::{Call, CallError};

use crate::agent::Agent;
use crate::error::Error;
use crate::exchange::exchange;
use crate::settings::Builder;

/// Carries calls over HTTP, and waits for the answer.
///
/// Cheap to clone; clones share their connections. Many threads can use one client at a time.
#[derive(Clone)]
pub struct Client {
    agent: Agent,
}

impl Client {
    /// A client with the usual settings: see [`Builder`] for what they are.
    ///
    /// It trusts the certificate authorities that Mozilla does, which are built in, rather than those of the machine it
    /// runs on: so it has the same outcome everywhere, needs no files, and cannot fail. To trust the machine's too, add
    /// what the `rustls-native-certs` crate finds, one by one, with [`Builder::add_root_certificate`].
    pub fn new() -> Self {
        Builder::default().build()
    }

    /// To make a client with other settings.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// A client that uses a ready-made agent: its connections, roots, proxy, `user-agent` and timeouts.
    ///
    /// Redirects are not followed and no `accept` is sent, however the agent is set; if it has no global timeout, a call
    /// ends after 150 seconds. Its middleware sees the tokens, and must not send a request twice.
    ///
    /// What the agent writes cannot be seen, so less is known of a request that fails. One with a body is
    /// [`NotSent`](sdn_proto::Delivery::NotSent) if the agent did not get as far as the body. One without a body is
    /// `NotSent` only if its name is unknown, the time to look it up or to connect ran out, or the agent rejects the URL.
    /// Every other failure is [`Unknown`](sdn_proto::Delivery::Unknown), a refused connection too.
    ///
    /// ```
    /// let agent = ureq::Agent::config_builder().no_delay(false).build().new_agent();
    /// let client = sdn_blocking::Client::with_agent(agent);
    /// ```
    pub fn with_agent(agent: ureq::Agent) -> Self {
        Self::over(Agent::of_caller(agent))
    }

    pub(crate) fn over(agent: Agent) -> Self {
        Self { agent }
    }

    /// Sends a call and reads its answer.
    ///
    /// A redirect is not followed: it is an [`ApiError`](sdn_proto::ApiError) of the kind
    /// [`UnexpectedStatus`](sdn_proto::ApiErrorKind::UnexpectedStatus), and no token goes anywhere else.
    ///
    /// # Errors
    ///
    /// [`CallError::Api`] if the server answered, but not with a success: whenever there is a status other than 200,
    /// even if the body is too long or breaks off. [`CallError::Transport`] if no complete answer came.
    /// [`CallError::delivery`] tells what is known about the request's effect. What a server repeats of the request is in
    /// neither with the request's secrets: see [`ApiError::without_secrets_of`](sdn_proto::ApiError::without_secrets_of).
    pub fn send<C: Call>(
        &self,
        server: &C::Server,
        call: &C,
    ) -> Result<C::Output, CallError<Error>> {
        let request = || call.to_request(server);
        let response = exchange(&self.agent, request(), C::MAX_RESPONSE_BYTES)
            .map_err(|error| CallError::Transport(error.without_secrets_of(&request())))?;
        C::parse_response(&response)
            .map_err(|error| CallError::Api(error.without_secrets_of(&request())))
    }

    /// Carries a request that is ready, such as a flow's, and gives its answer, whatever its status.
    ///
    /// The request's URI is absolute. `max_response_bytes` is how much of the answer's body is read at the most; a longer one
    /// is an error if the status is 200, and otherwise cut there. Redirects and limits of time are as with
    /// [`send`](Self::send).
    ///
    /// The answer is as it came: a server may repeat the request in it, with its secrets. A flow's outcome is without them. Of
    /// an error that you read from it with [`Call::parse_response`] take them out with
    /// [`ApiError::without_secrets_of`](sdn_proto::ApiError::without_secrets_of).
    ///
    /// To drive a flow oneself, and keep why there was no answer, which the flow's outcome does not tell:
    ///
    /// ```
    /// use sdn_blocking::{Client, Error};
    /// use sdn_proto::TransportError;
    /// use sdn_proto::flow::{Flow, Step};
    ///
    /// fn run<F: Flow>(client: &Client, mut flow: F) -> (F::Outcome, Option<Error>) {
    ///     let mut cause = None;
    ///     loop {
    ///         match flow.step() {
    ///             Step::Send(outgoing) => {
    ///                 match client.carry(outgoing.request(), outgoing.max_response_bytes()) {
    ///                     Ok(response) => flow.response(&response),
    ///                     Err(error) => {
    ///                         flow.failed(error.delivery());
    ///                         cause = Some(error);
    ///                     }
    ///                 }
    ///             }
    ///             Step::Wait(duration) => {
    ///                 std::thread::sleep(duration);
    ///                 flow.waited();
    ///             }
    ///             Step::AcceptTerms(_terms) => flow.decline(), // or ask the person
    ///             Step::Done(outcome) => break (outcome, cause),
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// If no complete answer came. [`Error::delivery`](sdn_proto::TransportError::delivery) tells what is known about the
    /// request's effect. The error is without the request's secrets.
    pub fn carry(
        &self,
        request: &Request<Bytes>,
        max_response_bytes: usize,
    ) -> Result<Response<Bytes>, Error> {
        let result = exchange(&self.agent, request.clone(), max_response_bytes);
        let response = result.map_err(|error| error.without_secrets_of(request))?;
        Ok(response.map(Bytes::from))
    }
}

impl Default for Client {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}
