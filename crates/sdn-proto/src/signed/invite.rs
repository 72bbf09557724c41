use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

use crate::id::{InviteToken, UserId};

/// The proof that a third-party invitation is meant for a user: `mxid` and `token`, signed by the identity server or with
/// the invitation's own key.
///
/// See the specification's [third-party signed]. With the feature `verify` it can be checked, and made.
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
    /// All of it as it came.
    object: Map<String, Value>,
}

impl SignedInvite {
    /// The user whom the invitation is for.
    pub fn mxid(&self) -> &UserId {
        &self.mxid
    }

    /// Who invited, if the proof says so.
    pub fn sender(&self) -> Option<&UserId> {
        self.sender.as_ref()
    }

    /// The invitation's token.
    pub fn token(&self) -> &InviteToken {
        &self.token
    }

    /// The signed object as it came.
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
