use crate::id::{InviteToken, RoomId};
use crate::prelude::*;
use crate::third_party_invite::ThirdPartyInvite;

/// Gets one third-party invitation of a room.
///
/// `GET /{prefix}/client/v3/rooms/{roomId}/state/m.room.third_party_invite/{token}`, see the
/// specification's [state endpoint]. The node responds with 404 `M_NOT_FOUND` if the room never had
/// this invitation. A revoked invitation has an empty content, which is `None` here.
///
/// ```
/// use sdn_proto::client::GetThirdPartyInvite;
/// use sdn_proto::{AccessToken, Call, Node, RoomId, id::InviteToken};
///
/// let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
/// let call = GetThirdPartyInvite::new(RoomId::new("!a:node.example")?, InviteToken::new("tok")?);
/// assert_eq!(
///     call.to_request(&session).uri().path(),
///     "/_api/client/v3/rooms/!a%3Anode.example/state/m.room.third_party_invite/tok",
/// );
/// assert_eq!(GetThirdPartyInvite::parse_response(&http::Response::new("{}"))?, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [state endpoint]: https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3roomsroomidstateeventtypestatekey
#[derive(Debug, Clone)]
pub struct GetThirdPartyInvite {
    room_id: RoomId,
    token: InviteToken,
}

impl GetThirdPartyInvite {
    /// Gets the invitation with this token.
    pub fn new(room_id: RoomId, token: InviteToken) -> Self {
        Self { room_id, token }
    }
}

impl Call for GetThirdPartyInvite {
    type Server = Session;
    type Output = Option<ThirdPartyInvite>;

    endpoint!(GET "/client/v3/rooms/{roomId}/state/m.room.third_party_invite/{token}");

    fn to_request(&self, session: &Session) -> Request<Bytes> {
        session.request::<Self>(&[self.room_id.as_str(), self.token.as_str()], Bytes::new())
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<Self::Output, ApiError> {
        let members: serde_json::Map<_, _> = response::object(response)?;
        if members.is_empty() { Ok(None) } else { response::object(response).map(Some) }
    }
}

compose!(GetThirdPartyInvite, |p| GetThirdPartyInvite::new(p.get("room_id")?, p.get("token")?));
