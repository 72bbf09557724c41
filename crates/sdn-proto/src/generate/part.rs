//! The values and servers as parts of calls, in the form of the conformance data.

use arbitrary::{Arbitrary, Result, Unstructured};
use http::Response;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::dialect::OfDialect;
use super::text::hostile;
use crate::call::Call;
use crate::client::{Invite3pid, OpenIdToken, RequestOpenIdToken};
use crate::dialect::Dialect;
use crate::id::{InviteToken, KeyId, RoomAlias, RoomId, ServerName, UserId, ValidationSessionId};
use crate::identity::HashDetails;
use crate::identity_server::{IdentityServer, IdentitySession};
use crate::node::{Node, Session};
use crate::parts::{self, Compose, Hostile, Like, Part, Parts, Refusal, compose, text};
use crate::public_key::PublicKey;
use crate::secret::{
    AccessToken, ClientSecret, IdAccessToken, InvitePrivateKey, Password, ValidationToken,
};
use crate::signed::{SignedInvite, SignedPendingInvite};
use crate::threepid::{Medium, ThirdPartyId};
use crate::wallet::{Did, LoginMessage, Signature, WalletAddress};

/// The text in other secrets, which secrets of generators do not contain. Hex digits fit into each
/// kind of secret.
const OTHER: &str = "5ec2e7c0ffee";

fn plain<T: for<'a> Arbitrary<'a>>(u: &mut Unstructured<'_>, _: Dialect) -> Result<T> {
    u.arbitrary()
}

fn of_dialect<T: OfDialect>(u: &mut Unstructured<'_>, dialect: Dialect) -> Result<T> {
    T::draw(u, dialect)
}

macro_rules! first {
    ($first:ident $($others:ident)*) => {
        $first
    };
}

/// Defines how each is drawn, read and written, and another value if it is secret.
macro_rules! parts {
    ($($type:ty $([$draw:ident])?: $read:expr, $write:expr $(, $other:expr)?;)*) => {$(
        impl Part for $type {
            fn draw(u: &mut Unstructured<'_>, like: Like) -> Result<Self> {
                match like {
                    Like::Hostile => Hostile::arbitrary(u).map(|Hostile(it)| it),
                    Like::Plausible(dialect) => first!($($draw)? plain)(u, dialect),
                }
            }

            fn read(value: &Value) -> parts::Result<Self> {
                let read: fn(&Value) -> parts::Result<Self> = $read;
                read(value)
            }

            fn write(&self) -> Value {
                let write: fn(&Self) -> Value = $write;
                write(self)
            }

            $(fn other(&self) -> Option<Value> {
                let other: fn(&Self) -> Value = $other;
                Some(other(self))
            })?
        }
    )*};
}

/// The values whose constructors take text.
macro_rules! texts {
    ($($type:ty $([$draw:ident])?: $as_str:ident $(, $other:expr)?;)*) => {
        parts! {$(
            $type $([$draw])?: |value| Ok(Self::new(text(value)?)?), |it| it.$as_str().into() $(, |_| $other.into())?;
        )*}
    };
}

texts! {
    RoomAlias [of_dialect]: as_str;
    RoomId [of_dialect]: as_str;
    UserId [of_dialect]: as_str;
    ServerName: as_str;
    InviteToken: as_str;
    KeyId: as_str;
    PublicKey: as_str;
    ValidationSessionId: as_str;
    AccessToken [of_dialect]: expose, OTHER;
    IdAccessToken: expose, OTHER;
    ClientSecret: expose, OTHER;
    Password: expose, OTHER;
    ValidationToken: expose, OTHER;
    WalletAddress: as_str;
    Did: as_str;
    LoginMessage: as_str;
    Signature: expose, format!("0x{OTHER}{}1b", "1".repeat(128 - OTHER.len()));
    InvitePrivateKey: expose, format!("{OTHER}{}", "A".repeat(43 - OTHER.len()));
}

parts! {
    u64: json, |number| json!(number);
    ThirdPartyId: third_party_id, |id| json!(id);
    SignedInvite [of_dialect]: json, |signed| json!(signed);
    SignedPendingInvite [of_dialect]: json, |invite| json!(invite);
    Invite3pid: invite_3pid, |invite| json!(invite.members()), other_invite_3pid;
    OpenIdToken [of_dialect]: open_id_token, |token| json!(token.expose()), other_token;
    HashDetails: hash_details, |it| json!({ "algorithms": it.algorithms, "pepper": it.lookup_pepper });
    Node: node, |node| server("node", node.to_string(), node.dialect());
    IdentityServer: identity_server, |it| server("identity_server", it.to_string(), it.dialect());
}

fn json<T: DeserializeOwned>(value: &Value) -> parts::Result<T> {
    T::deserialize(value).map_err(|_| Refusal::Case(std::any::type_name::<T>()))
}

/// Parses text as people write it. Medium and address are used unchanged.
fn third_party_id(value: &Value) -> parts::Result<ThirdPartyId> {
    match value.as_str() {
        Some(text) => Ok(text.parse()?),
        None => {
            let medium = Medium::new(text(&value["medium"])?)?;
            Ok(ThirdPartyId::verbatim(medium, text(&value["address"])?)?)
        }
    }
}

fn hash_details(value: &Value) -> parts::Result<HashDetails> {
    Ok(HashDetails::new(json(&value["algorithms"])?, text(&value["pepper"])?))
}

fn invite_3pid(value: &Value) -> parts::Result<Invite3pid> {
    Invite3pid::compose(&mut Parts::of(json(value)?))
}

fn other_invite_3pid(invite: &Invite3pid) -> Value {
    let mut members = json!(invite.members());
    members["id_access_token"] = OTHER.into();
    members
}

/// The node's response, unchanged.
fn open_id_token(value: &Value) -> parts::Result<OpenIdToken> {
    RequestOpenIdToken::parse_response(&Response::new(text(value)?))
        .map_err(|_| Refusal::Case("open_id_token"))
}

fn other_token(token: &OpenIdToken) -> Value {
    let mut members: Map<String, Value> = serde_json::from_str(token.expose()).unwrap_or_default();
    members.insert("access_token".to_owned(), OTHER.into());
    Value::from(members).to_string().into()
}

fn node(value: &Value) -> parts::Result<Node> {
    let base = text(&value["node"])?;
    let node = if value["insecure"] == true { Node::new_insecure(base) } else { Node::new(base) };
    Ok(node?.with_dialect(dialect(value)?))
}

fn identity_server(value: &Value) -> parts::Result<IdentityServer> {
    let base = text(&value["identity_server"])?;
    let server = if value["insecure"] == true {
        IdentityServer::new_insecure(base)
    } else {
        IdentityServer::new(base)
    };
    Ok(server?.with_dialect(dialect(value)?))
}

fn dialect(value: &Value) -> parts::Result<Dialect> {
    Ok(text(&value["dialect"])?.parse()?)
}

fn server(name: &str, base: String, dialect: Dialect) -> Value {
    let is_insecure = Node::new(&base).is_err();
    json!({ name: base, "dialect": dialect.as_str(), "insecure": is_insecure })
}

compose!(Session, |p| p.members::<Node>()?.session(p.get("access_token")?));
compose!(IdentitySession, |p| p.members::<IdentityServer>()?.session(p.get("id_access_token")?));

impl Compose for Node {
    fn compose(parts: &mut Parts<'_, '_>) -> parts::Result<Self> {
        parts.members()
    }
}

impl Compose for IdentityServer {
    fn compose(parts: &mut Parts<'_, '_>) -> parts::Result<Self> {
        parts.members()
    }
}

/// A number has no rule.
impl<'a> Arbitrary<'a> for Hostile<u64> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        u.arbitrary().map(Self)
    }
}

impl<'a> Arbitrary<'a> for Hostile<String> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        hostile(u, 2048, |_| true).map(Self)
    }
}
