use serde::{Deserialize, Serialize};

use crate::body;
use crate::error::ErrorCode;
use crate::id::{InviteToken, RoomId, UserId};
use crate::object;
use crate::prelude::*;
use crate::third_party_invite::InviteKey;
use crate::threepid::ThirdPartyId;

/// Asks the identity server to store an invitation, and to mail it to the invitee.
///
/// `POST /{prefix}/identity/v2/store-invite`, see the specification's [invitation storage]. Nodes
/// make this call. Use it to learn why a node's call failed, because the identity server reports an
/// error that the node hides. **It sends a mail.**
///
/// ```
/// use sdn_proto::identity::StoreInvite;
/// use sdn_proto::{Call, IdAccessToken, IdentityServer, RoomId, ThirdPartyId, UserId};
///
/// let session = IdentityServer::new("https://id.example")?.session(IdAccessToken::new("id_secret")?);
/// let call = StoreInvite::new(
///     ThirdPartyId::email("alice@example.com")?,
///     RoomId::new("!a:node.example")?,
///     UserId::new("@bob:node.example")?,
/// );
/// assert_eq!(
///     call.to_request(&session).body(),
///     r#"{"address":"alice@example.com","medium":"email","room_id":"!a:node.example","sender":"@bob:node.example"}"#,
/// );
///
/// let bound = http::Response::builder()
///     .status(400)
///     .body(r#"{"errcode":"M_THREEPID_IN_USE","error":"Binding already known","mxid":"@alice:node.example"}"#)?;
/// let error = StoreInvite::parse_response(&bound).unwrap_err();
/// assert_eq!(StoreInvite::bound_to(&error).unwrap().as_str(), "@alice:node.example");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [invitation storage]: https://spec.matrix.org/v1.19/identity-service-api/#invitation-storage
#[derive(Debug, Clone)]
pub struct StoreInvite {
    third_party_id: ThirdPartyId,
    room_id: RoomId,
    sender: UserId,
}

impl StoreInvite {
    /// Stores an invitation to `room_id` by `sender`, who must be the session's user.
    pub fn new(third_party_id: ThirdPartyId, room_id: RoomId, sender: UserId) -> Self {
        Self { third_party_id, room_id, sender }
    }

    /// Returns the user of an address that is already bound, if the server refused because of that
    /// and names the user.
    pub fn bound_to(error: &ApiError) -> Option<UserId> {
        #[derive(Deserialize)]
        struct Bound {
            mxid: UserId,
        }
        if error.code() != Some(&ErrorCode::ThreepidInUse) {
            return None;
        }
        let body = body::text(error.body())?;
        serde_json::from_str(body).ok().map(|Bound { mxid }| mxid)
    }
}

/// An invitation that an identity server stores.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StoredInvite {
    /// The token that the identity server created.
    pub token: InviteToken,
    /// The keys that may sign an acceptance.
    #[serde(deserialize_with = "object::list")]
    pub public_keys: Vec<InviteKey>,
    /// The address, shortened so that it cannot be recognized.
    pub display_name: String,
}

impl Call for StoreInvite {
    type Server = IdentitySession;
    type Output = StoredInvite;

    endpoint!(POST "/identity/v2/store-invite");

    fn to_request(&self, session: &IdentitySession) -> Request<Bytes> {
        let body = json::object(&[
            ("address", Some(self.third_party_id.address())),
            ("medium", Some(self.third_party_id.medium().as_str())),
            ("room_id", Some(self.room_id.as_str())),
            ("sender", Some(self.sender.as_str())),
        ]);
        session.request::<Self>(&[], body)
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<StoredInvite, ApiError> {
        response::object(response)
    }
}

compose!(StoreInvite, |p| StoreInvite::new(p.members()?, p.get("room_id")?, p.get("sender")?));
