//! Values that servers choose: realistic ones, and ones at the limits of their rules.

use arbitrary::{Arbitrary, Result, Unstructured};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use http::Response;
use serde_json::json;

use super::dialect::{OfDialect, any_dialect};
use super::hostile::{self, not_empty};
use super::plausible::{self, BASE64_URL, LETTERS};
use super::text::hostile;
use super::wallet::digits;
use super::{Hostile, pick, rarely, valid, word};
use crate::call::Call;
use crate::client::{OpenIdToken, RequestOpenIdToken};
use crate::dialect::Dialect;
use crate::id::{InviteToken, KeyId, RoomId, ServerName, UserId, ValidationSessionId};
use crate::identity::HashDetails;
use crate::identity_server::IdentityServer;
use crate::public_key::PublicKey;
use crate::secret::{ClientSecret, InvitePrivateKey, ValidationToken};
use crate::signed::{SignedInvite, SignedPendingInvite};

const OPAQUE: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.=_-";

/// Draws 1 to 255 of the characters of servers' identifiers.
fn opaque(u: &mut Unstructured<'_>) -> Result<String> {
    Ok(match u.int_in_range(0..=7)? {
        0 => pick(u, &["-", "=", "_", "..a", "a.", "0"])?.to_owned(),
        1 => word(u, OPAQUE, 255..=255)?,
        _ => format!("a{}", word(u, OPAQUE, 0..=40)?),
    })
}

/// Draws Base64 of 32 bytes, in one of the forms that servers write.
fn key(u: &mut Unstructured<'_>) -> Result<String> {
    let bytes: [u8; 32] = u.arbitrary()?;
    Ok(match u.int_in_range(0..=2)? {
        0 => BASE64_STANDARD_NO_PAD.encode(bytes),
        1 => BASE64_URL_SAFE_NO_PAD.encode(bytes),
        _ => BASE64_STANDARD.encode(bytes),
    })
}

/// Identifiers that a server chooses may have any allowed form, so one generator draws both.
macro_rules! made_up {
    ($($type:ident: $draw:expr),* $(,)?) => {$(
        impl<'a> Arbitrary<'a> for $type {
            fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
                let draw: fn(&mut Unstructured<'_>) -> Result<String> = $draw;
                valid(Self::new(draw(u)?))
            }
        }

        impl<'a> Arbitrary<'a> for Hostile<$type> {
            fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
                u.arbitrary().map(Self)
            }
        }
    )*};
}

made_up! {
    InviteToken: opaque,
    ValidationSessionId: opaque,
    ClientSecret: opaque,
    KeyId: |u| Ok(format!("{}:{}", pick(u, &["ed25519", "ed25519", "a.b"])?, opaque(u)?)),
    PublicKey: key,
    InvitePrivateKey: key,
}

impl<'a> Arbitrary<'a> for ValidationToken {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        valid(Self::new(word(u, LETTERS, 32..=32)?))
    }
}

impl<'a> Arbitrary<'a> for Hostile<ValidationToken> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        valid(ValidationToken::new(hostile::token(u)?)).map(Self)
    }
}

impl<'a> Arbitrary<'a> for IdentityServer {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(valid(Self::new(plausible::url(u)?))?.with_dialect(u.arbitrary()?))
    }
}

/// Any scheme, also plain `http` to other machines.
impl<'a> Arbitrary<'a> for Hostile<IdentityServer> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let server = valid(IdentityServer::new_insecure(hostile::url(u)?))?;
        Ok(Self(server.with_dialect(u.arbitrary()?)))
    }
}

any_dialect!(OpenIdToken, SignedInvite, SignedPendingInvite);

/// Draws a node's response, with one of the members that name the node, or the unknown member
/// `other`.
fn open_id_token(
    u: &mut Unstructured<'_>,
    node: &str,
    token: &str,
    other: &str,
) -> Result<OpenIdToken> {
    let names =
        ["sdn_server_name", "sendingnetwork_server_name", "matrix_server_name", "other_name"];
    let answer = json!({
        "access_token": token,
        "token_type": "Bearer",
        pick(u, &names)?: node,
        "expires_in": 3600,
        "x": other,
    });
    RequestOpenIdToken::parse_response(&Response::new(answer.to_string()))
        .map_err(|_| arbitrary::Error::IncorrectFormat)
}

impl OfDialect for OpenIdToken {
    fn draw(u: &mut Unstructured<'_>, dialect: Dialect) -> Result<Self> {
        let (node, token) = match dialect {
            Dialect::Sdn => (digits(u)?, word(u, BASE64_URL, 43..=43)?),
            Dialect::Matrix => (ServerName::arbitrary(u)?.to_string(), word(u, LETTERS, 24..=24)?),
        };
        open_id_token(u, &node, &token, "")
    }
}

impl<'a> Arbitrary<'a> for Hostile<OpenIdToken> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut text = || hostile(u, 500, |_| true);
        let (node, token, other) = (text()?, not_empty(text()?), text()?);
        open_id_token(u, &node, &token, &other).map(Self)
    }
}

impl<'a> Arbitrary<'a> for HashDetails {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Self::new(vec!["sha256".to_owned(), "none".to_owned()], word(u, LETTERS, 5..=12)?))
    }
}

impl<'a> Arbitrary<'a> for Hostile<HashDetails> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let algorithms = vec![hostile(u, 20, |_| true)?, "sha256".to_owned(), "none".to_owned()];
        Ok(Self(HashDetails::new(algorithms, hostile(u, 300, |_| true)?)))
    }
}

/// Draws a proof with an invalid signature.
fn signed(
    u: &mut Unstructured<'_>,
    mxid: &UserId,
    token: &InviteToken,
    sender: impl FnOnce(&mut Unstructured<'_>) -> Result<UserId>,
    other: &str,
) -> Result<SignedInvite> {
    let mut object = json!({
        "mxid": mxid,
        "token": token,
        "signatures": { "id.example": { "ed25519:0": BASE64_STANDARD_NO_PAD.encode(u.arbitrary::<[u8; 32]>()?) } },
    });
    if u.arbitrary()? {
        object["sender"] = json!(sender(u)?);
    }
    if !other.is_empty() {
        object[other] = json!([other, 1.5, null]);
    }
    serde_json::from_value(object).map_err(|_| arbitrary::Error::IncorrectFormat)
}

impl OfDialect for SignedInvite {
    fn draw(u: &mut Unstructured<'_>, dialect: Dialect) -> Result<Self> {
        let (mxid, token) = (UserId::draw(u, dialect)?, u.arbitrary()?);
        signed(u, &mxid, &token, |u| UserId::draw(u, dialect), "")
    }
}

impl<'a> Arbitrary<'a> for Hostile<SignedInvite> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let (Hostile(mxid), Hostile(token)) = u.arbitrary()?;
        let mut other = hostile(u, 100, |_| true)?;
        if matches!(&*other, "mxid" | "token" | "sender") {
            other.clear();
        }
        signed(u, &mxid, &token, |u| u.arbitrary(), &other).map(Self)
    }
}

impl OfDialect for SignedPendingInvite {
    fn draw(u: &mut Unstructured<'_>, dialect: Dialect) -> Result<Self> {
        let signed = SignedInvite::draw(u, dialect)?;
        let third_party_id = crate::threepid::ThirdPartyId::arbitrary(u)?;
        Ok(Self {
            address: third_party_id.address().to_owned(),
            medium: third_party_id.medium().as_str().to_owned(),
            mxid: signed.mxid().clone(),
            room_id: RoomId::draw(u, dialect)?,
            sender: UserId::draw(u, dialect)?,
            token: if rarely(u)? { None } else { Some(signed.token().clone()) },
            signed,
        })
    }
}

impl<'a> Arbitrary<'a> for Hostile<SignedPendingInvite> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let (Hostile(signed), Hostile(room_id)) =
            u.arbitrary::<(Hostile<SignedInvite>, Hostile<RoomId>)>()?;
        let Hostile(sender) = u.arbitrary()?;
        Ok(Self(SignedPendingInvite {
            address: hostile(u, 300, |_| true)?,
            medium: hostile(u, 100, |_| true)?,
            mxid: signed.mxid().clone(),
            room_id,
            sender,
            token: None,
            signed,
        }))
    }
}
