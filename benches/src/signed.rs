//! Canonical JSON and signatures, with sdn-proto, ruma-signatures and the curve alone.

use std::collections::BTreeMap;
use std::hint::black_box;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use ed25519_dalek::{Signature, VerifyingKey};
use http::Response;
use ruma_common::canonical_json::{CanonicalJsonObject, try_from_json_map};
use ruma_common::serde::Base64;
use sdn_proto::client::{GetInvites, PendingInvite};
use sdn_proto::id::InviteToken;
use sdn_proto::secret::InvitePrivateKey;
use sdn_proto::signed::{SignedInvite, canonical_json};
use sdn_proto::{Call as _, ServerName, UserId};
use serde_json::{Value, json};

use crate::Measure;

const SERVER: &str = "id.example";
const INVITEE: &str = "@dave:node.example";
const INVITER: &str = "@alice:node.example";
const TOKEN: &str = "tok";
const PRIVATE_KEY: &str = "Dw9c7m9I2epmukp8VXMtQz9k7C23UzTTxI9kT8EtZ4E";
const PUBLIC_KEY: &str = "8pgak8t7Ryft5xAuIlcHhereoJ7upIr5ku9i6nawnnM";
const VALID: &str = "the input is valid";

/// Returns an object of about so many bytes, similar to those that servers sign.
fn object(bytes: usize) -> Value {
    let member = |number: usize| {
        let content = json!({
            "depth": number,
            "display_name": "Zoë \"Z\" ẞ",
            "key_validity_url": "https://id.example/_api/identity/v2/pubkey/isvalid",
            "public": true,
        });
        (format!("member {number}"), content)
    };
    let one = member(0).1.to_string().len() + 16;
    Value::Object((0..bytes.div_ceil(one)).map(member).collect())
}

pub fn canonical(bytes: usize, measure: Measure<'_>) {
    let value = object(bytes);
    let mut json = None;
    measure(&mut || json = Some(canonical_json(black_box(&value))));
    assert_eq!(json.expect("the work has run").expect(VALID), value.to_string().as_bytes());
}

/// Ruma writes its own type of value, so the value is converted before.
pub fn canonical_ruma(bytes: usize, measure: Measure<'_>) {
    let value = object(bytes);
    let theirs = ruma_object(&value);
    let mut json = None;
    measure(&mut || json = ruma_signatures::to_canonical_json_string_for_signing(&theirs).ok());
    assert_eq!(json.expect(VALID), value.to_string());
}

fn ruma_object(value: &Value) -> CanonicalJsonObject {
    try_from_json_map(value.as_object().expect(VALID).clone()).expect(VALID)
}

fn signed() -> SignedInvite {
    SignedInvite::sign(
        UserId::new(INVITEE).expect(VALID),
        Some(UserId::new(INVITER).expect(VALID)),
        InviteToken::new(TOKEN).expect(VALID),
        &ServerName::new(SERVER).expect(VALID),
        &InvitePrivateKey::new(PRIVATE_KEY).expect(VALID),
    )
}

fn pending() -> PendingInvite {
    let event = json!({
        "type": "m.room.third_party_invite",
        "state_key": TOKEN,
        "sender": INVITER,
        "content": {
            "display_name": "dav...@exa...",
            "key_validity_url": "https://id.example/_api/identity/v2/pubkey/isvalid",
            "public_key": PUBLIC_KEY,
        },
    });
    let state = Response::new(json!([event]).to_string());
    GetInvites::parse_response(&state).expect(VALID).pending.remove(0)
}

pub fn verify(measure: Measure<'_>) {
    let (signed, pending, invitee) = (signed(), pending(), UserId::new(INVITEE).expect(VALID));
    let mut verdict = None;
    measure(&mut || verdict = Some(black_box(&signed).verify(&pending, &invitee)));
    assert_eq!(verdict, Some(Ok(())));
}

/// Checks the signature strictly. Key, message and signature are bytes already.
pub fn verify_dalek(measure: Measure<'_>) {
    let mut object = signed().object().clone();
    let signature = object["signatures"][SERVER]["ed25519:0"].as_str().expect(VALID).to_owned();
    object.remove("signatures");
    let message = Value::Object(object).to_string();
    let bytes = |text| STANDARD_NO_PAD.decode(text).expect(VALID);
    let signature: [u8; 64] = bytes(&*signature).try_into().expect(VALID);
    let key: [u8; 32] = bytes(PUBLIC_KEY).try_into().expect(VALID);
    let mut verdict = None;
    measure(&mut || {
        let key = VerifyingKey::from_bytes(black_box(&key)).expect(VALID);
        verdict = Some(key.verify_strict(message.as_bytes(), &Signature::from_bytes(&signature)));
    });
    assert!(verdict.is_some_and(|verdict| verdict.is_ok()));
}

/// Checks the signature only, because ruma does not compare the proof with the invitation.
pub fn verify_ruma(measure: Measure<'_>) {
    let object = ruma_object(&Value::Object(signed().object().clone()));
    let keys = BTreeMap::from([("ed25519:0".to_owned(), Base64::parse(PUBLIC_KEY).expect(VALID))]);
    let keys = BTreeMap::from([(SERVER.to_owned(), keys)]);
    let mut verdict = None;
    measure(&mut || verdict = Some(ruma_signatures::verify_json(&keys, black_box(&object))));
    assert!(verdict.is_some_and(|verdict| verdict.is_ok()));
}
