use std::error::Error;
use std::fmt;

use super::super::{CallFailure, RegisterFailure, Stage};
use super::Diagnosis;
use crate::error::{ApiError, Delivery, InvalidInput};

/// Why somebody could not be invited. `Display` says what to do next.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum InviteFailure {
    /// No identity server is given, and the domain names none.
    NoIdentityServer,
    /// The domain names an identity server that must not or cannot be used.
    BadIdentityServer(InvalidInput),
    /// A call before the invitation failed; nobody was invited.
    Before(Stage, CallFailure),
    /// The person does not accept the identity server's terms; nobody was invited.
    TermsDeclined,
    /// The node refused the invitation.
    Refused(ApiError),
    /// The node limits its rate, and the wait it asks for is beyond the budget.
    RateLimited(ApiError),
    /// The node failed without saying why, and the identity server was asked.
    Diagnosed(ApiError, Diagnosis),
    /// The node could not be reached; nobody was invited.
    NotSent,
    /// The node may have invited: no response came, or one whose [delivery](ApiError::delivery) is
    /// unknown, such as a proxy's 504. The flow may have found out from the room.
    Unknown(Arrival, CallFailure),
}

/// Whether an invitation arrived whose call had an unknown outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Arrival {
    /// It did: the room shows one new invitation by the user.
    Arrived,
    /// It has not: the room shows no new invitation by the user. The node may still be at it.
    NotSeen,
    /// The flow did not look, or could not tell.
    Unknown,
}

impl InviteFailure {
    /// What is known about the invitation's effect.
    pub fn delivery(&self) -> Delivery {
        match self {
            Self::NoIdentityServer
            | Self::BadIdentityServer(_)
            | Self::Before(..)
            | Self::TermsDeclined
            | Self::NotSent => Delivery::NotSent,
            Self::Refused(_) | Self::RateLimited(_) | Self::Diagnosed(..) => Delivery::Answered,
            Self::Unknown(..) => Delivery::Unknown,
        }
    }
}

impl From<RegisterFailure> for InviteFailure {
    fn from(failure: RegisterFailure) -> Self {
        match failure {
            RegisterFailure::NoIdentityServer => Self::NoIdentityServer,
            RegisterFailure::BadIdentityServer(invalid) => Self::BadIdentityServer(invalid),
            RegisterFailure::Failed(stage, failure) => Self::Before(stage, failure),
            RegisterFailure::TermsDeclined => Self::TermsDeclined,
        }
    }
}

impl fmt::Display for InviteFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoIdentityServer => f.write_str("no identity server is known; name one"),
            Self::BadIdentityServer(invalid) => write!(f, "the domain names a bad {invalid}"),
            Self::Before(stage, failure) => {
                write!(f, "nobody was invited: {stage} failed: {failure}")
            }
            Self::TermsDeclined => {
                f.write_str("nobody was invited: the identity server's terms are not accepted")
            }
            Self::Refused(error) => write!(f, "the node refused: {error}"),
            Self::RateLimited(error) => write!(f, "the node limits its rate: {error}"),
            Self::Diagnosed(error, diagnosis) => write!(f, "{diagnosis} (the node said: {error})"),
            Self::NotSent => f.write_str("nobody was invited: the node could not be reached"),
            Self::Unknown(arrival, failure) => {
                match failure {
                    CallFailure::Api(error) => {
                        write!(f, "the response does not say what the node did ({error})")?;
                    }
                    CallFailure::NoAnswer(_) => f.write_str("the node did not answer")?,
                }
                f.write_str(match arrival {
                    Arrival::Arrived => ", but the room shows the invitation",
                    Arrival::NotSeen => ", and the room shows no new invitation yet",
                    Arrival::Unknown => "; look at the room before you invite again",
                })
            }
        }
    }
}

impl Error for InviteFailure {}
