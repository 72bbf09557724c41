use std::error::Error;
use std::fmt;
use std::sync::Arc;

use http::Request;

use super::Delivery;
use super::cause::without_secrets_of;

/// Why no complete response arrived: the same type for every transport.
///
/// Your own transport builds it with [`new`](Self::new) and does not need another error type.
/// `Display` is one line and does not repeat the cause, which [`source`](Error::source) returns.
///
/// ```
/// use std::error::Error;
/// use std::io;
/// use sdn_proto::{Delivery, TransportError, TransportErrorKind};
///
/// let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
/// let error = TransportError::new(TransportErrorKind::Connect, refused);
/// assert_eq!(error.delivery(), Delivery::NotSent);
/// assert_eq!(error.to_string(), "cannot connect to the server");
/// assert_eq!(error.source().unwrap().to_string(), "connection refused");
///
/// let error = TransportError::from(TransportErrorKind::TotalTimeout);
/// assert_eq!(error.delivery(), Delivery::Unknown);
/// ```
#[derive(Debug, Clone)]
pub struct TransportError {
    kind: TransportErrorKind,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

/// How an exchange failed, which decides its [`Delivery`].
///
/// If nothing of the request was written, it was not sent. One more kind means not sent:
/// [`GoingAway`](Self::GoingAway). When in doubt, use [`Other`](Self::Other).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection could be opened: the name is unknown, the server refused, or it closed before
    /// any of the request was written. [`Delivery::NotSent`].
    Connect,
    /// No secure connection could be opened: an untrusted certificate, the wrong name, or no common
    /// version. [`Delivery::NotSent`].
    Tls,
    /// The time to connect ran out: the name, TCP and TLS. [`Delivery::NotSent`].
    ConnectTimeout,
    /// The total time ran out while the call waited for a connection. [`Delivery::NotSent`].
    NoSlot,
    /// The server limits the rate, and the wait would exceed the budget. [`Delivery::NotSent`].
    RateLimited,
    /// The server closed an HTTP/2 connection with a graceful GOAWAY (`NO_ERROR`) that excludes the
    /// request's stream ([RFC 9113, section
    /// 6.8](https://www.rfc-editor.org/rfc/rfc9113#section-6.8)). [`Delivery::NotSent`].
    GoingAway,
    /// The total time ran out after some of the request may have been written.
    /// [`Delivery::Unknown`].
    TotalTimeout,
    /// The connection ended, or the stream was reset, after some of the request may have been
    /// written and before the response was complete. [`Delivery::Unknown`].
    ConnectionLost,
    /// The response is not HTTP. [`Delivery::Unknown`].
    Protocol,
    /// The body of a 200 is longer than the call allows. [`Delivery::Unknown`], because such a body
    /// is not a response of this call.
    BodyTooLarge {
        /// The call's limit, in bytes.
        limit: usize,
    },
    /// The HTTP client failed without showing whether it sent the request. [`Delivery::Unknown`].
    Other,
}

impl TransportError {
    /// Creates an error with its cause.
    pub fn new(kind: TransportErrorKind, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind, source: Some(Arc::from(source.into())) }
    }

    /// Returns how the exchange failed.
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// Returns what is known about the request's effect.
    pub fn delivery(&self) -> Delivery {
        self.kind.delivery()
    }

    /// Replaces the secrets of the request in the texts of the cause.
    ///
    /// A server can repeat the request in an error's text, for example in the debug data that ends
    /// an HTTP/2 connection.
    ///
    /// ```
    /// use std::error::Error;
    /// use sdn_proto::client::WhoAmI;
    /// use sdn_proto::{AccessToken, Call, Node, TransportError, TransportErrorKind};
    ///
    /// let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
    /// let request = WhoAmI::new().to_request(&session);
    /// let error = TransportError::new(TransportErrorKind::Protocol, "not HTTP: syt_secret");
    /// let error = error.without_secrets_of(&request);
    /// assert_eq!(error.source().unwrap().to_string(), "not HTTP: [redacted]");
    /// # Ok::<(), sdn_proto::InvalidInput>(())
    /// ```
    #[must_use]
    pub fn without_secrets_of<B: AsRef<[u8]>>(self, request: &Request<B>) -> Self {
        let source = self.source.map(|source| without_secrets_of(source, request));
        Self { source, ..self }
    }
}

impl TransportErrorKind {
    /// Returns what is known about the request's effect.
    pub fn delivery(self) -> Delivery {
        match self {
            Self::Connect
            | Self::Tls
            | Self::ConnectTimeout
            | Self::NoSlot
            | Self::RateLimited
            | Self::GoingAway => Delivery::NotSent,
            Self::TotalTimeout
            | Self::ConnectionLost
            | Self::Protocol
            | Self::BodyTooLarge { .. }
            | Self::Other => Delivery::Unknown,
        }
    }
}

impl From<TransportErrorKind> for TransportError {
    fn from(kind: TransportErrorKind) -> Self {
        Self { kind, source: None }
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use TransportErrorKind as K;
        f.write_str(match self.kind {
            K::Connect => "cannot connect to the server",
            K::Tls => {
                let cause = self.source.as_deref().map(|cause| cause as _);
                return write!(f, "cannot open a secure connection to the server{}", advice(cause));
            }
            K::ConnectTimeout => "connect timeout: no connection in time",
            K::NoSlot => "total timeout: no free connection in time",
            K::RateLimited => "rate limited, and the wait would exceed the budget",
            K::GoingAway => "the server closed the connection before it read the request",
            K::TotalTimeout => "total timeout: no complete response in time",
            K::ConnectionLost => "the connection ended before the response was complete",
            K::Protocol => "the response is not HTTP",
            K::BodyTooLarge { limit } => {
                return write!(f, "the response's body exceeds this call's {limit} bytes");
            }
            K::Other => "the HTTP client failed",
        })
    }
}

/// Explains a certificate error for which the TLS library has only a name.
fn advice(mut cause: Option<&(dyn Error + 'static)>) -> &'static str {
    while let Some(error) = cause {
        let text = error.to_string();
        let known = CERTIFICATES.iter().find(|(name, _)| text.contains(name));
        if let Some((_, advice)) = known {
            return advice;
        }
        cause = error.source();
    }
    ""
}

/// Names of webpki and rustls, in the texts of the errors of every transport that uses them.
const CERTIFICATES: [(&str, &str); 3] = [
    (
        "CaUsedAsEndEntity",
        ": its certificate is an authority's (CA:TRUE), as `openssl req -x509` creates it; create one with \
         -addext basicConstraints=critical,CA:FALSE and -addext subjectAltName=DNS:<host>, or sign a \
         server certificate with the authority",
    ),
    (
        "UnsupportedCertVersion",
        ": its certificate has an old version; create one of version 3, with -addext \
         subjectAltName=DNS:<host>",
    ),
    (
        "UnknownIssuer",
        ": no trusted authority signed its certificate; trust the authority's certificate, or correct the \
         server's chain",
    ),
];

impl Error for TransportError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
