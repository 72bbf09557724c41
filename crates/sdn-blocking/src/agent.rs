//! Sends requests over a caller's agent of ureq.

use std::cell::Cell;
use std::error::Error;
use std::io::{self, Read};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, USER_AGENT};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use sdn_proto::{TransportError, TransportErrorKind as Kind};
use ureq::{Agent, AsSendBody, Body, Error as UreqError, SendBody, Timeout};

use crate::settings::TOTAL_TIMEOUT;

/// An agent, and the settings that override its own.
#[derive(Clone)]
pub(crate) struct AgentSender {
    pub(crate) agent: Agent,
    pub(crate) total_timeout: Option<Duration>,
    pub(crate) user_agent: Option<HeaderValue>,
}

impl AgentSender {
    /// Sends a request and reads its response, with at most `limit` bytes of its body.
    pub(crate) fn send(
        &self,
        request: Request<Bytes>,
        limit: usize,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        let is_empty = request.body().is_empty();
        let is_body_read = Cell::new(false);
        let response = self.send_head(request, &is_body_read).map_err(|error| {
            // ureq reads the body after it has written the head, and a server cannot act on the
            // head alone. Without a body, only the error shows whether anything was written.
            let may_be_sent = is_body_read.get() || (is_empty && !is_before_connecting(&error));
            classify(error, may_be_sent)
        })?;
        let (head, body) = response.into_parts();
        let mut bytes = Vec::new();
        match read_to(&mut bytes, body, limit) {
            // Any other status says that the call failed, even if the body is incomplete.
            Err(error) if head.status == StatusCode::OK => Err(error),
            _ => Ok(Response::from_parts(head, bytes)),
        }
    }

    fn send_head(
        &self,
        request: Request<Bytes>,
        is_body_read: &Cell<bool>,
    ) -> Result<Response<Body>, UreqError> {
        let (mut head, body) = request.into_parts();
        if let Some(user_agent) = &self.user_agent {
            head.headers.entry(USER_AGENT).or_insert_with(|| user_agent.clone());
        }
        if !matches!(head.method, Method::POST | Method::PUT | Method::PATCH) {
            return self.run(Request::from_parts(head, ()));
        }
        head.headers.insert(CONTENT_LENGTH, body.len().into());
        let mut body = WatchedBody { rest: &body, is_read: is_body_read };
        self.run(Request::from_parts(head, SendBody::from_reader(&mut body)))
    }

    fn run(&self, request: Request<impl AsSendBody>) -> Result<Response<Body>, UreqError> {
        let of_agent = || self.agent.config().timeouts().global;
        let total = self.total_timeout.or_else(of_agent).unwrap_or(TOTAL_TIMEOUT);
        // With any settings of the agent, every status is a response, and redirects are not
        // followed.
        let request = self
            .agent
            .configure_request(request)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .accept("")
            .accept_encoding("")
            .timeout_global(Some(total))
            .build();
        self.agent.run(request)
    }
}

/// Returns whether an error can occur only before the connection is open.
///
/// This excludes a refused connection, because Linux reports the same for one that broke later. It
/// also excludes an unknown name, because the standard library has no kind of error for it.
fn is_before_connecting(error: &UreqError) -> bool {
    use UreqError as E;
    matches!(
        error,
        E::Timeout(Timeout::Resolve | Timeout::Connect)
            | E::HostNotFound
            | E::BadUri(_)
            | E::RequireHttpsOnly(_)
    )
}

/// A request's body that records when ureq begins to read it.
struct WatchedBody<'a> {
    rest: &'a [u8],
    is_read: &'a Cell<bool>,
}

impl Read for WatchedBody<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.is_read.set(true);
        self.rest.read(buffer)
    }
}

fn read_to(bytes: &mut Vec<u8>, body: Body, limit: usize) -> Result<(), TransportError> {
    // One more than the limit, to detect a longer body.
    let longest = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let result = body.into_reader().take(longest).read_to_end(bytes);
    if bytes.len() > limit {
        bytes.truncate(limit);
        return Err(Kind::BodyTooLarge { limit }.into());
    }
    result.map(drop).map_err(|error| classify(error.into(), true))
}

/// Classifies an error by whether any of the request may have been written. The error only selects
/// the kind.
fn classify(error: UreqError, may_be_sent: bool) -> TransportError {
    let kind = if may_be_sent { after_writing(&error) } else { before_writing(&error) };
    match kind {
        Kind::ConnectTimeout | Kind::TotalTimeout => kind.into(),
        kind => TransportError::new(kind, cause(error)),
    }
}

fn before_writing(error: &UreqError) -> Kind {
    use UreqError as E;
    match error {
        E::Timeout(_) => Kind::ConnectTimeout,
        E::Rustls(_) | E::Tls(_) | E::TlsRequired => Kind::Tls,
        E::Io(io) if is_tls(io) => Kind::Tls,
        _ => Kind::Connect,
    }
}

fn after_writing(error: &UreqError) -> Kind {
    use UreqError as E;
    match error {
        E::Timeout(_) => Kind::TotalTimeout,
        E::Io(_) | E::BodyStalled => Kind::ConnectionLost,
        E::Protocol(_) | E::LargeResponseHeader(..) | E::Http(_) => Kind::Protocol,
        _ => Kind::Other,
    }
}

/// Returns whether it is a failed handshake: rustls's errors are invalid data, and a closed
/// connection is an early end.
fn is_tls(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof)
}

fn cause(error: UreqError) -> Box<dyn Error + Send + Sync> {
    match error {
        UreqError::Io(error) => error.into(),
        error => error.into(),
    }
}
