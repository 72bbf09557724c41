use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

use super::SignedInvite;
use crate::id::{InviteToken, RoomId, UserId};
use crate::object;
use crate::threepid::{Medium, ThirdPartyId};

/// An identity server's signed word that an address is a user's, and the invitations that were waiting for it.
///
/// The answer to [`Bind`](crate::identity::Bind); see the specification's [bind].
///
/// [bind]: https://spec.matrix.org/v1.19/identity-service-api/#post_matrixidentityv23pidbind
#[derive(Debug, Clone, PartialEq)]
pub struct Association {
    third_party_id: ThirdPartyId,
    mxid: UserId,
    invites: Vec<SignedPendingInvite>,
    /// All of it as it came.
    object: Map<String, Value>,
}

impl Association {
    /// The address, exactly as the server signed it.
    pub fn third_party_id(&self) -> &ThirdPartyId {
        &self.third_party_id
    }

    /// The user it is bound to.
    pub fn mxid(&self) -> &UserId {
        &self.mxid
    }

    /// The invitations that were waiting for the address, each with the proof that lets the user join.
    pub fn invites(&self) -> &[SignedPendingInvite] {
        &self.invites
    }

    /// The signed object as it came.
    pub fn object(&self) -> &Map<String, Value> {
        &self.object
    }
}

/// As it came.
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

/// An invitation that waited for an address, handed over with its proof when the address was bound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SignedPendingInvite {
    /// The address, as the inviter gave it.
    pub address: String,
    /// The kind of address.
    pub medium: String,
    /// The user it is for now.
    pub mxid: UserId,
    /// The room.
    pub room_id: RoomId,
    /// Who invited.
    pub sender: UserId,
    /// The proof.
    pub signed: SignedInvite,
    /// The invitation's token, which servers may leave to the proof.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<InviteToken>,
}
