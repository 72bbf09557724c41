use serde::{Deserialize, Serialize};

use crate::id::RoomId;
use crate::prelude::*;
use crate::signed::SignedInvite;

/// Joins a room as an invited user, or with the proof that a third-party invitation is for the
/// caller.
///
/// `POST /{prefix}/client/v3/rooms/{roomId}/join`, see the specification's [join endpoint].
///
/// ```
/// use sdn_proto::client::JoinRoom;
/// use sdn_proto::{AccessToken, Call, Node, RoomId};
///
/// let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
/// let request = JoinRoom::new(RoomId::new("!a:node.example")?).to_request(&session);
/// assert_eq!(request.uri().path(), "/_api/client/v3/rooms/!a%3Anode.example/join");
/// assert_eq!(request.body(), "{}");
///
/// let room = JoinRoom::parse_response(&http::Response::new(r#"{"room_id":"!a:node.example"}"#))?;
/// assert_eq!(room.as_str(), "!a:node.example");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [join endpoint]: https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3roomsroomidjoin
#[derive(Debug, Clone)]
pub struct JoinRoom {
    room_id: RoomId,
    reason: Option<String>,
    third_party_signed: Option<SignedInvite>,
}

impl JoinRoom {
    /// Joins a room that the caller is invited to, or that anybody may join.
    pub fn new(room_id: RoomId) -> Self {
        Self { room_id, reason: None, third_party_signed: None }
    }

    /// Adds the proof that a third-party invitation to the room is for the caller.
    #[must_use]
    pub fn with_third_party_signed(self, signed: SignedInvite) -> Self {
        Self { third_party_signed: Some(signed), ..self }
    }

    /// Adds a reason, which the members see.
    #[must_use]
    pub fn with_reason(self, reason: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()), ..self }
    }
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    third_party_signed: Option<&'a SignedInvite>,
}

#[derive(Deserialize)]
struct Answer {
    room_id: RoomId,
}

impl Call for JoinRoom {
    type Server = Session;
    type Output = RoomId;

    endpoint!(POST "/client/v3/rooms/{roomId}/join");

    fn to_request(&self, session: &Session) -> Request<Bytes> {
        let body = Body {
            reason: self.reason.as_deref(),
            third_party_signed: self.third_party_signed.as_ref(),
        };
        session.request::<Self>(&[self.room_id.as_str()], json::body(&body))
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<RoomId, ApiError> {
        response::object(response).map(|Answer { room_id }| room_id)
    }
}

compose!(JoinRoom, |p| {
    let mut call = JoinRoom::new(p.get("room_id")?);
    if p.has("third_party_signed")? {
        call = call.with_third_party_signed(p.get("third_party_signed")?);
    }
    p.with_text("reason", &["Kommst du dazu? 😀"], call, JoinRoom::with_reason)?
});
