use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

use crate::id::{InviteToken, UserId};

/// The proof that a third-party invitation is for a user: `mxid` and `token`, signed by the
/// identity server or with the invitation's key.
///
/// See the specification's [third-party signed]. The feature `verify` adds functions that check and
/// create it.
///
/// ```
/// use sdn_proto::signed::SignedInvite;
///
/// let json = r#"{"mxid":"@dave:node.example","sender":"@alice:node.example",
///     "signatures":{"id.example":{"ed25519:0":"c2ln"}},"token":"tok"}"#;
/// let signed: SignedInvite = serde_json::from_str(json)?;
/// assert_eq!((signed.mxid().as_str(), signed.token().as_str()), ("@dave:node.example", "tok"));
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// [third-party signed]: https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3roomsroomidjoin
#[derive(Debug, Clone, PartialEq)]
pub struct SignedInvite {
    mxid: UserId,
    sender: Option<UserId>,
    token: InviteToken,
    /// The whole object, unchanged.
    object: Map<String, Value>,
}

impl SignedInvite {
    /// Returns the user that the invitation is for.
    pub fn mxid(&self) -> &UserId {
        &self.mxid
    }

    /// Returns the inviter, if the proof names one.
    pub fn sender(&self) -> Option<&UserId> {
        self.sender.as_ref()
    }

    /// Returns the invitation's token.
    pub fn token(&self) -> &InviteToken {
        &self.token
    }

    /// Returns the signed object, unchanged.
    pub fn object(&self) -> &Map<String, Value> {
        &self.object
    }

    pub(crate) fn from_object(object: Map<String, Value>) -> Result<Self, serde_json::Error> {
        #[derive(Deserialize)]
        struct Members {
            mxid: UserId,
            sender: Option<UserId>,
            token: InviteToken,
        }
        let Members { mxid, sender, token } = Members::deserialize(&object)?;
        Ok(Self { mxid, sender, token, object })
    }
}

impl Serialize for SignedInvite {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.object.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for SignedInvite {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_object(Map::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
