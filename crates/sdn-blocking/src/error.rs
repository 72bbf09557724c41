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
    /// The connection could not be secured, for instance because the server's certificate is not trusted.
    Tls {
        /// What TLS says.
        source: Source,
        /// [`Delivery::NotSent`] if it failed in a step that comes before the request.
        delivery: Delivery,
    },
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
            Self::Tls { .. } => f.write_str("could not secure the connection"),
            Self::Timeout(TimeoutStage::Connect) => f.write_str("connecting took too long"),
            Self::Timeout(TimeoutStage::Total) => f.write_str("the call took too long in all"),
            Self::BodyTooLarge { limit } => write!(f, "the answer is longer than {limit} bytes"),
            Self::ConnectionLost(_) => f.write_str("the connection broke before the answer was complete"),
            Self::Protocol(_) => f.write_str("what the server sent is not HTTP"),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Connect(source)
            | Self::Tls { source, .. }
            | Self::ConnectionLost(source)
            | Self::Protocol(source) => Some(&**source),
            Self::Timeout(_) | Self::BodyTooLarge { .. } => None,
        }
    }
}

impl TransportError for Error {
    /// An answer that came but could not be read to its end is [`Delivery::Unknown`] too: it was to say what happened.
    fn delivery(&self) -> Delivery {
        match self {
            Self::Connect(_) | Self::Timeout(TimeoutStage::Connect) => Delivery::NotSent,
            Self::Tls { delivery, .. } => *delivery,
            _ => Delivery::Unknown,
        }
    }
}

impl From<ureq::Error> for Error {
    fn from(error: ureq::Error) -> Self {
        use ureq::Timeout;
        match error {
            ureq::Error::Io(error) => error.into(),
            ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => Self::Timeout(TimeoutStage::Connect),
            ureq::Error::Timeout(_) => Self::Timeout(TimeoutStage::Total),
            ureq::Error::Tls(_) | ureq::Error::Pem(_) | ureq::Error::Rustls(_) => {
                Self::Tls { source: error.into(), delivery: Delivery::NotSent }
            }
            ureq::Error::Http(_)
            | ureq::Error::BadUri(_)
            | ureq::Error::HostNotFound
            | ureq::Error::InvalidProxyUrl
            | ureq::Error::ConnectionFailed
            | ureq::Error::RequireHttpsOnly(_) => Self::Connect(error.into()),
            other => Self::Protocol(other.into()),
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind;
        match error.kind() {
            // Kinds that only connecting has: once there is a connection it can be reset, but no longer refused.
            ErrorKind::ConnectionRefused
            | ErrorKind::AddrNotAvailable
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable => return Self::Connect(error.into()),
            _ => {}
        }
        match error.get_ref() {
            Some(inner) if inner.is::<ureq::Error>() => match error.downcast::<ureq::Error>() {
                Ok(error) => error.into(),
                Err(error) => Self::ConnectionLost(error.into()),
            },
            Some(inner) if inner.is::<rustls::Error>() => {
                let delivery = match inner.downcast_ref() {
                    // The server's certificate is checked before anything else is sent.
                    Some(rustls::Error::InvalidCertificate(_)) => Delivery::NotSent,
                    _ => Delivery::Unknown,
                };
                Self::Tls { source: error.into(), delivery }
            }
            _ => Self::ConnectionLost(error.into()),
        }
    }
}
