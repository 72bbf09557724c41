//! Compares how we and ruma sign and verify.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use arbitrary::{Result, Unstructured};
use ruma_common::canonical_json::{CanonicalJsonObject, try_from_json_map};
use ruma_common::serde::Base64;
use ruma_signatures::{Ed25519KeyPair, to_canonical_json_string_for_signing};
use sdn_proto::client::GetInvites;
use sdn_proto::generate::{Hostile, HostileText};
use sdn_proto::http::Response;
use sdn_proto::id::{InviteToken, KeyId};
use sdn_proto::secret::InvitePrivateKey;
use sdn_proto::signed::{Association, InvalidProof, SignedInvite, sign_json, verify_json};
use sdn_proto::{Call as _, PublicKey, ServerName, ThirdPartyId, UserId};
use serde_json::{Map, Value, json};

const SERVER: &str = "id.example";
const KEY_ID: &str = "ed25519:0";

/// Signed objects with public keys. Only a lenient verifier accepts most of them.
const WEAK: &str = include_str!("../../crates/sdn-proto/tests/data/weak_signatures.json");

/// The order of the group that Ed25519 signs in, little-endian.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

type Object = Map<String, Value>;

/// Makes a key, an object and alterations from `data`. Data that end early skip the last checks.
pub(crate) fn check(data: &[u8]) {
    let _ = draw(&mut Unstructured::new(data));
}

fn draw(u: &mut Unstructured<'_>) -> Result<()> {
    let object = members(u, 3)?;
    let seed: [u8; 32] = u.arbitrary()?;
    let (signed, public) = sign(&object, &seed);
    assert!(is_accepted(&signed, &public), "a valid signature is refused");

    let mut altered = signed.clone();
    alter(u, &mut altered)?;
    assert_eq!(is_accepted(&altered, &public), message(&altered) == message(&signed));

    let text = signature(&signed);
    let url_safe = text.replace('+', "-").replace('/', "_");
    let forms = [format!("{text}=="), format!("{url_safe}=="), url_safe];
    let form = u.choose(&forms)?;
    assert!(is_accepted(&with_signature(&signed, form), &public), "{form} is refused");
    let forged = forge(u, text)?;
    if is_accepted(&with_signature(&signed, &forged), &public) {
        let standard = forged.replace('-', "+").replace('_', "/");
        assert_eq!(standard.trim_end_matches('='), text, "a forgery is accepted");
    }

    let case = u.choose(weak_cases())?;
    let weak_key = key_bytes(&case["public_key"]);
    let is_valid = case["expect"] == "valid";
    assert_eq!(is_accepted(case["signed"].as_object().unwrap(), &weak_key), is_valid);
    let forgery = signature(case["signed"].as_object().unwrap());
    assert!(!is_accepted(&with_signature(&signed, forgery), &weak_key));

    let mut other_key = public;
    other_key[u.int_in_range(0..=31)?] ^= u.int_in_range(1..=255)?;
    assert!(!is_accepted(&signed, &other_key), "a signature of another key is accepted");
    proof(u, &seed, &public)?;
    association(u, &seed, &public)
}

/// The proof of an invitation is accepted unaltered only.
fn proof(u: &mut Unstructured<'_>, seed: &[u8; 32], public: &[u8; 32]) -> Result<()> {
    let (Hostile(mxid), Hostile(sender), Hostile(token)): (
        Hostile<UserId>,
        Hostile<UserId>,
        Hostile<InviteToken>,
    ) = u.arbitrary()?;
    let (server, key) =
        (ServerName::new(SERVER).unwrap(), InvitePrivateKey::new(base64(seed)).unwrap());
    let named = u.arbitrary::<bool>()?.then(|| sender.clone());
    let signed = SignedInvite::sign(mxid.clone(), named, token.clone(), &server, &key);
    let event = json!([{
        "type": "m.room.third_party_invite",
        "state_key": token,
        "sender": sender,
        "content": {
            "display_name": "d",
            "key_validity_url": "https://id.example/",
            "public_key": base64(public),
        },
    }]);
    let state = Response::new(event.to_string());
    let pending = GetInvites::parse_response(&state).unwrap().pending.remove(0);
    assert_eq!(signed.verify(&pending, &mxid), Ok(()));

    let mut altered = signed.object().clone();
    alter(u, &mut altered)?;
    let is_same = message(&altered) == message(signed.object());
    if let Ok(altered) = serde_json::from_value::<SignedInvite>(altered.into()) {
        assert_eq!(altered.verify(&pending, &mxid).is_ok(), is_same, "{altered:?}");
    }
    let other = UserId::new("@other:node.example").unwrap();
    assert!(other == mxid || signed.verify(&pending, &other) == Err(InvalidProof::OtherUser));
    Ok(())
}

/// An association of an identity server is accepted unaltered only.
fn association(u: &mut Unstructured<'_>, seed: &[u8; 32], public: &[u8; 32]) -> Result<()> {
    let (Hostile(mxid), Hostile(id)): (Hostile<UserId>, Hostile<ThirdPartyId>) = u.arbitrary()?;
    let object = json!({ "address": id.address(), "medium": id.medium(), "mxid": mxid, "ts": 1 });
    let (signed, _) = sign(object.as_object().unwrap(), seed);
    let (key, key_id) = (PublicKey::new(base64(public)).unwrap(), KeyId::new(KEY_ID).unwrap());
    let check = |object: Object| {
        let association: Association = serde_json::from_value(object.into()).ok()?;
        Some(association.verify(SERVER, &key_id, &key).is_ok())
    };
    assert_eq!(check(signed.clone()), Some(true));
    let mut altered = signed.clone();
    alter(u, &mut altered)?;
    let is_same = message(&altered) == message(&signed);
    assert!(check(altered).is_none_or(|is_accepted| is_accepted == is_same));
    Ok(())
}

/// Signs as we do and as ruma does, which must agree. Returns the public key too.
fn sign(object: &Object, seed: &[u8; 32]) -> (Object, [u8; 32]) {
    // PKCS #8 around an Ed25519 seed.
    let mut document = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20".to_vec();
    document.extend_from_slice(seed);
    let pair = Ed25519KeyPair::from_der(&document, "0".to_owned()).unwrap();
    let mut theirs = canonical(object);
    ruma_signatures::sign_json(SERVER, &pair, &mut theirs).unwrap();

    let key = InvitePrivateKey::new(base64(seed)).unwrap();
    let (server, key_id) = (ServerName::new(SERVER).unwrap(), KeyId::new(KEY_ID).unwrap());
    let mut ours = object.clone();
    sign_json(&mut ours, &server, &key_id, &key).unwrap();
    assert_eq!(canonical(&ours), theirs);
    (ours, pair.public_key())
}

/// Whether we accept the signature for this key. Ruma must accept what we accept. If ruma alone accepts it, there must be
/// a reason.
fn is_accepted(signed: &Object, public: &[u8; 32]) -> bool {
    let key = PublicKey::new(base64(public)).unwrap();
    let ours = verify_json(signed, SERVER, &KeyId::new(KEY_ID).unwrap(), &key);
    let theirs = ruma_accepts(signed, public);
    match ours {
        Ok(()) => assert!(theirs, "ruma refuses {signed:?} for {public:?}"),
        Err(_) if theirs => assert!(is_reason(signature(signed), public), "{ours:?}: {signed:?}"),
        Err(_) => {}
    }
    ours.is_ok()
}

fn ruma_accepts(signed: &Object, public: &[u8; 32]) -> bool {
    let text = signature(signed);
    // Ruma reads only the standard alphabet.
    let standard = match text.contains(['+', '/']) {
        true => text.to_owned(),
        false => text.replace('-', "+").replace('_', "/"),
    };
    let keys = BTreeMap::from([(KEY_ID.to_owned(), Base64::new(public.to_vec()))]);
    let keys = BTreeMap::from([(SERVER.to_owned(), keys)]);
    ruma_signatures::verify_json(&keys, &canonical(&with_signature(signed, &standard))).is_ok()
}

/// We are stricter about keys of small order, about an R of small order, and about bits beyond a signature's last byte.
fn is_reason(text: &str, public: &[u8; 32]) -> bool {
    let weak: Vec<_> = weak_cases()
        .iter()
        .filter(|case| case["expect"] == "weak key")
        .map(|case| key_bytes(&case["public_key"]))
        .collect();
    let standard = text.replace('-', "+").replace('_', "/");
    let bytes = decode(&standard);
    weak.contains(public)
        || weak.iter().any(|point| bytes.starts_with(point))
        || base64(&bytes) != standard.trim_end_matches('=')
}

fn members(u: &mut Unstructured<'_>, depth: u32) -> Result<Object> {
    let mut members = Map::new();
    for _ in 0..u.int_in_range(0..=4)? {
        let key =
            if u.ratio(1, 8)? { "unsigned".to_owned() } else { u.arbitrary::<HostileText>()?.0 };
        if key != "signatures" {
            members.insert(key, value(u, depth)?);
        }
    }
    Ok(members)
}

fn value(u: &mut Unstructured<'_>, depth: u32) -> Result<Value> {
    const MAX: i64 = (1 << 53) - 1;
    Ok(match u.int_in_range(0..=5)? {
        0 => Value::Null,
        1 => u.arbitrary::<bool>()?.into(),
        2 => u.int_in_range(-MAX..=MAX)?.into(),
        4 if depth > 0 => json!([value(u, depth - 1)?, value(u, depth - 1)?]),
        5 if depth > 0 => members(u, depth - 1)?.into(),
        _ => u.arbitrary::<HostileText>()?.0.into(),
    })
}

/// Adds, replaces or removes a member.
fn alter(u: &mut Unstructured<'_>, object: &mut Object) -> Result<()> {
    let keys: Vec<_> = object.keys().filter(|key| *key != "signatures").cloned().collect();
    if keys.is_empty() || u.arbitrary()? {
        object.extend(members(u, 1)?);
    } else {
        let key = u.choose(&keys)?.clone();
        if u.arbitrary()? {
            object.insert(key, value(u, 1)?);
        } else {
            object.remove(&key);
        }
    }
    Ok(())
}

/// Makes a text that is like a valid signature.
fn forge(u: &mut Unstructured<'_>, text: &str) -> Result<String> {
    let mut bytes: [u8; 64] = decode(text).try_into().unwrap();
    match u.int_in_range(0..=5)? {
        0 => bytes[u.int_in_range(0..=63)?] ^= u.int_in_range(1..=255)?,
        1 => {
            // The second half plus the order means the same number.
            let mut carry = 0;
            for (byte, order) in bytes[32..].iter_mut().zip(ORDER) {
                let sum = u16::from(*byte) + u16::from(order) + carry;
                (*byte, carry) = (sum.to_le_bytes()[0], sum >> 8);
            }
        }
        2 => bytes = u.arbitrary()?,
        3 => {
            let at = u.int_in_range(0..=text.len() - 1)?;
            let new = char::from(u.int_in_range(b' '..=b'~')?);
            return Ok(format!("{}{new}{}", &text[..at], &text[at + 1..]));
        }
        4 => {
            // The last character's last bits are beyond the last byte.
            let last =
                char::from(*u.choose(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")?);
            return Ok(format!("{}{last}", &text[..text.len() - 1]));
        }
        _ => {
            let end = u.int_in_range(0..=text.len())?;
            return Ok(format!("{}{}", &text[..end], u.arbitrary::<HostileText>()?.0));
        }
    }
    Ok(base64(&bytes))
}

fn weak_cases() -> &'static [Value] {
    static CASES: LazyLock<Vec<Value>> = LazyLock::new(|| serde_json::from_str(WEAK).unwrap());
    &CASES
}

fn key_bytes(text: &Value) -> [u8; 32] {
    decode(text.as_str().unwrap()).try_into().unwrap()
}

/// The text that is signed, by ruma.
fn message(object: &Object) -> String {
    to_canonical_json_string_for_signing(&canonical(object)).unwrap()
}

fn canonical(object: &Object) -> CanonicalJsonObject {
    try_from_json_map(object.clone()).unwrap()
}

fn signature(signed: &Object) -> &str {
    signed["signatures"][SERVER][KEY_ID].as_str().unwrap()
}

fn with_signature(signed: &Object, text: &str) -> Object {
    let mut signed = signed.clone();
    signed.insert("signatures".to_owned(), json!({ SERVER: { KEY_ID: text } }));
    signed
}

fn base64(bytes: &[u8]) -> String {
    Base64::<ruma_common::serde::base64::Standard, _>::new(bytes).encode()
}

/// Decodes a text in the standard alphabet. The result is empty if it is not Base64.
fn decode(text: &str) -> Vec<u8> {
    Base64::<ruma_common::serde::base64::Standard>::parse(text)
        .map(Base64::into_inner)
        .unwrap_or_default()
}
