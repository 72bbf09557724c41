use crate::id::{RoomId, UserId};
use crate::prelude::*;

/// Invites a user to a room.
///
/// `POST /{prefix}/client/v3/rooms/{roomId}/invite`, see the specification's [invite endpoint].
/// The user ID of a wallet on SDN is [`UserId::of_wallet`].
///
/// ```
/// use sdn_proto::{AccessToken, Call, InviteUser, Node, RoomId, UserId};
///
/// let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
/// let invite = InviteUser::new(RoomId::new("!a:node.example")?, UserId::new("@bob:node.example")?)
///     .with_reason("You asked to join");
/// let request = invite.to_request(&session);
///
/// assert_eq!(request.uri(), "https://node.example/_api/client/v3/rooms/!a%3Anode.example/invite");
/// assert_eq!(request.body(), r#"{"reason":"You asked to join","user_id":"@bob:node.example"}"#);
/// InviteUser::parse_response(&http::Response::new("{}"))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [invite endpoint]: https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3roomsroomidinvite
#[derive(Debug, Clone)]
pub struct InviteUser {
    room_id: RoomId,
    user_id: UserId,
    reason: Option<String>,
}

impl InviteUser {
    /// Creates an invitation of `user_id` to `room_id`, without a reason.
    pub fn new(room_id: RoomId, user_id: UserId) -> Self {
        Self { room_id, user_id, reason: None }
    }

    /// Adds a reason, which the invitee sees. An empty reason is sent too.
    #[must_use]
    pub fn with_reason(self, reason: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()), ..self }
    }

    /// Returns the room.
    pub fn room_id(&self) -> &RoomId {
        &self.room_id
    }

    /// Returns the invitee.
    pub fn user_id(&self) -> &UserId {
        &self.user_id
    }

    /// Returns the reason, if there is one.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }
}

impl Call for InviteUser {
    type Server = Session;
    type Output = ();

    endpoint!(POST "/client/v3/rooms/{roomId}/invite");

    fn to_request(&self, session: &Session) -> Request<Bytes> {
        session.request::<Self>(
            &[self.room_id.as_str()],
            json::object(&[
                ("reason", self.reason.as_deref()),
                ("user_id", Some(self.user_id.as_str())),
            ]),
        )
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<(), ApiError> {
        response::ignored(response)
    }
}

compose!(InviteUser, |p| {
    let call = InviteUser::new(p.get("room_id")?, p.get("user_id")?);
    p.with_text("reason", &["You asked to join"], call, InviteUser::with_reason)?
});
