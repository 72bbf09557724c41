use std::error::Error;
use std::fmt;

use crate::error::{ApiError, CallError, Delivery, TransportError};

/// The error of a wallet's login.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum LoginError {
    /// The node did not list the wallet's DIDs.
    Dids(CallError),
    /// The node did not return a message to sign.
    Challenge(CallError),
    /// The node refused the login: the signature is wrong, or the challenge is used or too old.
    Refused(ApiError),
    /// The login was not sent; nothing has happened.
    NotSent(TransportError),
    /// The node may have created a session. Begin another login, because a challenge can be used
    /// only once.
    Unknown(CallError),
}

impl LoginError {
    /// Returns the server's response, if a server responded.
    pub fn api_error(&self) -> Option<&ApiError> {
        match self {
            Self::Dids(error) | Self::Challenge(error) | Self::Unknown(error) => error.api_error(),
            Self::Refused(error) => Some(error),
            Self::NotSent(_) => None,
        }
    }

    pub(super) fn of_login(error: CallError) -> Self {
        match (error.delivery(), error) {
            (Delivery::Unknown, error) => Self::Unknown(error),
            (_, CallError::Api(error)) => Self::Refused(error),
            (_, CallError::Transport(error)) => Self::NotSent(error),
        }
    }
}

impl fmt::Display for LoginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dids(error) => write!(f, "asking for the wallet's DIDs failed: {error}"),
            Self::Challenge(error) => write!(f, "asking for a message to sign failed: {error}"),
            Self::Refused(error) => write!(f, "the node refused the login: {error}"),
            Self::NotSent(error) => write!(f, "nothing has happened: {error}"),
            Self::Unknown(error) => {
                write!(f, "the outcome is unknown; begin another login: {error}")
            }
        }
    }
}

impl Error for LoginError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Dids(error) | Self::Challenge(error) | Self::Unknown(error) => error.source(),
            Self::Refused(error) => error.source(),
            Self::NotSent(error) => error.source(),
        }
    }
}
