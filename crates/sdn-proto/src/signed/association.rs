use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

use super::SignedInvite;
use crate::id::{InviteToken, RoomId, UserId};
use crate::object;
use crate::threepid::{Medium, ThirdPartyId};

/// An identity server's signed statement that an address is bound to a user, and the invitations
/// that were waiting for it.
///
/// The output of [`Bind`](crate::identity::Bind); see the specification's [bind].
///
/// [bind]: https://spec.matrix.org/v1.19/identity-service-api/#post_matrixidentityv23pidbind
#[derive(Debug, Clone, PartialEq)]
pub struct Association {
    third_party_id: ThirdPartyId,
    mxid: UserId,
    invites: Vec<SignedPendingInvite>,
    /// The whole object, unchanged.
    object: Map<String, Value>,
}

impl Association {
    /// Returns the address, exactly as the server signed it.
    pub fn third_party_id(&self) -> &ThirdPartyId {
        &self.third_party_id
    }

    /// Returns the user that the address is bound to.
    pub fn mxid(&self) -> &UserId {
        &self.mxid
    }

    /// Returns the invitations that were waiting for the address, each with the proof that lets the
    /// user join.
    pub fn invites(&self) -> &[SignedPendingInvite] {
        &self.invites
    }

    /// Returns the signed object, unchanged.
    pub fn object(&self) -> &Map<String, Value> {
        &self.object
    }
}

/// Serializes the whole object, unchanged.
impl Serialize for Association {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.object.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Association {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Members {
            medium: Medium,
            address: String,
            mxid: UserId,
            #[serde(default, deserialize_with = "object::list")]
            invites: Vec<SignedPendingInvite>,
        }
        let object = Map::deserialize(deserializer)?;
        let Members { medium, address, mxid, invites } =
            Members::deserialize(&object).map_err(de::Error::custom)?;
        // Checking or folding would change what the server signed.
        let third_party_id = ThirdPartyId::verbatim(medium, address).map_err(de::Error::custom)?;
        Ok(Self { third_party_id, mxid, invites, object })
    }
}

/// An invitation that waited for an address, returned with its proof when the address was bound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SignedPendingInvite {
    /// The address, as the inviter wrote it.
    pub address: String,
    /// The kind of address.
    pub medium: String,
    /// The user that the address was bound to.
    pub mxid: UserId,
    /// The room.
    pub room_id: RoomId,
    /// The inviter.
    pub sender: UserId,
    /// The proof.
    pub signed: SignedInvite,
    /// The invitation's token, which some servers send only in the proof.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<InviteToken>,
}
