use std::error::Error as StdError;
use std::{fmt, io};

use sdn_proto::{Delivery, TransportError};

type Source = Box<dyn StdError + Send + Sync>;

/// Why no complete answer came. The cause, if there is one, is its `source()`.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The server's name could not be resolved, or no connection could be made. Nothing was sent.
    Connect(Source),
    /// The connection could not be secured, for instance because the server's certificate is not trusted. Nothing was sent.
    Tls(Source),
    /// Time ran out.
    Timeout(TimeoutStage),
    /// The answer has status 200 and a body longer than this call's answers can be.
    BodyTooLarge {
        /// The greatest number of bytes allowed.
        limit: usize,
    },
    /// The connection broke before the answer was complete.
    ConnectionLost(Source),
    /// What came is not HTTP.
    Protocol(Source),
    /// A service given to [`Client::with_service`](crate::Client::with_service) failed in its own way.
    Service(Source),
}

/// Which time ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TimeoutStage {
    /// The time for resolving the server's name, connecting and securing the connection.
    Connect,
    /// The time for the whole call.
    Total,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(_) => f.write_str("could not connect to the server"),
            Self::Tls(_) => f.write_str("could not secure the connection"),
            Self::Timeout(TimeoutStage::Connect) => f.write_str("connecting took too long"),
            Self::Timeout(TimeoutStage::Total) => f.write_str("the call took too long in all"),
            Self::BodyTooLarge { limit } => write!(f, "the answer is longer than {limit} bytes"),
            Self::ConnectionLost(_) => {
                f.write_str("the connection broke before the answer was complete")
            }
            Self::Protocol(_) => f.write_str("what the server sent is not HTTP"),
            Self::Service(_) => f.write_str("the HTTP service failed"),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Connect(source)
            | Self::Tls(source)
            | Self::ConnectionLost(source)
            | Self::Protocol(source)
            | Self::Service(source) => Some(&**source),
            Self::Timeout(_) | Self::BodyTooLarge { .. } => None,
        }
    }
}

impl TransportError for Error {
    /// An answer that came but could not be read to its end is [`Delivery::Unknown`] too: it was to say what happened.
    fn delivery(&self) -> Delivery {
        match self {
            Self::Connect(_) | Self::Tls(_) | Self::Timeout(TimeoutStage::Connect) => {
                Delivery::NotSent
            }
            _ => Delivery::Unknown,
        }
    }
}

/// The time for a connection ran out. It travels through hyper's errors to [`Error::from_service`].
#[derive(Debug)]
pub(crate) struct ConnectTimedOut;

impl fmt::Display for ConnectTimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("connecting took too long")
    }
}

impl StdError for ConnectTimedOut {}

impl Error {
    /// Finds out what a service's error means, whatever wraps it.
    pub(crate) fn from_service(error: Source) -> Self {
        let error = match error.downcast::<Self>() {
            Ok(error) => return *error,
            Err(error) => error,
        };
        let is_connect =
            find(&*error, |error: &hyper_util::client::legacy::Error| error.is_connect());
        if is_connect {
            if find(&*error, |_: &ConnectTimedOut| true) {
                return Self::Timeout(TimeoutStage::Connect);
            }
            if find(&*error, |_: &rustls::Error| true) {
                return Self::Tls(error);
            }
            return Self::Connect(error);
        }
        if find(&*error, hyper::Error::is_parse) {
            return Self::Protocol(error);
        }
        if find(&*error, |_: &hyper::Error| true) || find(&*error, |_: &io::Error| true) {
            return Self::ConnectionLost(error);
        }
        Self::Service(error)
    }
}

/// Whether an error, or one of its causes, is of a type and fits.
fn find<E: StdError + 'static>(
    error: &(dyn StdError + 'static),
    fits: impl Fn(&E) -> bool,
) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.downcast_ref().is_some_and(&fits) {
            return true;
        }
        // An I/O error's source is its content's source: the content itself would be passed over.
        let content = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match content {
            Some(content) => Some(content as &(dyn StdError + 'static)),
            None => error.source(),
        };
    }
    false
}
