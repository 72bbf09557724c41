//! One request and its answer, within the limits of time and size.

use std::cell::Cell;
use std::io::{self, Read};

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{Method, Request, Response, StatusCode};
use ureq::{Agent, AsSendBody, Body, SendBody};

use crate::error::Error;
use crate::settings::TOTAL_TIMEOUT;

/// Carries a request, and reads at most `limit` bytes of the answer's body.
#[cfg(feature = "tracing")]
pub(crate) fn exchange(
    agent: &Agent,
    request: Request<Bytes>,
    limit: usize,
) -> Result<Response<Vec<u8>>, Error> {
    let traced = crate::trace::Traced::new(&request);
    let result = traced.span.in_scope(|| carry(agent, request, limit));
    traced.ended(&result);
    result
}

#[cfg(not(feature = "tracing"))]
pub(crate) use carry as exchange;

/// Carries a request, and reads at most `limit` bytes of the answer's body.
pub(crate) fn carry(
    agent: &Agent,
    request: Request<Bytes>,
    limit: usize,
) -> Result<Response<Vec<u8>>, Error> {
    // ureq asks for the body once it has a connection and has written the head to it. What a call says is in the body,
    // so a server cannot act on a head alone; where there is no body we cannot tell.
    let may_be_sent = Cell::new(request.body().is_empty());
    let response = send(agent, request, &may_be_sent)
        .map_err(|error| Error::from_ureq(error, may_be_sent.get()))?;
    let (head, body) = response.into_parts();
    let mut bytes = Vec::new();
    match read_to(&mut bytes, body, limit) {
        // Where the status alone tells that the call failed, what came of the body is enough.
        Err(error) if head.status == StatusCode::OK => Err(error),
        _ => Ok(Response::from_parts(head, bytes)),
    }
}

fn send(
    agent: &Agent,
    request: Request<Bytes>,
    may_be_sent: &Cell<bool>,
) -> Result<Response<Body>, ureq::Error> {
    let (mut head, body) = request.into_parts();
    if !matches!(head.method, Method::POST | Method::PUT | Method::PATCH) {
        return run(agent, Request::from_parts(head, ()));
    }
    head.headers.insert(CONTENT_LENGTH, body.len().into());
    let mut body = Watched { rest: &body, is_asked_for: may_be_sent };
    run(agent, Request::from_parts(head, SendBody::from_reader(&mut body)))
}

fn run(agent: &Agent, request: Request<impl AsSendBody>) -> Result<Response<Body>, ureq::Error> {
    let total = agent.config().timeouts().global.unwrap_or(TOTAL_TIMEOUT);
    // Whatever the agent is set to: an answer is an answer, and the call goes nowhere else.
    let request = agent
        .configure_request(request)
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .accept("")
        .accept_encoding("")
        .timeout_global(Some(total))
        .build();
    agent.run(request)
}

fn read_to(bytes: &mut Vec<u8>, body: Body, limit: usize) -> Result<(), Error> {
    // One more than the limit, to see whether there is more.
    let longest = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let result = body.into_reader().take(longest).read_to_end(bytes);
    if bytes.len() > limit {
        bytes.truncate(limit);
        return Err(Error::BodyTooLarge { limit });
    }
    result.map(drop).map_err(|error| Error::from_ureq(error.into(), true))
}

/// A request's body that notes when ureq begins to send it.
struct Watched<'a> {
    rest: &'a [u8],
    is_asked_for: &'a Cell<bool>,
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.is_asked_for.set(true);
        self.rest.read(buffer)
    }
}
