//! The client: what it is made of, and `send`.

use std::fmt;

use bytes::Bytes;
use http::Response;
use sdn_proto::flow::Outgoing;
use sdn_proto::{Call, CallError};
use ureq::Agent;

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
    /// ends after 150 seconds. Its middleware sees the tokens.
    ///
    /// ```
    /// let agent = ureq::Agent::config_builder().no_delay(false).build().new_agent();
    /// let client = sdn_blocking::Client::with_agent(agent);
    /// ```
    pub fn with_agent(agent: Agent) -> Self {
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
    /// [`CallError::delivery`] tells what is known about the request's effect.
    pub fn send<C: Call>(
        &self,
        server: &C::Server,
        call: &C,
    ) -> Result<C::Output, CallError<Error>> {
        let response = exchange(&self.agent, call.to_request(server), C::MAX_RESPONSE_BYTES)
            .map_err(CallError::Transport)?;
        Ok(C::parse_response(&response)?)
    }

    pub(crate) fn carry(&self, outgoing: Outgoing) -> Result<Response<Bytes>, Error> {
        let limit = outgoing.max_response_bytes();
        Ok(exchange(&self.agent, outgoing.into_request(), limit)?.map(Bytes::from))
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
