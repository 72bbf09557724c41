use crate::id::{RoomId, UserId};
use crate::prelude::*;

/// Removes a user from a room, or withdraws the invitation of that user.
///
/// `POST /{prefix}/client/v3/rooms/{roomId}/kick`, see the specification's [kick endpoint]. Use
/// [`RevokeThirdPartyInvite`](super::RevokeThirdPartyInvite) for an invitation by e-mail that
/// nobody has accepted.
///
/// ```
/// use sdn_proto::client::Kick;
/// use sdn_proto::{AccessToken, Call, Node, RoomId, UserId};
///
/// let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
/// let call = Kick::new(RoomId::new("!a:node.example")?, UserId::new("@bob:node.example")?)
///     .with_reason("Invited by mistake");
/// let request = call.to_request(&session);
/// assert_eq!(request.uri().path(), "/_api/client/v3/rooms/!a%3Anode.example/kick");
/// assert_eq!(request.body(), r#"{"reason":"Invited by mistake","user_id":"@bob:node.example"}"#);
/// Kick::parse_response(&http::Response::new("{}"))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [kick endpoint]: https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3roomsroomidkick
#[derive(Debug, Clone)]
pub struct Kick {
    room_id: RoomId,
    user_id: UserId,
    reason: Option<String>,
}

impl Kick {
    /// Removes `user_id` from `room_id`, without a reason.
    pub fn new(room_id: RoomId, user_id: UserId) -> Self {
        Self { room_id, user_id, reason: None }
    }

    /// Adds a reason, which the user and the members see.
    #[must_use]
    pub fn with_reason(self, reason: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()), ..self }
    }
}

impl Call for Kick {
    type Server = Session;
    type Output = ();

    endpoint!(POST "/client/v3/rooms/{roomId}/kick");

    fn to_request(&self, session: &Session) -> Request<Bytes> {
        let body = json::object(&[
            ("reason", self.reason.as_deref()),
            ("user_id", Some(self.user_id.as_str())),
        ]);
        session.request::<Self>(&[self.room_id.as_str()], body)
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<(), ApiError> {
        response::ignored(response)
    }
}

compose!(Kick, |p| {
    let call = Kick::new(p.get("room_id")?, p.get("user_id")?);
    p.with_text("reason", &["Invited by mistake"], call, Kick::with_reason)?
});
