//! One request and its response, within the limits of time and size.

use std::io::Read;

use http::{Response, StatusCode};
use sdn_proto::{Outgoing, TransportError, TransportErrorKind};
use ureq::Body;

use crate::agent::Agent;
use crate::cause::classify;

/// Sends a request and reads the response's body up to its limit.
#[cfg(feature = "tracing")]
pub(crate) fn exchange(
    agent: &Agent,
    outgoing: Outgoing,
) -> Result<Response<Vec<u8>>, TransportError> {
    let traced = crate::trace::Traced::new(&outgoing);
    let result = traced.span.in_scope(|| send(agent, outgoing));
    traced.ended(&result);
    result
}

#[cfg(not(feature = "tracing"))]
pub(crate) use send as exchange;

/// Sends a request and reads the response's body up to its limit.
pub(crate) fn send(agent: &Agent, outgoing: Outgoing) -> Result<Response<Vec<u8>>, TransportError> {
    let limit = outgoing.max_response_bytes();
    let (head, body) = agent.send(outgoing.into_request())?.into_parts();
    let mut bytes = Vec::new();
    match read_to(&mut bytes, body, limit) {
        // Any other status is enough to know that the call failed, whatever arrived of the body.
        Err(error) if head.status == StatusCode::OK => Err(error),
        _ => Ok(Response::from_parts(head, bytes)),
    }
}

fn read_to(bytes: &mut Vec<u8>, body: Body, limit: usize) -> Result<(), TransportError> {
    // One more than the limit, to see whether there is more.
    let longest = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let result = body.into_reader().take(longest).read_to_end(bytes);
    if bytes.len() > limit {
        bytes.truncate(limit);
        return Err(TransportErrorKind::BodyTooLarge { limit }.into());
    }
    result.map(drop).map_err(|error| classify(error.into(), true))
}
