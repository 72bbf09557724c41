use bytes::Bytes;
use http::Response;

use super::{CallFailure, Flow, Outgoing, Step, read};
use crate::client::{GetInvites, Invites};
use crate::error::Delivery;
use crate::id::RoomId;
use crate::node::Session;

/// Finds the invitations of a room that wait for somebody to accept them.
///
/// ```
/// use sdn_proto::flow::{Flow, PendingInvitations, Step};
/// use sdn_proto::{AccessToken, Node, RoomId};
///
/// let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
/// let mut flow = PendingInvitations::new(session, RoomId::new("!a:node.example")?);
/// assert!(matches!(flow.step(), Step::Send(_)));
/// flow.response(&http::Response::new("[]".into()));
/// assert!(matches!(flow.step(), Step::Done(Ok(invites)) if invites.pending.is_empty()));
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
#[derive(Debug, Clone)]
pub struct PendingInvitations {
    session: Session,
    call: GetInvites,
    outcome: Option<Result<Invites, CallFailure>>,
}

impl PendingInvitations {
    /// Looks at the state of `room_id`, of which the session's user must be a member.
    pub fn new(session: Session, room_id: RoomId) -> Self {
        Self { session, call: GetInvites::new(room_id), outcome: None }
    }
}

impl Flow for PendingInvitations {
    type Outcome = Result<Invites, CallFailure>;

    fn step(&self) -> Step<Self::Outcome> {
        match &self.outcome {
            None => Step::Send(Outgoing::new(&self.call, &self.session)),
            Some(outcome) => Step::Done(outcome.clone()),
        }
    }

    fn response(&mut self, response: &Response<Bytes>) {
        if self.outcome.is_none() {
            self.outcome = Some(read::<GetInvites>(self, response).map_err(CallFailure::Api));
        }
    }

    fn failed(&mut self, delivery: Delivery) {
        if self.outcome.is_none() {
            self.outcome = Some(Err(CallFailure::NoAnswer(delivery)));
        }
    }

    fn waited(&mut self) {}

    fn accept(&mut self, _urls: Vec<String>) {}

    fn decline(&mut self) {}
}
