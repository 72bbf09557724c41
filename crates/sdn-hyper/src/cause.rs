//! Decides from an error of hyper, or of a caller's service, whether the request may have been
//! sent.

use std::error::Error as StdError;
use std::io;

use hyper_util::client::legacy;
use sdn_proto::{Delivery, TransportError, TransportErrorKind as Kind};

pub(crate) type BoxError = Box<dyn StdError + Send + Sync>;

/// Classifies the error of a caller's service by the whole chain of its causes. In doubt, the
/// request may have been sent.
///
/// [`Client::with_service`](crate::Client::with_service) calls it. If a layer inside the service
/// repeats requests, let it call this first, and repeat only those with the
/// [`delivery`](TransportError::delivery) `NotSent`.
///
/// It does not have the request. A request without a body may have arrived despite
/// [`GoingAway`](Kind::GoingAway).
pub fn classify(error: impl Into<Box<dyn StdError + Send + Sync>>) -> TransportError {
    classify_as(error.into(), |kind| kind)
}

fn kind(cause: &(dyn StdError + 'static)) -> Kind {
    if let Some(classified) = find::<TransportError>(cause) {
        return match classified.delivery() {
            Delivery::NotSent => classified.kind(),
            _ => Kind::Other,
        };
    }
    if find::<legacy::Error>(cause).is_some_and(legacy::Error::is_connect) {
        return Kind::Connect;
    }
    if find::<h2::Error>(cause).is_some_and(is_excluded) {
        return Kind::GoingAway;
    }
    if let Some(error) = find::<hyper::Error>(cause) {
        // "Canceled" is what hyper says of a request that it hands back without having written any
        // of it: over HTTP/2, one that it has not passed to h2.
        return if error.is_canceled() {
            Kind::Connect
        } else if error.is_parse() || is_nonsense(error) {
            Kind::Protocol
        } else {
            Kind::ConnectionLost
        };
    }
    match find::<io::Error>(cause) {
        Some(_) => Kind::ConnectionLost,
        None => Kind::Other,
    }
}

/// Like [`classify`], for a caller that knows whether the request has a body.
///
/// hyper also reports that the server goes away for a request that it has just given to h2, which
/// may write the head anyway. Without its body that has no effect, but a request without a body has
/// then arrived.
pub(crate) fn classify_of_request(error: impl Into<BoxError>, has_body: bool) -> TransportError {
    classify_as(error.into(), |kind| match kind {
        Kind::GoingAway if !has_body => Kind::ConnectionLost,
        kind => kind,
    })
}

/// Like [`classify`], after the head of a response: the request was sent.
pub(crate) fn classify_in_response(error: impl Into<BoxError>) -> TransportError {
    classify_as(error.into(), |kind| match kind.delivery() {
        Delivery::NotSent => Kind::ConnectionLost,
        _ => kind,
    })
}

/// Like [`classify`], before any connection has received the request.
pub(crate) fn classify_before_sending(error: impl Into<BoxError>) -> TransportError {
    classify_as(error.into(), |kind| match kind.delivery() {
        Delivery::NotSent => kind,
        _ => Kind::Connect,
    })
}

fn classify_as(cause: BoxError, adjust: impl FnOnce(Kind) -> Kind) -> TransportError {
    match cause.downcast::<TransportError>() {
        Ok(error) => {
            let kind = adjust(error.kind());
            if kind == error.kind() { *error } else { TransportError::new(kind, error) }
        }
        Err(cause) => {
            let kind = adjust(kind(&*cause));
            TransportError::new(kind, cause)
        }
    }
}

/// Returns whether an HTTP/2 server shuts down without an error and excludes the stream: it names
/// an earlier one as the last that it handles (RFC 9113, section 6.8). Streams that it does not
/// exclude get another error when the connection ends.
///
/// A server that goes away with another code has failed, and is not trusted. A reset stream with
/// any code is not trusted either: HAProxy sends `REFUSED_STREAM` after the node has read the
/// request.
fn is_excluded(error: &h2::Error) -> bool {
    error.is_remote() && error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR)
}

/// Returns whether a body has a framing that HTTP/1.1 does not define.
fn is_nonsense(error: &hyper::Error) -> bool {
    find::<io::Error>(error).is_some_and(|error| {
        matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput)
    })
}

fn find<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}
