//! What a call was made of is what its request says, one call after the other, and its secrets are not printed.

use std::fmt::Debug;

use arbitrary::{Result, Unstructured};
use sdn_proto::client::{
    GetInvites, GetThirdPartyInvite, JoinRoom, LeaveRoom, OpenIdToken, RequestOpenIdToken,
    RevokeThirdPartyInvite, WhoAmI,
};
use sdn_proto::generate::HostileText;
use sdn_proto::http::Method;
use sdn_proto::id::{InviteToken, KeyId, ValidationSessionId};
use sdn_proto::identity::*;
use sdn_proto::secret::{ClientSecret, InvitePrivateKey, ValidationToken};
use sdn_proto::signed::{SignedInvite, SignedPendingInvite};
use sdn_proto::{
    Call, IdentityServer, IdentitySession, Node, PublicKey, Redacted, RoomId, Session,
    ThirdPartyId, UserId,
};
use serde_json::{Value, json};

use super::build_request::{draw, reparse};
use super::place::{Peer, Place};

type Check = fn(&mut Unstructured<'_>, bool) -> Result<()>;

/// Checks one of the calls.
pub(super) fn check(u: &mut Unstructured<'_>, hostile: bool) -> Result<()> {
    const CHECKS: [Check; 10] = [
        rooms,
        join,
        keys,
        terms,
        lookup,
        bound,
        register,
        invitations,
        request_tokens,
        validations,
    ];
    u.choose(&CHECKS)?(u, hostile)
}

/// What goes into a path or a query comes out of it again.
pub(super) fn paths(u: &mut Unstructured<'_>, hostile: bool) -> Result<()> {
    let place = Session::place(u, hostile)?;
    let room: RoomId = draw(u, hostile)?;
    let token: InviteToken = draw(u, hostile)?;
    let sent = reparse(&GetThirdPartyInvite::new(room.clone(), token.clone()), &place);
    let kind = "m.room.third_party_invite";
    let path = ["client", "v3", "rooms", room.as_str(), "state", kind, token.as_str()];
    assert_eq!((sent.method, sent.path), (Method::GET, path.map(str::to_owned).to_vec()));
    let user: UserId = draw(u, hostile)?;
    let sent = reparse(&RequestOpenIdToken::new(user.clone()), &place);
    assert_eq!(sent.path[..4], ["client", "v3", "user", user.as_str()]);
    let sent = reparse(&JoinRoom::new(room.clone()), &place);
    assert_eq!(sent.path, ["client", "v3", "rooms", room.as_str(), "join"]);

    let place = IdentityServer::place(u, hostile)?;
    let key: PublicKey = draw(u, hostile)?;
    let sent = reparse(&IsKeyValid::new(key.clone()), &place);
    assert_eq!(sent.path, ["identity", "v2", "pubkey", "isvalid"]);
    assert_eq!(sent.query, [("public_key".to_owned(), key.as_str().to_owned())]);
    let key_id: KeyId = draw(u, hostile)?;
    let sent = reparse(&GetPublicKey::new(key_id.clone()), &place);
    assert_eq!(sent.path, ["identity", "v2", "pubkey", key_id.as_str()]);
    Ok(())
}

/// What goes into a body comes out of it again, secrets too.
pub(super) fn bodies(u: &mut Unstructured<'_>, hostile: bool) -> Result<()> {
    let place = IdentitySession::place(u, hostile)?;
    let (user, token): (UserId, InviteToken) = (draw(u, hostile)?, draw(u, hostile)?);
    let key: InvitePrivateKey = draw(u, hostile)?;
    let sent = reparse(&SignInvite::new(user.clone(), token.clone(), key.clone()), &place);
    sent.assert_body(&[
        ("mxid", user.as_str()),
        ("private_key", key.expose()),
        ("token", token.as_str()),
    ]);
    let (secret, sid): (ClientSecret, ValidationSessionId) = (draw(u, hostile)?, draw(u, hostile)?);
    let sent = reparse(&Bind::new(secret.clone(), sid.clone(), user.clone()), &place);
    sent.assert_body(&[
        ("client_secret", secret.expose()),
        ("mxid", user.as_str()),
        ("sid", sid.as_str()),
    ]);
    Ok(())
}

fn texts<const N: usize>(u: &mut Unstructured<'_>) -> Result<[String; N]> {
    let mut texts = [const { String::new() }; N];
    for text in &mut texts {
        *text = u.arbitrary::<HostileText>()?.0;
    }
    Ok(texts)
}

/// Another secret changes the request, and nothing that is printed.
fn assert_hides<C: Call + Debug>(call: &C, other: &C, place: &Place<C::Server>) {
    let (request, changed) = (call.to_request(&place.server), other.to_request(&place.server));
    assert!(request.body() != changed.body() || request.uri() != changed.uri());
    assert_eq!(Redacted(&request).to_string(), Redacted(&changed).to_string());
    assert_eq!(format!("{call:?} {call:#?}"), format!("{other:?} {other:#?}"));
}

/// Not what a generator makes, which begins otherwise.
fn other_secret() -> ClientSecret {
    ClientSecret::new("zzz").unwrap()
}

fn rooms(u: &mut Unstructured<'_>, hostile: bool) -> Result<()> {
    let place = Session::place(u, hostile)?;
    let (room, token): (RoomId, InviteToken) = (draw(u, hostile)?, draw(u, hostile)?);
    let [reason] = texts(u)?;
    let id = room.as_str();

    reparse(&GetInvites::new(room.clone()), &place).assert(
        Method::GET,
        &["client", "v3", "rooms", id, "state"],
        None,
    );
    let kind = "m.room.third_party_invite";
    reparse(&RevokeThirdPartyInvite::new(room.clone(), token.clone()), &place).assert(
        Method::PUT,
        &["client", "v3", "rooms", id, "state", kind, token.as_str()],
        Some(json!({})),
    );
    let leave = ["client", "v3", "rooms", id, "leave"];
    let call = LeaveRoom::new(room.clone());
    reparse(&call, &place).assert(Method::POST, &leave, Some(json!({})));
    let body = json!({ "reason": reason });
    reparse(&call.with_reason(reason), &place).assert(Method::POST, &leave, Some(body));
    let who = ["client", "v3", "account", "whoami"];
    reparse(&WhoAmI::new(), &place).assert(Method::GET, &who, None);
    Ok(())
}

fn join(u: &mut Unstructured<'_>, hostile: bool) -> Result<()> {
    let place = Session::place(u, hostile)?;
    let (room, signed): (RoomId, SignedInvite) = (draw(u, hostile)?, draw(u, hostile)?);
    let [reason] = texts(u)?;
    let body = json!({ "reason": reason, "third_party_signed": signed });
    let path = ["client", "v3", "rooms", room.as_str(), "join"];
    let call = JoinRoom::new(room.clone()).with_reason(reason).with_third_party_signed(signed);
    reparse(&call, &place).assert(Method::POST, &path, Some(body));
    Ok(())
}

fn keys(u: &mut Unstructured<'_>, hostile: bool) -> Result<()> {
    let place = IdentityServer::place(u, hostile)?;
    let key: PublicKey = draw(u, hostile)?;
    let sent = reparse(&IsEphemeralKeyValid::new(key.clone()), &place);
    assert_eq!(sent.query, [("public_key".to_owned(), key.as_str().to_owned())]);
    sent.assert(Method::GET, &["identity", "v2", "pubkey", "ephemeral", "isvalid"], None);
    Ok(())
}

fn terms(u: &mut Unstructured<'_>, hostile: bool) -> Result<()> {
    let place = IdentitySession::place(u, hostile)?;
    let urls: [String; 2] = texts(u)?;
    let body = json!({ "user_accepts": urls });
    let path = ["identity", "v2", "terms"];
    reparse(&AcceptTerms::new(urls), &place).assert(Method::POST, &path, Some(body));
    Ok(())
}

/// Addresses as they are only when that was asked for; else as many hashes, of which none holds an address.
fn lookup(u: &mut Unstructured<'_>, hostile: bool) -> Result<()> {
    let place = IdentitySession::place(u, hostile)?;
    let ids: Vec<ThirdPartyId> = vec![draw(u, hostile)?, draw(u, hostile)?];
    let details: HashDetails = draw(u, hostile)?;
    let path = ["identity", "v2", "lookup"];
    let plain: Vec<_> = ids.iter().map(|id| format!("{} {}", id.address(), id.medium())).collect();
    let body = json!({ "addresses": plain, "algorithm": "none", "pepper": details.lookup_pepper });
    let call = Lookup::new_unhashed(ids.clone(), &details).unwrap();
    reparse(&call, &place).assert(Method::POST, &path, Some(body));

    let sent = reparse(&Lookup::new(ids.clone(), &details).unwrap(), &place);
    let hashes = sent.body.as_ref().unwrap()["addresses"].clone();
    let hashed = hashes.as_array().unwrap();
    let is_digit = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    let is_hash = |hash: &Value| {
        hash.as_str().is_some_and(|hash| hash.len() == 43 && hash.chars().all(is_digit))
    };
    assert!(hashed.len() == ids.len() && hashed.iter().all(is_hash), "{hashed:?}");
    assert_eq!(hashed[0] == hashed[1], plain[0] == plain[1]);
    let body =
        json!({ "addresses": hashes, "algorithm": "sha256", "pepper": details.lookup_pepper });
    sent.assert(Method::POST, &path, Some(body));
    Ok(())
}

fn bound(u: &mut Unstructured<'_>, hostile: bool) -> Result<()> {
    let place = Node::place(u, hostile)?;
    let (id, user): (ThirdPartyId, UserId) = (draw(u, hostile)?, draw(u, hostile)?);
    let invites: Vec<SignedPendingInvite> = vec![draw(u, hostile)?, draw(u, hostile)?];
    let body =
        json!({ "address": id.address(), "medium": id.medium(), "mxid": user, "invites": invites });
    let path = ["federation", "v1", "3pid", "onbind"];
    reparse(&OnBind::new(id, user, invites), &place).assert(Method::PUT, &path, Some(body));
    Ok(())
}

fn register(u: &mut Unstructured<'_>, hostile: bool) -> Result<()> {
    let place = IdentityServer::place(u, hostile)?;
    let token: OpenIdToken = draw(u, hostile)?;
    let body = serde_json::from_str(token.expose()).unwrap();
    let path = ["identity", "v2", "account", "register"];
    reparse(&Register::new(token), &place).assert(Method::POST, &path, Some(body));
    Ok(())
}

fn invitations(u: &mut Unstructured<'_>, hostile: bool) -> Result<()> {
    let place = IdentitySession::place(u, hostile)?;
    let (id, room): (ThirdPartyId, RoomId) = (draw(u, hostile)?, draw(u, hostile)?);
    let user: UserId = draw(u, hostile)?;
    let body =
        json!({ "address": id.address(), "medium": id.medium(), "room_id": room, "sender": user });
    let path = ["identity", "v2", "store-invite"];
    reparse(&StoreInvite::new(id, room, user.clone()), &place).assert(
        Method::POST,
        &path,
        Some(body),
    );

    let (token, key): (InviteToken, InvitePrivateKey) = (draw(u, hostile)?, draw(u, hostile)?);
    let other = if key.expose().starts_with('B') { "C" } else { "B" };
    let other = InvitePrivateKey::new(other.to_owned() + &"A".repeat(42)).unwrap();
    let call = |key| SignInvite::new(user.clone(), token.clone(), key);
    assert_hides(&call(key), &call(other), &place);
    Ok(())
}

fn request_tokens(u: &mut Unstructured<'_>, hostile: bool) -> Result<()> {
    let place = IdentitySession::place(u, hostile)?;
    let (secret, attempt): (ClientSecret, u64) = (draw(u, hostile)?, u.arbitrary()?);
    let [to, country, link] = texts(u)?;
    let mut body = json!({
        "client_secret": secret.expose(), "email": to, "next_link": link, "send_attempt": attempt,
    });
    let path = ["identity", "v2", "validate", "email", "requestToken"];
    let call = |secret| RequestEmailToken::new(secret, &*to, attempt).with_next_link(&*link);
    reparse(&call(secret.clone()), &place).assert(Method::POST, &path, Some(body.clone()));
    assert_hides(&call(secret.clone()), &call(other_secret()), &place);

    body.as_object_mut().unwrap().remove("email");
    body["country"] = json!(country);
    body["phone_number"] = json!(to);
    let path = ["identity", "v2", "validate", "msisdn", "requestToken"];
    let call =
        |secret| RequestMsisdnToken::new(secret, &*country, &*to, attempt).with_next_link(&*link);
    reparse(&call(secret.clone()), &place).assert(Method::POST, &path, Some(body));
    assert_hides(&call(secret), &call(other_secret()), &place);
    Ok(())
}

fn validations(u: &mut Unstructured<'_>, hostile: bool) -> Result<()> {
    let place = IdentitySession::place(u, hostile)?;
    let (secret, sid): (ClientSecret, ValidationSessionId) = (draw(u, hostile)?, draw(u, hostile)?);
    let (token, user): (ValidationToken, UserId) = (draw(u, hostile)?, draw(u, hostile)?);
    let id: ThirdPartyId = draw(u, hostile)?;

    let body = json!({ "client_secret": secret.expose(), "sid": sid, "token": token.expose() });
    let path = |medium| ["identity", "v2", "validate", medium, "submitToken"];
    let email = |secret| SubmitEmailToken::new(secret, sid.clone(), token.clone());
    let sent = reparse(&email(secret.clone()), &place);
    sent.assert(Method::POST, &path("email"), Some(body.clone()));
    assert_hides(&email(secret.clone()), &email(other_secret()), &place);
    let msisdn = |secret| SubmitMsisdnToken::new(secret, sid.clone(), token.clone());
    let sent = reparse(&msisdn(secret.clone()), &place);
    sent.assert(Method::POST, &path("msisdn"), Some(body));
    assert_hides(&msisdn(secret.clone()), &msisdn(other_secret()), &place);

    let validated = |secret| GetValidated3pid::new(secret, sid.clone());
    let sent = reparse(&validated(secret.clone()), &place);
    let pairs = [("client_secret", secret.expose()), ("sid", sid.as_str())];
    assert_eq!(sent.query, pairs.map(|(key, value)| (key.to_owned(), value.to_owned())));
    sent.assert(Method::GET, &["identity", "v2", "3pid", "getValidated3pid"], None);
    assert_hides(&validated(secret.clone()), &validated(other_secret()), &place);

    let bind = |secret| Bind::new(secret, sid.clone(), user.clone());
    assert_hides(&bind(secret.clone()), &bind(other_secret()), &place);
    let body = json!({
        "client_secret": secret.expose(), "mxid": user, "sid": sid,
        "threepid": { "address": id.address(), "medium": id.medium() },
    });
    let unbind = |secret| Unbind::new(user.clone(), id.clone(), secret, sid.clone());
    let sent = reparse(&unbind(secret.clone()), &place);
    sent.assert(Method::POST, &["identity", "v2", "3pid", "unbind"], Some(body));
    assert_hides(&unbind(secret), &unbind(other_secret()), &place);
    Ok(())
}
