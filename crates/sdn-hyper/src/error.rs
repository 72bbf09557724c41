//! What can go wrong on the way, and what is then known about the request.

use std::error::Error as StdError;
use std::fmt;

use bytes::Bytes;
use http::Request;
use sdn_proto::error::without_secrets_of;
use sdn_proto::{Delivery, TransportError};

/// The cause of an [`Error`], whichever library it comes from.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// Why no complete answer came.
///
/// `Display` is one line and does not repeat the cause, which [`source`](std::error::Error::source) gives. Neither holds
/// a token: what a server repeats of the request is without its secrets.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// There was no connection to write the request to: the name is unknown, the server refused, or it closed too early.
    ///
    /// [`Delivery::NotSent`].
    Connect(BoxError),
    /// No secure connection could be made: an untrusted certificate, the wrong name, no common version.
    ///
    /// [`Delivery::NotSent`].
    Tls(BoxError),
    /// The server shuts down without an error and excludes the request, which only HTTP/2 can say:
    /// a `GOAWAY` with the code `NO_ERROR` and an earlier stream as its last ([RFC 9113, section
    /// 6.8]).
    ///
    /// [`Delivery::NotSent`]. The server's word is trusted, because nginx sends such a `GOAWAY`
    /// every 1,000 requests, and every proxy that was tried was truthful. It is not trusted with
    /// another code, or for a request without a body, whose head may have been written in the same
    /// moment. These are [`ConnectionLost`](Self::ConnectionLost), as is a reset stream with any
    /// code: HAProxy sends `REFUSED_STREAM` after the node has read the request, if the node's
    /// connection then breaks.
    ///
    /// [RFC 9113, section 6.8]: https://www.rfc-editor.org/rfc/rfc9113.html#section-6.8
    GoingAway(BoxError),
    /// The server limits the rate, and to wait for a turn would take longer than the caller allows: see
    /// [`Paced`](crate::Paced).
    ///
    /// [`Delivery::NotSent`].
    NoTurn,
    /// Time ran out.
    ///
    /// [`Delivery::NotSent`] while connecting, [`Delivery::Unknown`] after that.
    Timeout(TimeoutStage),
    /// The connection broke, or the server reset the stream, after some of the request may have
    /// been written and before the answer was complete.
    ///
    /// [`Delivery::Unknown`].
    ConnectionLost(BoxError),
    /// What came back is not HTTP.
    ///
    /// [`Delivery::Unknown`].
    Protocol(BoxError),
    /// The server answered 200 with a body longer than the call allows, so it was not read to its end.
    ///
    /// [`Delivery::Unknown`]: such a body is no answer of this call, and the server may or may not have acted. With any
    /// other status the body's beginning is kept and the error is an [`ApiError`](sdn_proto::ApiError).
    BodyTooLarge {
        /// The call's limit, in bytes.
        limit: usize,
    },
    /// The HTTP client failed in a way that does not tell whether it sent the request.
    ///
    /// [`Delivery::Unknown`].
    Other(BoxError),
}

/// What was waited for when time ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TimeoutStage {
    /// A connection: looking up the name, TCP and TLS.
    Connect,
    /// The complete answer.
    Total,
}

impl Error {
    pub(crate) fn without_secrets_of(self, request: &Request<Bytes>) -> Self {
        let clean = |cause| without_secrets_of(cause, request);
        match self {
            Self::Connect(cause) => Self::Connect(clean(cause)),
            Self::Tls(cause) => Self::Tls(clean(cause)),
            Self::GoingAway(cause) => Self::GoingAway(clean(cause)),
            Self::ConnectionLost(cause) => Self::ConnectionLost(clean(cause)),
            Self::Protocol(cause) => Self::Protocol(clean(cause)),
            Self::Other(cause) => Self::Other(clean(cause)),
            Self::NoTurn | Self::Timeout(_) | Self::BodyTooLarge { .. } => self,
        }
    }
}

impl TransportError for Error {
    fn delivery(&self) -> Delivery {
        match self {
            Self::Connect(_)
            | Self::Tls(_)
            | Self::GoingAway(_)
            | Self::NoTurn
            | Self::Timeout(TimeoutStage::Connect) => Delivery::NotSent,
            Self::Timeout(TimeoutStage::Total)
            | Self::ConnectionLost(_)
            | Self::Protocol(_)
            | Self::BodyTooLarge { .. }
            | Self::Other(_) => Delivery::Unknown,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(_) => f.write_str("cannot connect to the server"),
            Self::Tls(_) => f.write_str("cannot make a secure connection to the server"),
            Self::GoingAway(_) => {
                f.write_str("the server is shutting down and did not handle the request")
            }
            Self::NoTurn => f.write_str("the server limits the rate, and there is no turn in time"),
            Self::Timeout(stage) => stage.fmt(f),
            Self::ConnectionLost(_) => {
                f.write_str("the connection broke before the answer was complete")
            }
            Self::Protocol(_) => f.write_str("the answer is not HTTP"),
            Self::BodyTooLarge { limit } => {
                write!(
                    f,
                    "the answer's body is longer than the {limit} bytes that this call allows"
                )
            }
            Self::Other(_) => f.write_str("the HTTP client failed"),
        }
    }
}

impl fmt::Display for TimeoutStage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connect timeout: no connection in time",
            Self::Total => "total timeout: no complete answer in time",
        })
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Connect(cause)
            | Self::Tls(cause)
            | Self::GoingAway(cause)
            | Self::ConnectionLost(cause)
            | Self::Protocol(cause)
            | Self::Other(cause) => Some(&**cause),
            Self::NoTurn | Self::Timeout(_) | Self::BodyTooLarge { .. } => None,
        }
    }
}
