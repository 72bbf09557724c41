use std::borrow::Cow;

use bytes::Bytes;
use http::{Request, Response};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::in_room;
use super::third_party_invite::PendingInvite;
use crate::call::Call;
use crate::error::ApiError;
use crate::id::{InviteToken, RoomId, UserId};
use crate::node::Session;
use crate::response;

/// Finds the third-party invitations of a room that wait for somebody to accept them.
///
/// It reads the room's whole state, `GET /{prefix}/client/v3/rooms/{roomId}/state`, and keeps the
/// `m.room.third_party_invite` events that are neither revoked nor malformed. See the specification's [state endpoint].
///
/// ```
/// use sdn_proto::client::GetThirdPartyInvites;
/// use sdn_proto::{AccessToken, Call, Node, RoomId};
///
/// let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
/// let request = GetThirdPartyInvites::new(RoomId::new("!a:node.example")?).to_request(&session);
/// assert_eq!((request.method().as_str(), request.uri().path()), ("GET", "/_api/client/v3/rooms/!a%3Anode.example/state"));
///
/// let state = r#"[{"type":"m.room.third_party_invite","state_key":"tok","sender":"@alice:node.example","content":{
///     "display_name":"car...@exa...","key_validity_url":"https://id.example/x",
///     "public_key":"mN6qmPE8hy5P5fkXx+fEblXFgj7CMVG8PQOEInHSWdU"}}]"#;
/// let pending = GetThirdPartyInvites::parse_response(&http::Response::new(state))?;
/// assert_eq!((pending.len(), pending[0].token.as_str()), (1, "tok"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [state endpoint]: https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3roomsroomidstate
#[derive(Debug, Clone)]
pub struct GetThirdPartyInvites {
    room_id: RoomId,
}

impl GetThirdPartyInvites {
    /// Looks at the state of `room_id`, of which the caller must be a member.
    pub fn new(room_id: RoomId) -> Self {
        Self { room_id }
    }
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

impl Event<'_> {
    fn pending_invite(self) -> Option<PendingInvite> {
        if self.kind != "m.room.third_party_invite" {
            return None;
        }
        Some(PendingInvite {
            token: InviteToken::new(self.state_key?).ok()?,
            sender: UserId::new(self.sender?).ok()?,
            content: serde_json::from_str(self.content?.get()).ok()?,
        })
    }
}

impl Call for GetThirdPartyInvites {
    type Server = Session;
    type Output = Vec<PendingInvite>;

    /// A large room's state has tens of thousands of members.
    const MAX_RESPONSE_BYTES: usize = 64 * 1024 * 1024;

    fn to_request(&self, session: &Session) -> Request<Bytes> {
        session.target().get(&in_room(&self.room_id, "/state"))
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<Self::Output, ApiError> {
        let events: Vec<Box<RawValue>> = response::json(response)?;
        let event = |json: &Box<RawValue>| {
            serde_json::from_str::<Event<'_>>(json.get()).ok()?.pending_invite()
        };
        Ok(events.iter().filter_map(event).collect())
    }
}
