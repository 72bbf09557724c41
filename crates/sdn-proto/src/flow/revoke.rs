//! Revokes a third-party invitation.
//!
//! ```text
//! Look ─► Revoke ─────────────► Done
//!  │        │ unknown             ▲
//!  │        └─► LookAgain ────────┤
//!  │ revoked before, or not found │
//!  └──────────────────────────────┘
//! ```
//!
//! After a rate limit within the budget, the flow waits in the same state.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::Response;

use super::rate_limit::RateLimit;
use super::{Flow, Step};
use crate::client::{GetThirdPartyInvite, RevokeThirdPartyInvite};
use crate::error::{ApiError, CallError, Delivery, ErrorCode, TransportError};
use crate::id::{InviteToken, RoomId};
use crate::node::Session;
use crate::outgoing::Outgoing;

/// Revokes a third-party invitation, after a check that it exists.
///
/// If the outcome of the revocation is unknown, the flow checks the invitation again.
///
/// ```
/// use sdn_proto::flow::{Flow, RevokeFlow, Step};
/// use sdn_proto::{AccessToken, Node, RoomId, id::InviteToken};
///
/// let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
/// let flow = RevokeFlow::new(session, RoomId::new("!a:node.example")?, InviteToken::new("tok")?);
/// let Step::Send(look) = flow.step() else { panic!() };
/// assert_eq!(look.request().method(), "GET");
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
#[derive(Debug, Clone)]
pub struct RevokeFlow {
    session: Session,
    look: GetThirdPartyInvite,
    revoke: RevokeThirdPartyInvite,
    rate_limit: RateLimit,
    state: State,
}

#[derive(Debug, Clone)]
enum State {
    Look,
    Revoke,
    /// After this error it is unknown whether the revocation arrived.
    LookAgain(CallError),
    Done(Result<Revoked, RevokeError>),
}

/// The outcome of a revocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Revoked {
    /// It is revoked now.
    Now,
    /// It had been revoked before.
    Before,
    /// The room has no such invitation.
    NotFound,
}

/// The error of a revocation that failed or may have failed.
///
/// ```
/// use sdn_proto::flow::{Flow, RevokeError, RevokeFlow, Step};
/// use sdn_proto::{AccessToken, Node, RoomId, TransportError, TransportErrorKind, id::InviteToken};
///
/// let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
/// let mut flow =
///     RevokeFlow::new(session, RoomId::new("!a:node.example")?, InviteToken::new("tok")?);
/// // No response to the first call, which only reads the room: certainly nothing was revoked.
/// flow.received(Err(TransportError::new(TransportErrorKind::TotalTimeout, "too late")));
/// let Step::Done(outcome) = flow.step() else { panic!() };
/// assert!(matches!(outcome, Err(RevokeError::Before(_))));
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum RevokeError {
    /// Reading the room failed, so the revocation was not sent.
    Before(CallError),
    /// The node refused the revocation.
    Refused(ApiError),
    /// The revocation was not sent.
    NotSent(TransportError),
    /// The node may have revoked the invitation. It is safe to revoke again.
    Unknown(CallError),
}

impl RevokeError {
    /// Returns the node's response, if it responded.
    pub fn api_error(&self) -> Option<&ApiError> {
        match self {
            Self::Before(error) | Self::Unknown(error) => error.api_error(),
            Self::Refused(error) => Some(error),
            Self::NotSent(_) => None,
        }
    }

    fn of_revocation(error: CallError) -> Self {
        match error {
            CallError::Api(error) => Self::Refused(error),
            CallError::Transport(error) => Self::NotSent(error),
        }
    }
}

impl fmt::Display for RevokeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Before(error) => {
                write!(f, "nothing was revoked: reading the room failed: {error}")
            }
            Self::Refused(error) => write!(f, "the node refused: {error}"),
            Self::NotSent(error) => write!(f, "nothing was revoked: {error}"),
            Self::Unknown(error) => {
                write!(f, "the outcome is unknown; revoke again, which is safe: {error}")
            }
        }
    }
}

impl Error for RevokeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Before(error) | Self::Unknown(error) => error.source(),
            Self::NotSent(error) => error.source(),
            Self::Refused(_) => None,
        }
    }
}

impl RevokeFlow {
    /// Revokes the invitation to `room_id` with this token.
    pub fn new(session: Session, room_id: RoomId, token: InviteToken) -> Self {
        let look = GetThirdPartyInvite::new(room_id.clone(), token.clone());
        Self {
            session,
            look,
            revoke: RevokeThirdPartyInvite::new(room_id, token),
            rate_limit: RateLimit::new(Duration::ZERO),
            state: State::Look,
        }
    }

    /// Waits up to `budget` in all if the node limits the rate. The default is not to wait.
    #[must_use]
    pub fn with_wait_budget(self, budget: Duration) -> Self {
        Self { rate_limit: RateLimit::new(budget), ..self }
    }

    /// Returns the state after the response, or `None` if the flow waits.
    fn next(
        &mut self,
        sent: &Outgoing,
        response: &Result<Response<Bytes>, TransportError>,
    ) -> Option<State> {
        let (state, rate_limit) = (&self.state, &mut self.rate_limit);
        Some(match state {
            State::Look => match rate_limit.read::<GetThirdPartyInvite>(sent, response)? {
                Ok(Some(_)) => State::Revoke,
                Ok(None) => State::Done(Ok(Revoked::Before)),
                Err(error) if is_not_found(&error) => State::Done(Ok(Revoked::NotFound)),
                Err(error) => State::Done(Err(RevokeError::Before(error))),
            },
            State::Revoke => match rate_limit.read::<RevokeThirdPartyInvite>(sent, response)? {
                Ok(_) => State::Done(Ok(Revoked::Now)),
                Err(error) if error.delivery() == Delivery::Unknown => State::LookAgain(error),
                Err(error) => State::Done(Err(RevokeError::of_revocation(error))),
            },
            State::LookAgain(error) => {
                match rate_limit.read::<GetThirdPartyInvite>(sent, response)? {
                    Ok(None) => State::Done(Ok(Revoked::Now)),
                    _ => State::Done(Err(RevokeError::Unknown(error.clone()))),
                }
            }
            State::Done(_) => return None,
        })
    }
}

impl Flow for RevokeFlow {
    type Outcome = Result<Revoked, RevokeError>;

    fn step(&self) -> Step<Self::Outcome> {
        if let Some(delay) = self.rate_limit.delay() {
            return Step::Wait(delay);
        }
        Step::Send(match &self.state {
            State::Look | State::LookAgain(_) => Outgoing::new(&self.look, &self.session),
            State::Revoke => Outgoing::new(&self.revoke, &self.session),
            State::Done(outcome) => return Step::Done(outcome.clone()),
        })
    }

    fn received(&mut self, response: Result<Response<Bytes>, TransportError>) {
        let Step::Send(sent) = self.step() else { return };
        if let Some(next) = self.next(&sent, &response) {
            self.state = next;
        }
    }

    fn waited(&mut self) {
        self.rate_limit.waited();
    }
}

fn is_not_found(error: &CallError) -> bool {
    error.api_error().and_then(ApiError::code) == Some(&ErrorCode::NotFound)
}
