use serde::{Deserialize, Serialize};

use crate::id::{InviteToken, UserId};
use crate::object;
use crate::public_key::PublicKey;

/// A third-party invitation that nobody has accepted yet: an `m.room.third_party_invite` event.
///
/// See the specification's [event
/// schema](https://spec.matrix.org/v1.19/client-server-api/#mroomthird_party_invite).
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct PendingInvite {
    /// The invitation's token, which is the event's state key.
    pub token: InviteToken,
    /// The inviter.
    pub sender: UserId,
    /// The event's content.
    pub content: ThirdPartyInvite,
}

impl PendingInvite {
    /// Shares the memory of the sender and the identity server's key, which most invitations to a
    /// room have in common.
    pub(crate) fn share(&mut self, other: &Self) {
        if self.sender == other.sender {
            self.sender = other.sender.clone();
        }
        let keys = self.content.public_keys.iter_mut().map(|key| &mut key.public_key);
        for key in keys.chain([&mut self.content.public_key]) {
            if key.as_str() == other.content.public_key.as_str() {
                *key = other.content.public_key.clone();
            }
        }
    }
}

/// The content of an `m.room.third_party_invite` event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ThirdPartyInvite {
    /// The address, shortened so that it cannot be recognized, such as `car...@exa...`.
    pub display_name: String,
    /// The URL to check whether [`public_key`](Self::public_key) is still valid.
    pub key_validity_url: String,
    /// The key that the identity server signs an acceptance with.
    pub public_key: PublicKey,
    /// All keys that may sign an acceptance, usually the one above and one only for this
    /// invitation.
    #[serde(default, deserialize_with = "object::list")]
    pub public_keys: Vec<InviteKey>,
}

/// A key that may sign the acceptance of an invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InviteKey {
    /// The key.
    pub public_key: PublicKey,
    /// The URL to check whether the key is still valid. Without it the key is valid as long as the
    /// event exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_validity_url: Option<String>,
}

impl ThirdPartyInvite {
    /// Returns every key that may sign an acceptance.
    pub fn keys(&self) -> impl Iterator<Item = &PublicKey> {
        std::iter::once(&self.public_key).chain(self.public_keys.iter().map(|key| &key.public_key))
    }
}
