//! The client: its constructors, `send` and `execute`.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use sdn_proto::{Call, CallError, Outgoing, TransportError};

use crate::exchange::{Transport, exchange};
use crate::settings::Builder;

/// Sends calls over HTTP and waits for the response.
///
/// Cheap to clone; clones share their connections. Many threads can use one client at the same
/// time.
#[derive(Clone)]
pub struct Client {
    transport: Transport,
}

impl Client {
    /// Creates a client with the default settings, which [`Builder`] lists.
    ///
    /// It trusts Mozilla's certificate authorities, which are built in, and not those of the
    /// machine. So it behaves the same everywhere, needs no files, and cannot fail. The feature
    /// `native-roots` has `Builder::add_native_roots`, to trust the machine's too.
    pub fn new() -> Self {
        Builder::default().build()
    }

    /// Starts a client with other settings.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Creates a client over a ready-made agent of ureq: its connections, roots, proxy,
    /// `user-agent` and timeouts. Needs the feature `ureq`.
    ///
    /// With any settings of the agent, redirects are not followed and no `accept` is sent. If it
    /// has no global timeout, a call ends after 150 seconds. The agent's middleware sees the
    /// tokens, and must not send a request twice. [`Builder::build_with_agent`] does the same with
    /// some settings of the builder.
    ///
    /// The agent's writes cannot be seen, so less is known about a failed request. A request with a
    /// body is [`NotSent`](sdn_proto::Delivery::NotSent) if the agent did not start to read the
    /// body. A request without a body is `NotSent` only if the time to look up the name or to
    /// connect ran out, or the agent rejects the URL. Every other failure is
    /// [`Unknown`](sdn_proto::Delivery::Unknown), even an unknown name or a refused connection. A
    /// response that arrives before the whole request is sent may be lost, which is `Unknown` too.
    ///
    /// ```
    /// let agent = ureq::Agent::config_builder().no_delay(false).build().new_agent();
    /// let client = sdn_blocking::Client::with_agent(agent);
    /// ```
    #[cfg(feature = "ureq")]
    pub fn with_agent(agent: ureq::Agent) -> Self {
        Builder::default().build_with_agent(agent)
    }

    /// Sends a call and parses its response.
    ///
    /// A redirect is not followed: it is an [`ApiError`](sdn_proto::ApiError) of the kind
    /// [`UnexpectedStatus`](sdn_proto::ApiErrorKind::UnexpectedStatus), with its
    /// [`location`](sdn_proto::ApiError::location).
    ///
    /// # Errors
    ///
    /// [`CallError::Api`] if the server's response is not a success. A status other than 200 is
    /// enough, even if the body is too long or incomplete. [`CallError::Transport`] if no complete
    /// response arrived. [`CallError::delivery`] says what is known about the request's effect. If
    /// the server repeats the request's secrets, they are removed from the error.
    pub fn send<C: Call>(&self, server: &C::Server, call: &C) -> Result<C::Output, CallError> {
        let outgoing = Outgoing::new(call, server);
        match exchange(&self.transport, outgoing) {
            Ok(response) => C::parse_response(&response).map_err(CallError::Api),
            Err(error) => Err(CallError::Transport(error)),
        }
        .map_err(|error| error.without_secrets_of(&call.to_request(server)))
    }

    /// Sends a finished request, such as a flow's, and returns its response with any status.
    ///
    /// Redirects and timeouts are as with [`send`](Self::send). The response is returned unchanged,
    /// so a server may repeat the request's secrets in it. A flow removes them from its error. For
    /// an error that you parse yourself, call
    /// [`ApiError::without_secrets_of`](sdn_proto::ApiError::without_secrets_of).
    ///
    /// # Errors
    ///
    /// If no complete response arrived. [`TransportError::delivery`] says what is known about the
    /// request's effect.
    pub fn execute(&self, outgoing: Outgoing) -> Result<Response<Bytes>, TransportError> {
        let request = outgoing.request().clone();
        match exchange(&self.transport, outgoing) {
            Ok(response) => Ok(response.map(Bytes::from)),
            Err(error) => Err(error.without_secrets_of(&request)),
        }
    }
}

impl Builder {
    /// Creates the client.
    pub fn build(self) -> Client {
        Client { transport: Transport::Own(Arc::new(self.sender())) }
    }

    /// Creates a client over a ready-made agent of ureq, as [`Client::with_agent`] does. Needs the
    /// feature `ureq`.
    ///
    /// Of these settings it uses [`total_timeout`](Self::total_timeout) and
    /// [`user_agent`](Self::user_agent), if they are set, instead of the agent's. The others are
    /// the agent's.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let agent = ureq::Agent::config_builder().no_delay(false).build().new_agent();
    /// let client = sdn_blocking::Client::builder()
    ///     .total_timeout(Duration::from_secs(60))
    ///     .user_agent("inviter/1.0")?
    ///     .build_with_agent(agent);
    /// # Ok::<(), sdn_blocking::InvalidSetting>(())
    /// ```
    #[cfg(feature = "ureq")]
    pub fn build_with_agent(self, agent: ureq::Agent) -> Client {
        let Self { total_timeout, user_agent, .. } = self;
        let sender = crate::agent::AgentSender { agent, total_timeout, user_agent };
        Client { transport: Transport::Agent(sender) }
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
