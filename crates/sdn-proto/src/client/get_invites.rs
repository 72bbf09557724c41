use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::id::{InviteToken, RoomId, UserId};
use crate::object::Object;
use crate::prelude::*;
use crate::third_party_invite::PendingInvite;

/// Lists the invitations to a room that nobody has accepted yet.
///
/// It reads the room's whole state, `GET /{prefix}/client/v3/rooms/{roomId}/state`, and keeps the
/// members who are invited, and the `m.room.third_party_invite` events that are valid and not
/// revoked. Events of more than 256 KiB are skipped. See the specification's [state endpoint].
///
/// ```
/// use sdn_proto::client::GetInvites;
/// use sdn_proto::{AccessToken, Call, Node, RoomId};
///
/// let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
/// let request = GetInvites::new(RoomId::new("!a:node.example")?).to_request(&session);
/// assert_eq!((request.method().as_str(), request.uri().path()), ("GET", "/_api/client/v3/rooms/!a%3Anode.example/state"));
///
/// let state = r#"[{"type":"m.room.third_party_invite","state_key":"tok","sender":"@alice:node.example","content":{
///     "display_name":"car...@exa...","key_validity_url":"https://id.example/x",
///     "public_key":"mN6qmPE8hy5P5fkXx+fEblXFgj7CMVG8PQOEInHSWdU"}}]"#;
/// let invites = GetInvites::parse_response(&http::Response::new(state))?;
/// assert_eq!((invites.pending.len(), invites.pending[0].token.as_str()), (1, "tok"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [state endpoint]: https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3roomsroomidstate
#[derive(Debug, Clone)]
pub struct GetInvites {
    room_id: RoomId,
}

impl GetInvites {
    /// Reads the state of `room_id`, in which the caller must be a member.
    pub fn new(room_id: RoomId) -> Self {
        Self { room_id }
    }
}

/// The invitations to a room that nobody has accepted yet.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct Invites {
    /// Third-party invitations, for the owners of addresses.
    pub pending: Vec<PendingInvite>,
    /// Users who are invited.
    pub invited: Vec<InvitedUser>,
}

/// A user who is invited to a room.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct InvitedUser {
    /// The user.
    pub user_id: UserId,
    /// The inviter.
    pub sender: UserId,
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    state_key: Option<String>,
    sender: Option<String>,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Member<'a> {
    #[serde(borrow)]
    membership: Cow<'a, str>,
}

/// A longer event is skipped. An event has at most 64 KiB, and a server can add two others to it.
const MAX_EVENT_BYTES: usize = 256 * 1024;

/// Returns whether an event can be an invitation. This is cheaper than parsing the events of all
/// members.
fn can_be_invitation(event: &str) -> bool {
    let has_word = || event.contains("invite") || event.contains('\\');
    event.len() <= MAX_EVENT_BYTES && has_word()
}

impl Invites {
    /// Keeps an event if it is an invitation, and skips any other, even an invalid one.
    fn keep(&mut self, event: &str) -> Option<()> {
        let Object::<Event<'_>>(event) = serde_json::from_str(event).ok()?;
        let content = event.content?.get();
        let is_invited = || {
            let member: Option<Object<Member<'_>>> = serde_json::from_str(content).ok();
            member.is_some_and(|Object(member)| member.membership == "invite")
        };
        match &*event.kind {
            "m.room.third_party_invite" => {
                let Object(content) = serde_json::from_str(content).ok()?;
                let mut invite = PendingInvite {
                    token: InviteToken::new(event.state_key?).ok()?,
                    sender: UserId::new(event.sender?).ok()?,
                    content,
                };
                if let Some(last) = self.pending.last() {
                    invite.share(last);
                }
                self.pending.push(invite);
            }
            "m.room.member" if is_invited() => self.invited.push(InvitedUser {
                user_id: UserId::new(event.state_key?).ok()?,
                sender: UserId::new(event.sender?).ok()?,
            }),
            _ => {}
        }
        Some(())
    }
}

/// The invitations in a room's state. The events are parsed one at a time, because those of a large
/// room would need many times the memory of the body.
struct State(Invites);

impl<'de> Deserialize<'de> for State {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(StateVisitor).map(Self)
    }
}

struct StateVisitor;

impl<'de> Visitor<'de> for StateVisitor {
    type Value = Invites;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of events")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut events: A) -> Result<Invites, A::Error> {
        let mut invites = Invites::default();
        while let Some(event) = events.next_element::<&RawValue>()? {
            if can_be_invitation(event.get()) {
                let _ = invites.keep(event.get());
            }
        }
        Ok(invites)
    }
}

impl Call for GetInvites {
    type Server = Session;
    type Output = Invites;

    endpoint!(GET "/client/v3/rooms/{roomId}/state");

    /// A large room's state has tens of thousands of members.
    const MAX_RESPONSE_BYTES: usize = 64 * 1024 * 1024;

    fn to_request(&self, session: &Session) -> Request<Bytes> {
        session.request::<Self>(&[self.room_id.as_str()], Bytes::new())
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<Invites, ApiError> {
        response::json(response).map(|State(invites)| invites)
    }
}

compose!(GetInvites, |p| GetInvites::new(p.get("room_id")?));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_long_event_is_skipped() {
        let state = |length: usize| {
            let event = r#"{"type":"m.room.member","state_key":"@b:c","sender":"@a:c","content":{"membership":"invite"},"x":""}"#;
            let padding = "x".repeat(length - event.len());
            let long = event.replace(r#""x":""#, &format!(r#""x":"{padding}"#));
            Response::new(format!("[{event},{long}]"))
        };
        let invited = |length| GetInvites::parse_response(&state(length)).unwrap().invited.len();
        assert_eq!(invited(MAX_EVENT_BYTES), 2);
        assert_eq!(invited(MAX_EVENT_BYTES + 1), 1);
    }
}
