use serde::{Deserialize, Serialize};

use crate::id::{RoomId, ServerName, UserId};
use crate::prelude::*;
use crate::secret::IdAccessToken;
use crate::threepid::ThirdPartyId;

/// Creates a private room and invites users and third-party identifiers to it.
///
/// `POST /{prefix}/client/v3/createRoom`, see the specification's [room creation]. Only invitees
/// can join, and the room is in no public directory. **Sending it twice creates two rooms**, and
/// each sends its mails.
///
/// ```
/// use sdn_proto::client::CreateRoom;
/// use sdn_proto::{AccessToken, Call, Node, UserId};
///
/// let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
/// let call = CreateRoom::new().with_name("Lobby").with_invite(UserId::new("@bob:node.example")?);
/// let request = call.to_request(&session);
/// assert_eq!(request.uri().path(), "/_api/client/v3/createRoom");
/// assert_eq!(
///     request.body(),
///     r#"{"invite":["@bob:node.example"],"name":"Lobby","preset":"private_chat","visibility":"private"}"#,
/// );
///
/// let room = CreateRoom::parse_response(&http::Response::new(r#"{"room_id":"!a:node.example"}"#))?;
/// assert_eq!(room.as_str(), "!a:node.example");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [room creation]: https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3createroom
#[derive(Debug, Clone, Default)]
pub struct CreateRoom {
    name: Option<String>,
    invite: Vec<UserId>,
    invite_3pid: Vec<Invite3pid>,
}

/// An invitation at the room's creation. `Debug` does not print its token.
#[derive(Debug, Clone)]
pub(crate) struct Invite3pid {
    third_party_id: ThirdPartyId,
    id_server: ServerName,
    id_access_token: IdAccessToken,
}

impl CreateRoom {
    /// Creates a room without a name and without invitees.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the room's name.
    #[must_use]
    pub fn with_name(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// Adds an invitation of a user.
    #[must_use]
    pub fn with_invite(mut self, user_id: UserId) -> Self {
        self.invite.push(user_id);
        self
    }

    /// Adds an invitation of the owner of `third_party_id`.
    ///
    /// The node asks `id_server`, which has issued `id_access_token` to the caller.
    #[must_use]
    pub fn with_invite_3pid(
        mut self,
        third_party_id: ThirdPartyId,
        id_server: ServerName,
        id_access_token: IdAccessToken,
    ) -> Self {
        self.invite_3pid.push(Invite3pid { third_party_id, id_server, id_access_token });
        self
    }
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    invite: &'a [UserId],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    invite_3pid: Vec<Invitee<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    preset: &'static str,
    visibility: &'static str,
}

#[derive(Serialize)]
pub(crate) struct Invitee<'a> {
    address: &'a str,
    id_access_token: &'a str,
    id_server: &'a str,
    medium: &'a str,
}

impl Invite3pid {
    /// Returns the invitation's members in the body.
    pub(crate) fn members(&self) -> Invitee<'_> {
        Invitee {
            address: self.third_party_id.address(),
            id_access_token: self.id_access_token.expose(),
            id_server: self.id_server.as_str(),
            medium: self.third_party_id.medium().as_str(),
        }
    }
}

#[derive(Deserialize)]
struct Answer {
    room_id: RoomId,
}

impl Call for CreateRoom {
    type Server = Session;
    type Output = RoomId;

    endpoint!(POST "/client/v3/createRoom");

    fn to_request(&self, session: &Session) -> Request<Bytes> {
        let body = Body {
            invite: &self.invite,
            invite_3pid: self.invite_3pid.iter().map(Invite3pid::members).collect(),
            name: self.name.as_deref(),
            preset: "private_chat",
            visibility: "private",
        };
        session.request::<Self>(&[], json::body(&body))
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<RoomId, ApiError> {
        response::object(response).map(|Answer { room_id }| room_id)
    }
}

compose!(Invite3pid, |p| Invite3pid {
    third_party_id: p.members()?,
    id_server: p.get("id_server")?,
    id_access_token: p.get("id_access_token")?,
});

compose!(CreateRoom, |p| {
    let call = p.with_text("room_name", &["Lobby"], CreateRoom::new(), CreateRoom::with_name)?;
    CreateRoom { invite: p.some("invite")?, invite_3pid: p.some("invite_3pid")?, ..call }
});
