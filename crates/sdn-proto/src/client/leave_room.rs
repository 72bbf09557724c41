use crate::id::RoomId;
use crate::prelude::*;

/// Leaves a room, or declines an invitation to it.
///
/// `POST /{prefix}/client/v3/rooms/{roomId}/leave`, see the specification's [leave endpoint].
///
/// ```
/// use sdn_proto::client::LeaveRoom;
/// use sdn_proto::{AccessToken, Call, Node, RoomId};
///
/// let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
/// let call = LeaveRoom::new(RoomId::new("!a:node.example")?).with_reason("no, thank you");
/// let request = call.to_request(&session);
/// assert_eq!(request.uri().path(), "/_api/client/v3/rooms/!a%3Anode.example/leave");
/// assert_eq!(request.body(), r#"{"reason":"no, thank you"}"#);
/// LeaveRoom::parse_response(&http::Response::new("{}"))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [leave endpoint]: https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3roomsroomidleave
#[derive(Debug, Clone)]
pub struct LeaveRoom {
    room_id: RoomId,
    reason: Option<String>,
}

impl LeaveRoom {
    /// Leaves `room_id` without a reason.
    pub fn new(room_id: RoomId) -> Self {
        Self { room_id, reason: None }
    }

    /// Adds a reason, which the members see.
    #[must_use]
    pub fn with_reason(self, reason: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()), ..self }
    }
}

impl Call for LeaveRoom {
    type Server = Session;
    type Output = ();

    endpoint!(POST "/client/v3/rooms/{roomId}/leave");

    fn to_request(&self, session: &Session) -> Request<Bytes> {
        let body = json::object(&[("reason", self.reason.as_deref())]);
        session.request::<Self>(&[self.room_id.as_str()], body)
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<(), ApiError> {
        response::ignored(response)
    }
}

compose!(LeaveRoom, |p| {
    let call = LeaveRoom::new(p.get("room_id")?);
    p.with_text("reason", &["no, thank you"], call, LeaveRoom::with_reason)?
});
