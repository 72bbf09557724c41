use std::error::Error;
use std::fmt;

use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Map, Value, json};

use super::canonical_json::{NotCanonical, canonical_object};
use super::{Association, SignedInvite, strict};
use crate::base64;
use crate::id::{InviteToken, KeyId, ServerName, UserId};
use crate::public_key::PublicKey;
use crate::secret::InvitePrivateKey;
use crate::third_party_invite::PendingInvite;

/// The reason why a proof is not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidProof {
    /// It cannot be encoded as canonical JSON, so it cannot have been signed.
    NotCanonical(NotCanonical),
    /// It has no signature of the expected server and key.
    NotSigned,
    /// It has a signature that is not by the key over this object.
    WrongSignature,
    /// The public key is not a point that can check a signature.
    WeakKey,
    /// It is about another invitation, by its token.
    OtherToken,
    /// It is about another user.
    OtherUser,
    /// It names another inviter.
    OtherSender,
}

impl fmt::Display for InvalidProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotCanonical(error) => return error.fmt(f),
            Self::NotSigned => "the expected signature is missing",
            Self::WrongSignature => "the signature is wrong",
            Self::WeakKey => "the public key cannot check signatures",
            Self::OtherToken => "the proof is about another invitation",
            Self::OtherUser => "the proof is about another user",
            Self::OtherSender => "the proof names another inviter",
        })
    }
}

impl Error for InvalidProof {}

impl From<NotCanonical> for InvalidProof {
    fn from(error: NotCanonical) -> Self {
        Self::NotCanonical(error)
    }
}

/// Signs an object: adds the signature of its canonical JSON, without `signatures` and `unsigned`.
///
/// See the specification's [signing JSON].
///
/// # Errors
///
/// Canonical JSON cannot represent the object.
///
/// ```
/// use sdn_proto::id::{KeyId, ServerName};
/// use sdn_proto::secret::InvitePrivateKey;
/// use sdn_proto::signed::sign_json;
///
/// let key = InvitePrivateKey::new("YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1")?;
/// let mut object = serde_json::Map::new();
/// sign_json(&mut object, &ServerName::new("domain")?, &KeyId::new("ed25519:1")?, &key)?;
/// assert_eq!(
///     object["signatures"]["domain"]["ed25519:1"],
///     "K8280/U9SSy9IVtjBuVeLr+HpOB4BQFWbg+UZaADMtTdGYI7Geitb76LTrr5QV/7Xg4ahLwYGYZzuHGZKM5ZAQ",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [signing JSON]: https://spec.matrix.org/v1.19/appendices/#signing-json
pub fn sign_json(
    object: &mut Map<String, Value>,
    server: &ServerName,
    key_id: &KeyId,
    key: &InvitePrivateKey,
) -> Result<(), NotCanonical> {
    let message = canonical_object(object, UNSIGNED)?;
    let signature = SigningKey::from_bytes(&key.seed()).sign(&message);
    let text = base64::encode_unpadded(&signature.to_bytes());
    let signatures = object.entry("signatures").or_insert_with(|| json!({}));
    if !signatures.is_object() {
        *signatures = json!({});
    }
    let by_server = &mut signatures[server.as_str()];
    if !by_server.is_object() {
        *by_server = json!({});
    }
    by_server[key_id.as_str()] = text.into();
    Ok(())
}

/// The members that a signature does not cover.
const UNSIGNED: &[&str] = &["signatures", "unsigned"];

/// Checks that an object is signed by a server's key.
///
/// It is strict: it refuses signatures that somebody could have changed into another valid one. It
/// also refuses public keys of small order, because their signatures prove nothing. See the
/// specification's [checking for a signature].
///
/// # Errors
///
/// Says what is wrong.
///
/// [checking for a signature]: https://spec.matrix.org/v1.19/appendices/#checking-for-a-signature
pub fn verify_json(
    object: &Map<String, Value>,
    server: &str,
    key_id: &KeyId,
    key: &PublicKey,
) -> Result<(), InvalidProof> {
    let signature = object
        .get("signatures")
        .and_then(|signatures| signatures.get(server)?.get(key_id.as_str())?.as_str())
        .ok_or(InvalidProof::NotSigned)?;
    verify_bytes(&canonical_object(object, UNSIGNED)?, signature, key)
}

fn verify_bytes(message: &[u8], signature: &str, key: &PublicKey) -> Result<(), InvalidProof> {
    let key = strict::point(key.as_bytes()).ok_or(InvalidProof::WeakKey)?;
    let signature = base64::decode_signature(signature).ok_or(InvalidProof::WrongSignature)?;
    if strict::is_signed(message, &signature, &key) {
        Ok(())
    } else {
        Err(InvalidProof::WrongSignature)
    }
}

impl SignedInvite {
    /// Accepts an invitation with the private key from its mail, without sending the key.
    ///
    /// The signature has `id_server`'s name, like one by the identity server.
    ///
    /// ```
    /// use sdn_proto::id::{InviteToken, ServerName, UserId};
    /// use sdn_proto::secret::InvitePrivateKey;
    /// use sdn_proto::signed::SignedInvite;
    ///
    /// let signed = SignedInvite::sign(
    ///     UserId::new("@dave:node.example")?,
    ///     Some(UserId::new("@alice:node.example")?),
    ///     InviteToken::new("tok")?,
    ///     &ServerName::new("id.example")?,
    ///     &InvitePrivateKey::new("Dw9c7m9I2epmukp8VXMtQz9k7C23UzTTxI9kT8EtZ4E")?,
    /// );
    /// assert!(signed.object()["signatures"]["id.example"]["ed25519:0"].is_string());
    /// # Ok::<(), sdn_proto::InvalidInput>(())
    /// ```
    pub fn sign(
        mxid: UserId,
        sender: Option<UserId>,
        token: InviteToken,
        id_server: &ServerName,
        key: &InvitePrivateKey,
    ) -> Self {
        let mut object = Map::new();
        object.insert("mxid".to_owned(), mxid.as_str().into());
        if let Some(sender) = &sender {
            object.insert("sender".to_owned(), sender.as_str().into());
        }
        object.insert("token".to_owned(), token.as_str().into());
        let key_id = KeyId::new("ed25519:0").expect("it has an algorithm and a name");
        sign_json(&mut object, id_server, &key_id, key).expect("strings are canonical");
        Self::from_object(object).expect("the members were just added")
    }

    /// Checks the proof against its invitation, as a node does. It must have the same token and, if
    /// it names an inviter, the same inviter. It must be for `mxid`, and signed by one of the
    /// invitation's keys.
    ///
    /// Use it also to check an `m.room.member` event of a third-party invitation. There
    /// `content.third_party_invite.signed` is the proof, `state_key` is the `mxid`, and `sender`
    /// must be `pending.sender`. The first 32 keys and the first 32 signatures are tried.
    ///
    /// # Errors
    ///
    /// Says what is wrong.
    pub fn verify(&self, pending: &PendingInvite, mxid: &UserId) -> Result<(), InvalidProof> {
        if self.token() != &pending.token {
            return Err(InvalidProof::OtherToken);
        }
        if self.mxid() != mxid {
            return Err(InvalidProof::OtherUser);
        }
        if self.sender().is_some_and(|sender| sender != &pending.sender) {
            return Err(InvalidProof::OtherSender);
        }
        let message = canonical_object(self.object(), UNSIGNED)?;
        let mut outcome = Err(InvalidProof::NotSigned);
        for signature in ed25519_signatures(self.object()).take(MAX_TRIED) {
            for key in pending.content.keys().take(MAX_TRIED) {
                outcome = verify_bytes(&message, signature, key);
                if outcome.is_ok() {
                    return outcome;
                }
            }
        }
        outcome
    }
}

/// The maximum number of signatures, and of keys for each. Servers could send so many that the
/// check takes hours.
const MAX_TRIED: usize = 32;

/// Returns the signatures of all servers and key names, because only the invitation's keys matter.
fn ed25519_signatures(object: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let servers = object.get("signatures").and_then(Value::as_object).into_iter().flatten();
    let signatures = servers.filter_map(|(_, by_server)| by_server.as_object()).flatten();
    signatures
        .filter(|(key_id, _)| key_id.starts_with("ed25519:"))
        .filter_map(|(_, text)| text.as_str())
}

impl Association {
    /// Checks that the identity server signed the association with this key.
    ///
    /// # Errors
    ///
    /// Says what is wrong.
    pub fn verify(
        &self,
        id_server: &str,
        key_id: &KeyId,
        key: &PublicKey,
    ) -> Result<(), InvalidProof> {
        verify_json(self.object(), id_server, key_id, key)
    }
}
