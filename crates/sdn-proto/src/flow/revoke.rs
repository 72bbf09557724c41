use bytes::Bytes;
use http::Response;

use super::{CallFailure, Flow, Outgoing, Step};
use crate::call::Call;
use crate::client::{GetThirdPartyInvite, RevokeThirdPartyInvite};
use crate::error::{ApiError, Delivery, ErrorCode};
use crate::id::{InviteToken, RoomId};
use crate::node::Session;

/// Revokes a third-party invitation, after a look whether there is one to revoke.
///
/// If it is not known whether the revocation arrived, the flow looks again: an invitation that is gone is revoked.
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
    LookAgain,
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

fn failed(error: ApiError) -> State {
    State::Done(Err(CallFailure::Api(error)))
}

impl Flow for Revoke {
    type Outcome = Result<Revoked, CallFailure>;

    fn step(&self) -> Step<Self::Outcome> {
        match &self.state {
            State::Look | State::LookAgain => Step::Send(Outgoing::new(&self.look, &self.session)),
            State::Revoke => Step::Send(Outgoing::new(&self.revoke, &self.session)),
            State::Done(outcome) => Step::Done(outcome.clone()),
        }
    }

    fn response(&mut self, response: &Response<Bytes>) {
        self.state = match &self.state {
            State::Look => match GetThirdPartyInvite::parse_response(response) {
                Ok(Some(_)) => State::Revoke,
                Ok(None) => State::Done(Ok(Revoked::Before)),
                Err(error) if error.code() == Some(&ErrorCode::NotFound) => {
                    State::Done(Ok(Revoked::NotFound))
                }
                Err(error) => failed(error),
            },
            State::Revoke => match RevokeThirdPartyInvite::parse_response(response) {
                Ok(_) => State::Done(Ok(Revoked::Now)),
                Err(error) => failed(error),
            },
            State::LookAgain => match GetThirdPartyInvite::parse_response(response) {
                Ok(None) => State::Done(Ok(Revoked::Now)),
                _ => State::Done(Err(CallFailure::NoAnswer(Delivery::Unknown))),
            },
            State::Done(_) => return,
        };
    }

    fn failed(&mut self, delivery: Delivery) {
        self.state = match &self.state {
            State::Revoke if delivery != Delivery::NotSent => State::LookAgain,
            State::Look | State::Revoke => State::Done(Err(CallFailure::NoAnswer(delivery))),
            State::LookAgain => State::Done(Err(CallFailure::NoAnswer(Delivery::Unknown))),
            State::Done(_) => return,
        };
    }

    fn waited(&mut self) {}

    fn accept(&mut self, _urls: Vec<String>) {}

    fn decline(&mut self) {}
}
