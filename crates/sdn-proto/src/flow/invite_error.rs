use std::error::Error;
use std::fmt;

use super::{Diagnosis, DiscoverError, InviteFlow, PendingTerms, Stage};
use crate::error::{ApiError, CallError, InvalidInput, TransportError};
use crate::identity::UnreadableTerms;
use crate::invite_status::InviteStatus;

/// Why nobody was invited, or is not known to be. `Display` says what to do next.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum InviteError {
    /// The domain cannot be asked for its identity server; nobody was invited.
    NotDiscovered(DiscoverError),
    /// The domain's discovery document names no identity server.
    NoIdentityServer,
    /// The domain's discovery document names an identity server that cannot or must not be used.
    BadIdentityServer(InvalidInput),
    /// A call before the invitation failed; nobody was invited.
    Before(Stage, CallError),
    /// The identity server has terms that the person has to accept first; nobody was invited.
    Terms(PendingTerms<InviteFlow>),
    /// The identity server has terms that nobody can read, and so nobody can accept; nobody was invited.
    UnreadableTerms(UnreadableTerms),
    /// The node refused the invitation.
    Refused(ApiError),
    /// The node limits the rate, and the wait would exceed the budget.
    RateLimited(ApiError),
    /// The node does not trust the identity server; or it failed without a reason, and the identity
    /// server was asked for it.
    Diagnosed(ApiError, Diagnosis),
    /// The invitation was not sent; nobody was invited.
    NotSent(TransportError),
    /// No response of the node shows whether the invitation arrived.
    Unknown(Arrival, CallError),
}

/// Whether an invitation arrived to which the node did not respond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Arrival {
    /// It did: the room shows one new invitation by the user.
    Arrived,
    /// The room shows no new invitation by the user. The node may still be working on it.
    NotSeen,
    /// The flow did not check the room, or could not decide.
    Unknown,
}

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
