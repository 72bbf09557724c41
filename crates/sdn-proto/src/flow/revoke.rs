use bytes::Bytes;
use http::Response;

use super::{CallFailure, Flow, Outgoing, Step, read};
use crate::client::{GetThirdPartyInvite, RevokeThirdPartyInvite};
use crate::error::{Delivery, ErrorCode};
use crate::id::{InviteToken, RoomId};
use crate::node::Session;

/// Revokes a third-party invitation, after a look whether there is one to revoke.
///
/// If the revocation's outcome is [unknown](CallFailure::delivery), the flow looks again: an
/// invitation that is gone is revoked. Otherwise the flow fails as the revocation did.
///
/// ```
/// use sdn_proto::flow::{Flow, Revoke, Step};
/// use sdn_proto::{AccessToken, Node, RoomId, id::InviteToken};
///
/// let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
/// let flow = Revoke::new(session, RoomId::new("!a:node.example")?, InviteToken::new("tok")?);
/// let Step::Send(look) = flow.step() else { panic!() };
/// assert_eq!(look.request().method(), "GET");
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
#[derive(Debug, Clone)]
pub struct Revoke {
    session: Session,
    look: GetThirdPartyInvite,
    revoke: RevokeThirdPartyInvite,
    state: State,
}

#[derive(Debug, Clone)]
enum State {
    Look,
    Revoke,
    /// Looking again because the revocation ended in this way.
    LookAgain(CallFailure),
    Done(Result<Revoked, CallFailure>),
}

/// What became of an invitation that was to be revoked.
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

impl Revoke {
    /// Revokes the invitation to `room_id` with this token.
    pub fn new(session: Session, room_id: RoomId, token: InviteToken) -> Self {
        let look = GetThirdPartyInvite::new(room_id.clone(), token.clone());
        Self {
            session,
            look,
            revoke: RevokeThirdPartyInvite::new(room_id, token),
            state: State::Look,
        }
    }
}

fn failed(failure: CallFailure) -> State {
    State::Done(Err(failure))
}

fn revocation_failed(failure: CallFailure) -> State {
    match failure.delivery() {
        Delivery::Unknown => State::LookAgain(failure),
        _ => failed(failure),
    }
}

impl Flow for Revoke {
    type Outcome = Result<Revoked, CallFailure>;

    fn step(&self) -> Step<Self::Outcome> {
        match &self.state {
            State::Look | State::LookAgain(_) => {
                Step::Send(Outgoing::new(&self.look, &self.session))
            }
            State::Revoke => Step::Send(Outgoing::new(&self.revoke, &self.session)),
            State::Done(outcome) => Step::Done(outcome.clone()),
        }
    }

    fn response(&mut self, response: &Response<Bytes>) {
        self.state = match &self.state {
            State::Look => match read::<GetThirdPartyInvite>(self, response) {
                Ok(Some(_)) => State::Revoke,
                Ok(None) => State::Done(Ok(Revoked::Before)),
                Err(error) if error.code() == Some(&ErrorCode::NotFound) => {
                    State::Done(Ok(Revoked::NotFound))
                }
                Err(error) => failed(CallFailure::Api(error)),
            },
            State::Revoke => match read::<RevokeThirdPartyInvite>(self, response) {
                Ok(_) => State::Done(Ok(Revoked::Now)),
                Err(error) => revocation_failed(CallFailure::Api(error)),
            },
            State::LookAgain(failure) => match read::<GetThirdPartyInvite>(self, response) {
                Ok(None) => State::Done(Ok(Revoked::Now)),
                _ => failed(failure.clone()),
            },
            State::Done(_) => return,
        };
    }

    fn failed(&mut self, delivery: Delivery) {
        self.state = match &self.state {
            State::Look => failed(CallFailure::NoAnswer(delivery)),
            State::Revoke => revocation_failed(CallFailure::NoAnswer(delivery)),
            State::LookAgain(failure) => failed(failure.clone()),
            State::Done(_) => return,
        };
    }

    fn waited(&mut self) {}

    fn accept(&mut self, _urls: Vec<String>) {}

    fn decline(&mut self) {}
}
