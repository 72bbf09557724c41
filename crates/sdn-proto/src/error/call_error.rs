use std::error::Error;
use std::fmt;

use super::ApiError;

/// What is known about a request's effect when its call failed.
///
/// An invitation by e-mail sends a mail: only [`NotSent`](Delivery::NotSent) may be repeated without thought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// The server certainly did not act: the request never reached it.
    NotSent,
    /// The server answered: [`ApiError::delivery`] says which responses count as its own answer.
    Answered,
    /// The server may have acted without our knowing: no response came, or one that may be a
    /// proxy's. Look before you repeat the call.
    Unknown,
}

/// A transport's own error, which knows whether the request may have arrived.
///
/// Implement it for your own HTTP stack's error to use it in [`CallError`]. When in doubt answer
/// [`Delivery::Unknown`].
pub trait TransportError: Error {
    /// What is known about the request's effect.
    fn delivery(&self) -> Delivery;
}

/// Why a call failed: the server answered with an error, or the transport `T` brought no answer.
///
/// ```
/// use sdn_proto::{CallError, Delivery, TransportError};
///
/// # #[derive(Debug)] struct Refused;
/// # impl std::fmt::Display for Refused {
/// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("refused") }
/// # }
/// # impl std::error::Error for Refused {}
/// impl TransportError for Refused {
///     fn delivery(&self) -> Delivery {
///         Delivery::NotSent // nothing was written: the connection was refused
///     }
/// }
///
/// let error: CallError<Refused> = CallError::Transport(Refused);
/// assert_eq!(error.delivery(), Delivery::NotSent);
/// ```
#[derive(Debug)]
pub enum CallError<T> {
    /// The server answered, and the answer is not a success.
    Api(ApiError),
    /// No complete answer came.
    Transport(T),
}

impl<T: TransportError> CallError<T> {
    /// What is known about the request's effect.
    pub fn delivery(&self) -> Delivery {
        match self {
            Self::Api(error) => error.delivery(),
            Self::Transport(error) => error.delivery(),
        }
    }
}

impl<T> CallError<T> {
    /// The server's answer, if there is one.
    pub fn api(&self) -> Option<&ApiError> {
        match self {
            Self::Api(error) => Some(error),
            Self::Transport(_) => None,
        }
    }
}

impl<T> From<ApiError> for CallError<T> {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

// Both kinds are shown as themselves: one line, and its source is theirs.
impl<T: fmt::Display> fmt::Display for CallError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api(error) => error.fmt(f),
            Self::Transport(error) => error.fmt(f),
        }
    }
}

impl<T: Error> Error for CallError<T> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Api(error) => error.source(),
            Self::Transport(error) => error.source(),
        }
    }
}
