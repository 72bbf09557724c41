//! Carries [`sdn_proto`]'s calls over `hyper`, `tokio` and `rustls`: HTTP/1.1 and HTTP/2.
//!
//! ```no_run
//! use sdn_proto::{AccessToken, InviteBy3pid, Node};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let client = sdn_hyper::Client::new();
//! let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
//! let invite = InviteBy3pid::from_parts("!a:node.example", "alice@example.com", "id_secret", "id.example", "email")?;
//! client.send(&session, &invite).await?;
//! # Ok(())
//! # }
//! ```
//!
//! What it never does: follow a redirect, use a proxy, keep a cookie, read more of an answer than the call allows, or send a
//! request again that may have reached the server.
//!
//! Servers are trusted by Mozilla's list of certificate authorities, compiled in, so that the outcome is the same on every
//! machine; [`Builder::add_root_certificate`] adds others. Connections are kept open and used again, so make one client and
//! clone it.

#![deny(missing_docs, clippy::print_stderr, clippy::print_stdout, clippy::unwrap_used)]

mod builder;
mod connector;
mod error;
mod pool;

use std::error::Error as StdError;
use std::future::poll_fn;
use std::pin::pin;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use http::header::USER_AGENT;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Body;
use sdn_proto::{Call, CallError};
use tokio::time::Instant;
use tower_service::Service;

pub use builder::{Builder, Http2, InvalidSetting};
pub use error::{Error, TimeoutStage};
pub use pool::Pool;

/// Sends calls and awaits their answers, over connections of its own or over any HTTP service `S`.
///
/// Clones share their connections.
#[derive(Debug, Clone)]
pub struct Client<S = Pool> {
    service: S,
    total_timeout: Option<Duration>,
    user_agent: Option<HeaderValue>,
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
}

impl Default for Client {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Client<S> {
    /// A client over an HTTP service of your own: timeouts, certificates and connections are the service's.
    ///
    /// The service must not follow redirects, nor send a request again that may have reached the server. Of its errors, those
    /// that wrap an error of this crate or of hyper's client keep their meaning, and all others are [`Error::Service`].
    pub fn with_service(service: S) -> Self {
        Self { service, total_timeout: None, user_agent: None }
    }

    /// Sends a call and awaits its answer.
    ///
    /// If the future is dropped before it is ready, it is not known whether the call arrived.
    ///
    /// # Errors
    ///
    /// [`CallError::Api`] if the server answered with an error, [`CallError::Transport`] if no complete answer came;
    /// [`CallError::delivery`] says what may have happened.
    pub async fn send<C, B>(
        &self,
        server: &C::Server,
        call: &C,
    ) -> Result<C::Output, CallError<Error>>
    where
        C: Call,
        S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone,
        S::Error: Into<Box<dyn StdError + Send + Sync>>,
        B: Body,
        B::Error: Into<Box<dyn StdError + Send + Sync>>,
    {
        let mut request = call.to_request(server).map(Full::new);
        if let Some(user_agent) = &self.user_agent {
            request.headers_mut().insert(USER_AGENT, user_agent.clone());
        }
        let deadline = self.total_timeout.map(|timeout| Instant::now() + timeout);
        let exchange = exchange(self.service.clone(), request, C::MAX_RESPONSE_BYTES, deadline);
        let response = exchange.await.map_err(CallError::Transport)?;
        Ok(C::parse_response(&response)?)
    }
}

async fn exchange<S, B>(
    mut service: S,
    request: Request<Full<Bytes>>,
    limit: usize,
    deadline: Option<Instant>,
) -> Result<Response<Bytes>, Error>
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>>,
    S::Error: Into<Box<dyn StdError + Send + Sync>>,
    B: Body,
    B::Error: Into<Box<dyn StdError + Send + Sync>>,
{
    let failed = |error: S::Error| Error::from_service(error.into());
    let sending = async {
        poll_fn(|cx| service.poll_ready(cx)).await.map_err(failed)?;
        service.call(request).await.map_err(failed)
    };
    let (parts, body) = within(deadline, sending).await?.into_parts();
    let mut read = BytesMut::new();
    // If the status is no success it says enough: what could be read of the body then goes with it.
    match within(deadline, read_to(&mut read, body, limit)).await {
        Err(error) if parts.status == StatusCode::OK => Err(error),
        _ => Ok(Response::from_parts(parts, read.freeze())),
    }
}

async fn within<T>(
    deadline: Option<Instant>,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    match deadline {
        None => work.await,
        Some(deadline) => match tokio::time::timeout_at(deadline, work).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Error::Timeout(TimeoutStage::Total)),
        },
    }
}

/// Reads a body, and no more of it than the limit.
async fn read_to<B>(read: &mut BytesMut, body: B, limit: usize) -> Result<(), Error>
where
    B: Body,
    B::Error: Into<Box<dyn StdError + Send + Sync>>,
{
    let mut body = pin!(body);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Error::from_service(error.into()))?;
        let Ok(mut data) = frame.into_data() else { continue };
        let room = limit - read.len();
        if data.remaining() > room {
            read.extend_from_slice(&data.copy_to_bytes(room));
            return Err(Error::BodyTooLarge { limit });
        }
        read.extend_from_slice(&data.copy_to_bytes(data.remaining()));
    }
    Ok(())
}
