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
        if find::<h2::Error>(&*cause).is_some_and(is_refusal) {
            return Self::Refused(cause);
        }
        if let Some(error) = find::<hyper::Error>(&*cause) {
            // "Canceled" is what hyper says of a request that it hands back without having written any of it.
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

/// Whether an HTTP/2 server says that it has not acted on the request: it refused the stream, or went away and named an
/// earlier stream as its last. A stream that it does count gets another error when the connection ends.
fn is_refusal(error: &h2::Error) -> bool {
    error.is_remote()
        && (error.is_go_away()
            || error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM))
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
