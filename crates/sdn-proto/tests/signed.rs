//! Canonical JSON, signatures and proofs: the specification's vectors, what real servers signed, and what is refused.
#![cfg(feature = "verify")]

use std::fs;

use sdn_proto::client::{GetInvites, PendingInvite};
use sdn_proto::http::Response;
use sdn_proto::id::{InviteToken, KeyId, ServerName, UserId};
use sdn_proto::identity::Bind;
use sdn_proto::secret::InvitePrivateKey;
use sdn_proto::signed::{
    Association, InvalidProof, NotCanonical, SignedInvite, canonical_json, sign_json, verify_json,
};
use sdn_proto::{Call, PublicKey};
use serde_json::{Map, Value, json};

const SEED: &str = "YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1";

fn key_id() -> KeyId {
    KeyId::new("ed25519:0").unwrap()
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        other => panic!("{other}"),
    }
}

fn user(text: &str) -> UserId {
    UserId::new(text).unwrap()
}

/// What a real server answered, by the name of the recording.
fn recorded(case: &str) -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/recorded.jsonl");
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let line = lines.into_iter().find(|line| line["case"] == case).expect(case);
    serde_json::from_str(line["body"].as_str().unwrap()).unwrap()
}

/// The first two columns of the specification's table of examples.
#[test]
fn canonical_json_of_the_specifications_examples() {
    for (text, canonical) in [
        ("{}", "{}"),
        (r#"{ "one": 1, "two": "Two" }"#, r#"{"one":1,"two":"Two"}"#),
        (r#"{ "b": "2", "a": "1" }"#, r#"{"a":"1","b":"2"}"#),
        (r#"{"b":"2","a":"1"}"#, r#"{"a":"1","b":"2"}"#),
        (
            r#"{"auth": {"success": true, "mxid": "@john.doe:example.com", "profile": {"display_name": "John Doe",
                "three_pids": [{"medium": "email", "address": "john.doe@example.org"},
                    {"medium": "msisdn", "address": "123456789"}]}}}"#,
            r#"{"auth":{"mxid":"@john.doe:example.com","profile":{"display_name":"John Doe","three_pids":[{"address":"john.doe@example.org","medium":"email"},{"address":"123456789","medium":"msisdn"}]},"success":true}}"#,
        ),
        (r#"{ "a": "日本語" }"#, r#"{"a":"日本語"}"#),
        (r#"{ "本": 2, "日": 1 }"#, r#"{"日":1,"本":2}"#),
        (r#"{ "a": "\u65E5" }"#, r#"{"a":"日"}"#),
        (r#"{ "a": null }"#, r#"{"a":null}"#),
        (r#"{ "a": -0, "b": 1e10 }"#, r#"{"a":0,"b":10000000000}"#),
    ] {
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(String::from_utf8(canonical_json(&value).unwrap()).unwrap(), canonical);
    }
}

#[test]
fn keys_are_sorted_by_code_point_and_only_what_must_be_is_escaped() {
    // In UTF-16, as JavaScript sorts, the last two would change places.
    let value = json!({ "\u{1F600}": 4, "\u{FF61}": 3, "é": 2, "e": 1, "": 0 });
    let canonical = "{\"\":0,\"e\":1,\"é\":2,\"\u{FF61}\":3,\"\u{1F600}\":4}";
    assert_eq!(canonical_json(&value).unwrap(), canonical.as_bytes());
    let value = json!("\u{0}\u{8}\t\n\u{b}\u{c}\r\u{1f}\"\\/\u{7f}\u{2028}");
    let canonical = "\"\\u0000\\b\\t\\n\\u000b\\f\\r\\u001f\\\"\\\\/\u{7f}\u{2028}\"";
    assert_eq!(canonical_json(&value).unwrap(), canonical.as_bytes());
}

#[test]
fn canonical_json_refuses_what_it_cannot_represent() {
    let of = |text: &str| canonical_json(&serde_json::from_str(text).unwrap());
    for text in ["9007199254740991", "-9007199254740991"] {
        assert_eq!(of(text).unwrap(), text.as_bytes());
    }
    for text in ["9007199254740992", "-9007199254740992", "18446744073709551615", "1e16", "-1e300"]
    {
        assert_eq!(of(text), Err(NotCanonical::IntegerTooGreat), "{text}");
        let within = of(&format!(r#"{{"a":[{{"b":{text}}}]}}"#));
        assert_eq!(within, Err(NotCanonical::IntegerTooGreat), "{text}");
    }
    for text in ["1.5", "-0.1", "1e-3", "1048576.5"] {
        assert_eq!(of(text), Err(NotCanonical::Float), "{text}");
    }
    let nested = |depth: usize| {
        (0..depth).fold(json!(1), |value, level| {
            if level % 2 == 0 { json!([value]) } else { json!({ "a": value }) }
        })
    };
    assert!(canonical_json(&nested(128)).is_ok());
    assert_eq!(canonical_json(&nested(129)), Err(NotCanonical::TooDeep));
    assert_eq!(canonical_json(&nested(1000)), Err(NotCanonical::TooDeep));
}

#[test]
fn signatures_of_the_specifications_examples() {
    let key = InvitePrivateKey::new(SEED).unwrap();
    let public = PublicKey::new("XGX0JRS2Af3be3knz2fBiRbApjm2Dh61gXDJA8kcJNI").unwrap();
    let (server, key_id) = (ServerName::new("domain").unwrap(), KeyId::new("ed25519:1").unwrap());
    for (value, signature) in [
        (
            json!({}),
            "K8280/U9SSy9IVtjBuVeLr+HpOB4BQFWbg+UZaADMtTdGYI7Geitb76LTrr5QV/7Xg4ahLwYGYZzuHGZKM5ZAQ",
        ),
        (
            json!({ "one": 1, "two": "Two" }),
            "KqmLSbO39/Bzb0QIYE82zqLwsA+PDzYIpIRA2sRQ4sL53+sN6/fpNSoqE7BP7vBZhG6kYdD13EIMJpvhJI+6Bw",
        ),
    ] {
        let mut object = object(value);
        // Neither is signed.
        object.insert("unsigned".to_owned(), json!({ "age": 1.5 }));
        object.insert("signatures".to_owned(), json!({ "other": { "ed25519:9": "c2ln" } }));
        sign_json(&mut object, &server, &key_id, &key).unwrap();
        assert_eq!(object["signatures"]["domain"]["ed25519:1"], signature);
        assert_eq!(object["signatures"]["other"]["ed25519:9"], "c2ln", "another's stays");
        assert_eq!(verify_json(&object, "domain", &key_id, &public), Ok(()));
        assert_eq!(
            verify_json(&object, "other", &key_id, &public),
            Err(InvalidProof::NotSigned),
            "the key's name is another"
        );
    }
}

#[test]
fn what_cannot_be_signed_is_left_alone() {
    let key = InvitePrivateKey::new(SEED).unwrap();
    let server = ServerName::new("domain").unwrap();
    let mut float = object(json!({ "a": 1.5 }));
    let before = float.clone();
    assert_eq!(sign_json(&mut float, &server, &key_id(), &key), Err(NotCanonical::Float));
    assert_eq!(float, before);
    let mut odd = object(json!({ "signatures": [1] }));
    sign_json(&mut odd, &server, &key_id(), &key).unwrap();
    assert!(odd["signatures"]["domain"]["ed25519:0"].is_string(), "nonsense is replaced");
}

/// An invitation that waits, its acceptance by the mail's key, and by the identity server, as real servers made them.
fn real() -> (PendingInvite, SignedInvite) {
    let bound = recorded("is 3pid/bind ok (with pending invites)");
    let invite = &bound["invites"][0];
    let event = json!([{
        "type": "m.room.third_party_invite",
        "state_key": invite["token"],
        "sender": invite["sender"],
        "content": recorded("state m.room.third_party_invite ok"),
    }]);
    let state = GetInvites::parse_response(&Response::new(event.to_string())).unwrap();
    let [pending] = state.pending.try_into().unwrap();
    (pending, serde_json::from_value(invite["signed"].clone()).unwrap())
}

#[test]
fn what_real_servers_signed_is_believed() {
    let (pending, signed) = real();
    let carol = signed.mxid().clone();
    assert_eq!(signed.verify(&pending, &carol), Ok(()));

    let member = recorded("state m.room.member with third_party_invite ok");
    let proof = &member["third_party_invite"]["signed"];
    let proof: SignedInvite = serde_json::from_value(proof.clone()).unwrap();
    assert_eq!(proof.verify(&pending, &carol), Ok(()));

    let key = recorded("is pubkey/{keyId} ok")["public_key"].as_str().unwrap().to_owned();
    let key = PublicKey::new(key).unwrap();
    for case in ["is 3pid/bind ok (with pending invites)", "is 3pid/bind ok (no pending invites)"] {
        let body = Response::new(recorded(case).to_string());
        let association: Association = Bind::parse_response(&body).unwrap();
        assert_eq!(association.verify("localhost:18091", &key_id(), &key), Ok(()), "{case}");
        let other = PublicKey::new("XGX0JRS2Af3be3knz2fBiRbApjm2Dh61gXDJA8kcJNI").unwrap();
        let wrong = association.verify("localhost:18091", &key_id(), &other);
        assert_eq!(wrong, Err(InvalidProof::WrongSignature));
    }
}

#[test]
fn an_acceptance_that_we_sign_is_the_one_a_real_server_signs() {
    let answer = recorded("is sign-ed25519 ok");
    let text = |name: &str| answer[name].as_str().unwrap();
    // The key that the recording's request handed over.
    let key = InvitePrivateKey::new("Dw9c7m9I2epmukp8VXMtQz9k7C23UzTTxI9kT8EtZ4E").unwrap();
    let ours = SignedInvite::sign(
        user(text("mxid")),
        Some(user(text("sender"))),
        InviteToken::new(text("token")).unwrap(),
        &ServerName::new("localhost:18091").unwrap(),
        &key,
    );
    assert_eq!(serde_json::to_value(&ours).unwrap(), answer);
}

/// The same proof with one member replaced, if it is still one.
fn altered(signed: &SignedInvite, name: &str, value: Value) -> SignedInvite {
    let mut object = signed.object().clone();
    object.insert(name.to_owned(), value);
    serde_json::from_value(object.into()).unwrap()
}

fn signatures(text: &str) -> Value {
    json!({ "localhost:18091": { "ed25519:0": text } })
}

fn signature_of(signed: &SignedInvite) -> String {
    signed.object()["signatures"]["localhost:18091"]["ed25519:0"].as_str().unwrap().to_owned()
}

#[test]
fn every_alteration_of_a_proof_is_refused() {
    let (pending, signed) = real();
    let carol = signed.mxid().clone();
    let check = |signed: &SignedInvite| signed.verify(&pending, &carol);
    let mallory = user("@mallory:localhost:18048");

    assert_eq!(check(&altered(&signed, "token", "other".into())), Err(InvalidProof::OtherToken));
    assert_eq!(
        check(&altered(&signed, "mxid", mallory.as_str().into())),
        Err(InvalidProof::OtherUser)
    );
    assert_eq!(
        altered(&signed, "mxid", mallory.as_str().into()).verify(&pending, &mallory),
        Err(InvalidProof::WrongSignature)
    );
    assert_eq!(
        check(&altered(&signed, "sender", mallory.as_str().into())),
        Err(InvalidProof::OtherSender)
    );
    // A member that was not there when it was signed, even a true one.
    let sender = pending.sender.as_str();
    for (name, value) in [("sender", json!(sender)), ("x", json!(null)), ("", json!({}))] {
        assert_eq!(check(&altered(&signed, name, value)), Err(InvalidProof::WrongSignature));
    }
    let float = check(&altered(&signed, "x", json!(1.5)));
    assert_eq!(float, Err(InvalidProof::NotCanonical(NotCanonical::Float)));
    // What is not signed may be there.
    assert_eq!(check(&altered(&signed, "unsigned", json!({ "age": 1.5 }))), Ok(()));

    for none in [json!({}), json!([]), json!(null), json!({ "s": {} }), json!({ "s": "x" })] {
        assert_eq!(check(&altered(&signed, "signatures", none)), Err(InvalidProof::NotSigned));
    }
    let text = signature_of(&signed);
    let other_algorithm = json!({ "localhost:18091": { "curve25519:0": text } });
    assert_eq!(
        check(&altered(&signed, "signatures", other_algorithm)),
        Err(InvalidProof::NotSigned)
    );
    // Whoever it is said to be by, a key of the invitation has made it.
    let renamed = json!({ "elsewhere": { "ed25519:any": text } });
    assert_eq!(check(&altered(&signed, "signatures", renamed)), Ok(()));
}

#[test]
fn every_changed_digit_of_a_signature_is_refused() {
    let (pending, signed) = real();
    let text = signature_of(&signed);
    for index in 0..text.len() {
        let changed = if text.as_bytes()[index] == b'A' { "B" } else { "A" };
        let mut forged = text.clone();
        forged.replace_range(index..=index, changed);
        if index + 1 == text.len() && decoded(&forged) == decoded(&text) {
            continue;
        }
        let forged = altered(&signed, "signatures", signatures(&forged));
        let verdict = forged.verify(&pending, signed.mxid());
        assert_eq!(verdict, Err(InvalidProof::WrongSignature), "digit {index}");
    }
    for wrong in ["", "A", &text[..84], &format!("{text}AAAA"), "not base64!", &text.repeat(100)] {
        let forged = altered(&signed, "signatures", signatures(wrong));
        let verdict = forged.verify(&pending, signed.mxid());
        assert_eq!(verdict, Err(InvalidProof::WrongSignature), "{wrong}");
    }
}

#[test]
fn base64_of_both_alphabets_is_read_padded_or_not() {
    let (pending, signed) = real();
    let text = signature_of(&signed);
    let url_safe = text.replace('+', "-").replace('/', "_");
    assert!(text != url_safe, "the test needs a digit that differs");
    for form in [text.clone(), format!("{text}=="), url_safe.clone(), format!("{url_safe}==")] {
        let signed = altered(&signed, "signatures", signatures(&form));
        assert_eq!(signed.verify(&pending, signed.mxid()), Ok(()), "{form}");
    }
    let key = "mN6qmPE8hy5P5fkXx+fEblXFgj7CMVG8PQOEInHSWdU";
    let forms = [
        key.to_owned(),
        format!("{key}="),
        key.replace('+', "-"),
        format!("{}=", key.replace('+', "-")),
    ];
    for form in forms {
        assert_eq!(PublicKey::new(&form).unwrap(), PublicKey::new(key).unwrap(), "{form}");
    }
    for wrong in ["", "mN6q", "mN6qmPE8hy5P5fkXx+fEblXFgj7CMVG8PQOEInHSWdU==", &key.repeat(2)] {
        assert!(PublicKey::new(wrong).is_err(), "{wrong}");
    }
}

/// Base64 as this test itself reads and writes it.
fn decoded(text: &str) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits = text.bytes().map(|byte| DIGITS.iter().position(|digit| *digit == byte).unwrap());
    let bits: Vec<bool> =
        bits.flat_map(|digit| (0..6).rev().map(move |bit| digit >> bit & 1 == 1)).collect();
    let byte = |bits: &[bool]| bits.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
    bits.chunks_exact(8).map(byte).collect()
}

fn encoded(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: Vec<bool> =
        bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1)).collect();
    let digit = |bits: &[bool]| {
        (0..6).fold(0_usize, |digit, at| digit << 1 | usize::from(bits.get(at) == Some(&true)))
    };
    bits.chunks(6).map(|bits| char::from(DIGITS[digit(bits)])).collect()
}

/// The order of the group that Ed25519 signs in, little-endian.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

#[test]
fn a_signature_has_one_form_only() {
    let (pending, signed) = real();
    let mut bytes = decoded(&signature_of(&signed));
    // The second half plus the order means the same number.
    let mut carry = 0;
    for (byte, order) in bytes[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        (*byte, carry) = (sum.to_le_bytes()[0], sum >> 8);
    }
    assert_eq!(carry, 0, "it still has 32 bytes");
    let malleated = altered(&signed, "signatures", signatures(&encoded(&bytes)));
    let verdict = malleated.verify(&pending, signed.mxid());
    assert_eq!(verdict, Err(InvalidProof::WrongSignature));
}

/// Points whose order divides eight, some of them written in a form that is not the shortest.
const SMALL_ORDER: [&str; 9] = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

#[test]
fn keys_for_which_signatures_say_nothing_are_refused() {
    for hex in SMALL_ORDER {
        let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        let point: Vec<u8> = (0..64).step_by(2).map(byte).collect();
        let key = PublicKey::new(encoded(&point)).unwrap();
        // With such a key, R = the same point and S = 0 fit every eighth message or all of them.
        for message in 0..64 {
            let forged = encoded(&[point.clone(), vec![0; 32]].concat());
            let object =
                object(json!({ "n": message, "signatures": { "s": { "ed25519:0": forged } } }));
            let verdict = verify_json(&object, "s", &key_id(), &key);
            assert_eq!(verdict, Err(InvalidProof::WeakKey), "{hex}");
        }
    }
    let no_point = PublicKey::new(encoded(&[2; 32])).unwrap();
    let object = object(json!({ "signatures": { "s": { "ed25519:0": encoded(&[0; 64]) } } }));
    assert_eq!(verify_json(&object, "s", &key_id(), &no_point), Err(InvalidProof::WeakKey));
}

#[test]
fn one_good_signature_among_others_is_enough_but_not_among_too_many() {
    let (pending, signed) = real();
    let good = signature_of(&signed);
    let with = |bad: usize| {
        let mut keys: Map<String, Value> =
            (0..bad).map(|n| (format!("ed25519:{n:04}"), json!("c2ln"))).collect();
        keys.insert("ed25519:good".to_owned(), json!(good));
        altered(&signed, "signatures", json!({ "localhost:18091": keys }))
    };
    assert_eq!(with(10).verify(&pending, signed.mxid()), Ok(()));
    let verdict = with(100_000).verify(&pending, signed.mxid());
    assert_eq!(verdict, Err(InvalidProof::WrongSignature), "nobody tries them all");
}
