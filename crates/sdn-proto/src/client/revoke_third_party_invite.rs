use serde::Deserialize;

use crate::id::{InviteToken, RoomId};
use crate::prelude::*;

/// Revokes a third-party invitation that nobody has accepted yet.
///
/// It empties the event:
/// `PUT /{prefix}/client/v3/rooms/{roomId}/state/m.room.third_party_invite/{token}` with `{}`. See
/// the specification's [state endpoint]. The output is the ID of the new event.
///
/// ```
/// use sdn_proto::client::RevokeThirdPartyInvite;
/// use sdn_proto::{AccessToken, Call, Node, RoomId, id::InviteToken};
///
/// let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
/// let call = RevokeThirdPartyInvite::new(RoomId::new("!a:node.example")?, InviteToken::new("tok")?);
/// let request = call.to_request(&session);
/// assert_eq!((request.method().as_str(), &request.body()[..]), ("PUT", &b"{}"[..]));
///
/// let event_id = RevokeThirdPartyInvite::parse_response(&http::Response::new(r#"{"event_id":"$e"}"#))?;
/// assert_eq!(event_id, "$e");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [state endpoint]: https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3roomsroomidstateeventtypestatekey
#[derive(Debug, Clone)]
pub struct RevokeThirdPartyInvite {
    room_id: RoomId,
    token: InviteToken,
}

impl RevokeThirdPartyInvite {
    /// Revokes the invitation with this token.
    pub fn new(room_id: RoomId, token: InviteToken) -> Self {
        Self { room_id, token }
    }
}

#[derive(Deserialize)]
struct Answer {
    event_id: String,
}

impl Call for RevokeThirdPartyInvite {
    type Server = Session;
    type Output = String;

    endpoint!(PUT "/client/v3/rooms/{roomId}/state/m.room.third_party_invite/{token}");

    fn to_request(&self, session: &Session) -> Request<Bytes> {
        session.request::<Self>(&[self.room_id.as_str(), self.token.as_str()], "{}")
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<String, ApiError> {
        response::object(response).map(|Answer { event_id }| event_id)
    }
}

compose!(RevokeThirdPartyInvite, |p| RevokeThirdPartyInvite::new(
    p.get("room_id")?,
    p.get("token")?
));
