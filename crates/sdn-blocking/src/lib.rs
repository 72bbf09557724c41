//! Carries [`sdn_proto`]'s calls over `ureq` and `rustls`, without an async runtime.
//!
//! ```no_run
//! use sdn_proto::{AccessToken, InviteBy3pid, Node};
//!
//! let client = sdn_blocking::Client::new();
//! let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
//! let invite = InviteBy3pid::from_parts("!a:node.example", "alice@example.com", "id_secret", "id.example", "email")?;
//! client.send(&session, &invite)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What it never does: follow a redirect, use a proxy it was not told of, keep a cookie, read more of an answer than the call
//! allows, or send a request again.
//!
//! Servers are trusted by Mozilla's list of certificate authorities, compiled in, so that the outcome is the same on every
//! machine; [`Builder::add_root_certificate`] adds others. Connections are kept open and used again, so make one client and
//! clone it.

#![deny(missing_docs, clippy::print_stderr, clippy::print_stdout, clippy::unwrap_used)]

mod builder;
mod error;

use std::io::Read;

use bytes::Bytes;
use http::{Response, StatusCode};
use sdn_proto::{Call, CallError};

pub use builder::{Builder, InvalidSetting};
pub use error::{Error, TimeoutStage};

/// Sends calls and waits for their answers. Clones share their connections.
#[derive(Debug, Clone)]
pub struct Client {
    agent: ureq::Agent,
}

impl Client {
    /// A client with the defaults of [`Builder`].
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Sets up a client.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// A client over an agent of your own, with the agent's limits, proxies and certificates.
    ///
    /// Build it with `http_status_as_error(false)` and without redirects: a redirect that the agent follows takes your
    /// invitation, and may take your token, to another server.
    ///
    /// ```
    /// let config = ureq::Agent::config_builder()
    ///     .http_status_as_error(false)
    ///     .max_redirects(0)
    ///     .max_redirects_will_error(false)
    ///     .build();
    /// let client = sdn_blocking::Client::with_agent(config.into());
    /// ```
    pub fn with_agent(agent: ureq::Agent) -> Self {
        Self { agent }
    }

    /// Sends a call and waits for its answer.
    ///
    /// # Errors
    ///
    /// [`CallError::Api`] if the server answered with an error, [`CallError::Transport`] if no complete answer came;
    /// [`CallError::delivery`] says what may have happened.
    pub fn send<C: Call>(&self, server: &C::Server, call: &C) -> Result<C::Output, CallError<Error>> {
        let (parts, body) = call.to_request(server).into_parts();
        let request = http::Request::from_parts(parts, &body[..]);
        let response = self.agent.run(request).map_err(|error| CallError::Transport(error.into()))?;
        let response = read(response, C::MAX_RESPONSE_BYTES).map_err(CallError::Transport)?;
        Ok(C::parse_response(&response)?)
    }
}

impl Default for Client {
    fn default() -> Self {
        Self::new()
    }
}

/// Reads an answer's body up to the limit.
///
/// If the status is no success it says enough: what could be read of the body then goes with it.
fn read(response: Response<ureq::Body>, limit: usize) -> Result<Response<Bytes>, Error> {
    let (parts, body) = response.into_parts();
    let mut read = Vec::new();
    let result = body.into_reader().take(limit as u64 + 1).read_to_end(&mut read);
    let is_too_large = read.len() > limit;
    read.truncate(limit);
    if parts.status == StatusCode::OK {
        result?;
        if is_too_large {
            return Err(Error::BodyTooLarge { limit });
        }
    }
    Ok(Response::from_parts(parts, Bytes::from(read)))
}
