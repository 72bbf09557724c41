//! Status and text of an `InviteError`. The type is in `invite.rs`, because it contains a flow that
//! continues.

use std::error::Error;
use std::fmt;

use super::{Arrival, Diagnosis, InviteError};
use crate::error::ApiError;
use crate::invite_status::InviteStatus;

impl InviteError {
    /// Returns the server's response, if a server responded.
    pub fn api_error(&self) -> Option<&ApiError> {
        match self {
            Self::NotDiscovered(error) => error.api_error(),
            Self::Before(_, error) | Self::Unknown(_, error) => error.api_error(),
            Self::Refused(error) | Self::RateLimited(error) | Self::Diagnosed(error, _) => {
                Some(error)
            }
            Self::NoIdentityServer
            | Self::BadIdentityServer(_)
            | Self::Terms(_)
            | Self::UnreadableTerms(_)
            | Self::NotSent(_) => None,
        }
    }
}

impl From<&InviteError> for InviteStatus {
    fn from(error: &InviteError) -> Self {
        match error {
            InviteError::NotDiscovered(_)
            | InviteError::NoIdentityServer
            | InviteError::BadIdentityServer(_)
            | InviteError::Before(..)
            | InviteError::Terms(_)
            | InviteError::UnreadableTerms(_)
            | InviteError::NotSent(_) => Self::NotSent,
            InviteError::Refused(error)
            | InviteError::RateLimited(error)
            | InviteError::Diagnosed(error, _) => Self::from(error),
            InviteError::Unknown(Arrival::Arrived, _) => Self::Invited,
            InviteError::Unknown(..) => Self::Unknown,
        }
    }
}

impl fmt::Display for InviteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotDiscovered(error) => write!(f, "nobody was invited: {error}"),
            Self::NoIdentityServer => f.write_str("no identity server is known; name one"),
            Self::BadIdentityServer(invalid) => write!(f, "the domain names a bad {invalid}"),
            Self::Before(stage, error) => write!(f, "nobody was invited: {stage} failed: {error}"),
            Self::Terms(_) => {
                f.write_str("nobody was invited: the identity server's terms are not accepted")
            }
            Self::UnreadableTerms(error) => write!(f, "nobody was invited: {error}"),
            Self::Refused(error) => write!(f, "the node refused: {error}"),
            Self::RateLimited(error) => write!(f, "the node limits the rate: {error}"),
            Self::Diagnosed(error, diagnosis) => {
                write!(f, "{diagnosis} (the node responded: {error})")
            }
            Self::NotSent(error) => write!(f, "nobody was invited: {error}"),
            Self::Unknown(arrival, error) => {
                let seen = match arrival {
                    Arrival::Arrived => "the room shows the invitation",
                    Arrival::NotSeen => "the room shows no new invitation yet",
                    Arrival::Unknown => "check the room before you invite again",
                };
                write!(f, "{seen}: {error}")
            }
        }
    }
}

impl Error for InviteError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::NotDiscovered(error) => error.source(),
            Self::Before(_, error) | Self::Unknown(_, error) => error.source(),
            Self::NotSent(error) | Self::Diagnosed(_, Diagnosis::Unreachable(error)) => {
                error.source()
            }
            _ => None,
        }
    }
}
