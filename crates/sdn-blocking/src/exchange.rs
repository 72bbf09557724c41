//! One request and its answer, within the limits of time and size.

use std::io::Read;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use ureq::Body;

use crate::agent::Agent;
use crate::error::Error;

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
    let (head, body) = agent.send(request)?.into_parts();
    let mut bytes = Vec::new();
    match read_to(&mut bytes, body, limit) {
        // Where the status alone tells that the call failed, what came of the body is enough.
        Err(error) if head.status == StatusCode::OK => Err(error),
        _ => Ok(Response::from_parts(head, bytes)),
    }
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
