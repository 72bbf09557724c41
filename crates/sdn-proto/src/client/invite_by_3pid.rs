use crate::error::InvalidInput;
use crate::id::{RoomId, ServerName};
use crate::prelude::*;
use crate::secret::IdAccessToken;
use crate::threepid::{Medium, ThirdPartyId};

/// Invites the owner of a third-party identifier to a room.
///
/// The node asks the identity server which user the identifier is bound to, and invites that user.
/// If there is none, it stores the invitation at the identity server, which sends the invitee a
/// mail. **Sending it twice sends two mails.**
///
/// `POST /{prefix}/client/v3/rooms/{roomId}/invite`, see the specification's [third-party invites].
/// A 200 with any JSON value is a success; nodes send `{}`. A node's 500 `M_UNKNOWN` usually means
/// that the identity server refused or failed. For example, the `id_access_token` is invalid, terms
/// are not accepted, the server cannot be reached, or the mail could not be sent.
///
/// ```
/// use sdn_proto::{AccessToken, Call, IdAccessToken, InviteBy3pid, Node, RoomId, ServerName, ThirdPartyId};
///
/// let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
/// let invite = InviteBy3pid::new(
///     RoomId::new("!OGEhHVWSdvArJzumhm:node.example")?,
///     ThirdPartyId::email("alice@example.com")?,
///     ServerName::new("id.example:8090")?,
///     IdAccessToken::new("id_secret")?,
/// );
/// let request = invite.to_request(&session);
///
/// assert_eq!(request.method(), "POST");
/// assert_eq!(
///     request.uri(),
///     "https://node.example/_api/client/v3/rooms/!OGEhHVWSdvArJzumhm%3Anode.example/invite",
/// );
/// assert_eq!(
///     request.body(),
///     r#"{"address":"alice@example.com","id_access_token":"id_secret","id_server":"id.example:8090","medium":"email"}"#,
/// );
///
/// // Send the request with any HTTP stack, and parse its response:
/// let response = http::Response::new("{}");
/// InviteBy3pid::parse_response(&response)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [third-party invites]: https://spec.matrix.org/v1.19/client-server-api/#third-party-invites
#[derive(Debug, Clone)]
pub struct InviteBy3pid {
    room_id: RoomId,
    third_party_id: ThirdPartyId,
    id_server: ServerName,
    id_access_token: IdAccessToken,
}

impl InviteBy3pid {
    /// Creates an invitation of the owner of `third_party_id` to `room_id`.
    ///
    /// `id_server` is the identity server that the node asks. It issued `id_access_token` to the
    /// inviter.
    pub fn new(
        room_id: RoomId,
        third_party_id: ThirdPartyId,
        id_server: ServerName,
        id_access_token: IdAccessToken,
    ) -> Self {
        Self { room_id, third_party_id, id_server, id_access_token }
    }

    /// Builds the invitation from five strings. `address` is sent unchanged, without case folding.
    ///
    /// The identity server may not find a user by an address with capitals, which
    /// [`ThirdPartyId::email`] folds. Use this function in code that was written for the original
    /// client library, which takes the same strings.
    ///
    /// # Errors
    ///
    /// Returns the first value that breaks a rule. The only rule of `address` and `medium` is that
    /// they are not empty.
    ///
    /// ```
    /// use sdn_proto::{Call, InviteBy3pid};
    ///
    /// InviteBy3pid::from_strings("!a:node.example", "alice@example.com", "id_secret", "id.example", "email")?;
    /// # Ok::<(), sdn_proto::InvalidInput>(())
    /// ```
    pub fn from_strings(
        room_id: &str,
        address: &str,
        id_access_token: &str,
        id_server: &str,
        medium: &str,
    ) -> Result<Self, InvalidInput> {
        Ok(Self::new(
            RoomId::new(room_id)?,
            ThirdPartyId::verbatim(Medium::new(medium)?, address)?,
            ServerName::new(id_server)?,
            IdAccessToken::new(id_access_token)?,
        ))
    }

    /// Returns the room.
    pub fn room_id(&self) -> &RoomId {
        &self.room_id
    }

    /// Returns the invitee's identifier.
    pub fn third_party_id(&self) -> &ThirdPartyId {
        &self.third_party_id
    }

    /// Returns the identity server that the node asks.
    pub fn id_server(&self) -> &ServerName {
        &self.id_server
    }
}

impl Call for InviteBy3pid {
    type Server = Session;
    type Output = ();

    endpoint!(POST "/client/v3/rooms/{roomId}/invite");

    fn to_request(&self, session: &Session) -> Request<Bytes> {
        session.request::<Self>(
            &[self.room_id.as_str()],
            json::object(&[
                ("address", Some(self.third_party_id.address())),
                ("id_access_token", Some(self.id_access_token.expose())),
                ("id_server", Some(self.id_server.as_str())),
                ("medium", Some(self.third_party_id.medium().as_str())),
            ]),
        )
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<(), ApiError> {
        response::ignored(response)
    }
}

compose!(InviteBy3pid, |p| InviteBy3pid::new(
    p.get("room_id")?,
    p.members()?,
    p.get("id_server")?,
    p.get("id_access_token")?
));
