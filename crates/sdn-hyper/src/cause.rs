//! Telling from an error of hyper, or of somebody's service, what happened to the request.

use std::error::Error as StdError;
use std::io;

use hyper_util::client::legacy;
use sdn_proto::{Delivery, TransportError};

use crate::connect::Failed;
use crate::error::{BoxError, Error};

impl Error {
    /// Judges the error of somebody's service, by the whole chain of its causes and in doubt by the worse case.
    ///
    /// [`Client::with_service`](crate::Client::with_service) does so by itself. A layer within the service that wants to
    /// repeat what certainly had no effect does it before, to ask for the [`delivery`](TransportError::delivery).
    ///
    /// It does not see the request. If that has no body, it may have arrived despite
    /// [`GoingAway`](Self::GoingAway).
    pub fn from_service(cause: impl Into<BoxError>) -> Self {
        Self::from_cause(cause)
    }

    pub(crate) fn from_cause(cause: impl Into<BoxError>) -> Self {
        let cause = match cause.into().downcast::<Self>() {
            Ok(judged) => return *judged,
            Err(cause) => cause,
        };
        if let Some(judged) = find::<Self>(&*cause) {
            return match judged.delivery() {
                Delivery::NotSent => Self::Connect(cause),
                _ => Self::Other(cause),
            };
        }
        if let Some(failed) = find::<Failed>(&*cause) {
            return failed.into();
        }
        if find::<legacy::Error>(&*cause).is_some_and(legacy::Error::is_connect) {
            return Self::Connect(cause);
        }
        if find::<h2::Error>(&*cause).is_some_and(is_excluded) {
            return Self::GoingAway(cause);
        }
        if let Some(error) = find::<hyper::Error>(&*cause) {
            // "Canceled" is what hyper says of a request that it hands back without having written
            // any of it: over HTTP/2, one that it has not passed to h2.
            return if error.is_canceled() {
                Self::Connect(cause)
            } else if error.is_parse() || is_nonsense(error) {
                Self::Protocol(cause)
            } else {
                Self::ConnectionLost(cause)
            };
        }
        match find::<io::Error>(&*cause) {
            Some(_) => Self::ConnectionLost(cause),
            None => Self::Other(cause),
        }
    }

    /// The same where it is known whether the request has a body.
    ///
    /// hyper also reports that the server goes away for a request that it has just given to h2,
    /// which may write the head anyway. Without its body that has no effect, but a request
    /// without a body has then arrived.
    pub(crate) fn from_cause_of_request(cause: impl Into<BoxError>, has_body: bool) -> Self {
        match Self::from_cause(cause) {
            Self::GoingAway(cause) if !has_body => Self::ConnectionLost(cause),
            error => error,
        }
    }

    /// The same where the head of a response has come: whatever fails after it, the request was
    /// sent.
    pub(crate) fn from_cause_in_response(cause: impl Into<BoxError>) -> Self {
        match Self::from_cause(cause) {
            error if error.delivery() == Delivery::NotSent => Self::ConnectionLost(Box::new(error)),
            error => error,
        }
    }

    /// The same where it is certain that no connection had been handed the request yet.
    pub(crate) fn from_cause_before_sending(cause: impl Into<BoxError>) -> Self {
        match Self::from_cause(cause) {
            Self::ConnectionLost(cause) | Self::Protocol(cause) | Self::Other(cause) => {
                Self::Connect(cause)
            }
            other => other,
        }
    }
}

/// Whether an HTTP/2 server shuts down without an error and excludes the stream: it names an
/// earlier one as the last that it handles (RFC 9113, section 6.8). Streams that it does not
/// exclude get another error when the connection ends.
///
/// A server that goes away with another code has failed, and is not trusted. Nor is a reset stream,
/// whatever its code: HAProxy sends `REFUSED_STREAM` after the node has read the request.
fn is_excluded(error: &h2::Error) -> bool {
    error.is_remote() && error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR)
}

/// Whether a body was framed in a way that HTTP/1.1 does not know.
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
