use std::error::Error;
use std::fmt;

use http::Request;

use super::{ApiError, Delivery, TransportError};

/// Why a call failed: the server responded with an error, or no complete response arrived.
///
/// ```
/// use sdn_proto::{CallError, Delivery, TransportError, TransportErrorKind};
///
/// let error = CallError::from(TransportError::from(TransportErrorKind::ConnectTimeout));
/// assert_eq!(error.delivery(), Delivery::NotSent);
/// assert!(error.api_error().is_none());
/// ```
#[derive(Debug, Clone)]
pub enum CallError {
    /// The server responded, and the response is not a success.
    Api(ApiError),
    /// No complete response arrived.
    Transport(TransportError),
}

impl CallError {
    /// Returns what is known about the request's effect.
    pub fn delivery(&self) -> Delivery {
        match self {
            Self::Api(error) => error.delivery(),
            Self::Transport(error) => error.delivery(),
        }
    }

    /// Returns the server's response, if there is one.
    pub fn api_error(&self) -> Option<&ApiError> {
        match self {
            Self::Api(error) => Some(error),
            Self::Transport(_) => None,
        }
    }

    /// Replaces the secrets of the request where the server or the transport repeats them.
    #[must_use]
    pub fn without_secrets_of<B: AsRef<[u8]>>(self, request: &Request<B>) -> Self {
        match self {
            Self::Api(error) => Self::Api(error.without_secrets_of(request)),
            Self::Transport(error) => Self::Transport(error.without_secrets_of(request)),
        }
    }
}

impl From<ApiError> for CallError {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

impl From<TransportError> for CallError {
    fn from(error: TransportError) -> Self {
        Self::Transport(error)
    }
}

// Each is shown as itself: one line, and its source is the cause.
impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api(error) => error.fmt(f),
            Self::Transport(error) => error.fmt(f),
        }
    }
}

impl Error for CallError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Api(error) => error.source(),
            Self::Transport(error) => error.source(),
        }
    }
}
