//! Signatures of JSON objects: the specification's vectors, their spellings, and forged ones.
#![cfg(feature = "verify")]

use std::fs;

use sdn_proto::id::KeyId;
use sdn_proto::secret::InvitePrivateKey;
use sdn_proto::signed::{InvalidProof, NotCanonical, sign_json, verify_json};
use sdn_proto::{PublicKey, ServerName};
use serde_json::{Map, Value, json};

/// The specification's signing key.
const SEED: &str = "YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1";
const PUBLIC_KEY: &str = "XGX0JRS2Af3be3knz2fBiRbApjm2Dh61gXDJA8kcJNI";

fn object(value: Value) -> Map<String, Value> {
    let Value::Object(object) = value else { panic!("{value} is not an object") };
    object
}

fn key_id(text: &str) -> KeyId {
    KeyId::new(text).unwrap()
}

fn public_key(text: &str) -> PublicKey {
    PublicKey::new(text).unwrap()
}

#[test]
fn specification_vectors_are_signed_and_verified() {
    let vectors = [
        (
            json!({}),
            "K8280/U9SSy9IVtjBuVeLr+HpOB4BQFWbg+UZaADMtTdGYI7Geitb76LTrr5QV/7Xg4ahLwYGYZzuHGZKM5ZAQ",
        ),
        (
            json!({"one": 1, "two": "Two"}),
            "KqmLSbO39/Bzb0QIYE82zqLwsA+PDzYIpIRA2sRQ4sL53+sN6/fpNSoqE7BP7vBZhG6kYdD13EIMJpvhJI+6Bw",
        ),
        // The specification's two events in their signed form: hashed, and redacted.
        (
            json!({
                "auth_events": [], "content": {}, "depth": 3,
                "hashes": {"sha256": "5jM4wQpv6lnBo7CLIghJuHdW+s2CMBJPUOGOC89ncos"},
                "origin": "domain", "origin_server_ts": 1_000_000, "prev_events": [], "room_id": "!x:domain",
                "sender": "@a:domain", "signatures": {}, "type": "X", "unsigned": {"age_ts": 1_000_000},
            }),
            "KxwGjPSDEtvnFgU00fwFz+l6d2pJM6XBIaMEn81SXPTRl16AqLAYqfIReFGZlHi5KLjAWbOoMszkwsQma+lYAg",
        ),
        (
            json!({
                "content": {}, "event_id": "$0:domain",
                "hashes": {"sha256": "onLKD1bGljeBWQhWZ1kaP9SorVmRQNdN5aM2JYU2n/g"},
                "origin": "domain", "origin_server_ts": 1_000_000, "type": "m.room.message", "room_id": "!r:domain",
                "sender": "@u:domain", "signatures": {}, "unsigned": {"age_ts": 1_000_000},
            }),
            "Wm+VzmOUOz08Ds+0NTWb1d4CZrVsJSikkeRxh6aCcUwu6pNC78FunoD7KNWzqFn241eYHYMGCA5McEiVPdhzBA",
        ),
    ];
    let (domain, id) = (ServerName::new("domain").unwrap(), key_id("ed25519:1"));
    let (key, public_key) = (InvitePrivateKey::new(SEED).unwrap(), public_key(PUBLIC_KEY));
    for (value, signature) in vectors {
        let mut signed = object(value);
        sign_json(&mut signed, &domain, &id, &key).unwrap();
        assert_eq!(signed["signatures"], json!({"domain": {"ed25519:1": signature}}));
        assert_eq!(verify_json(&signed, "domain", &id, &public_key), Ok(()));
    }
}

#[test]
fn signing_changes_only_signatures() {
    let others = json!({"domain": {"ed25519:0": "b3RoZXI"}, "other": {"ed25519:1": "b3RoZXI"}});
    let unsigned = json!({"age": 0.5});
    let mut signed =
        object(json!({"signatures": others, "unsigned": unsigned, "one": 1, "two": "Two"}));
    let (domain, id) = (ServerName::new("domain").unwrap(), key_id("ed25519:1"));
    sign_json(&mut signed, &domain, &id, &InvitePrivateKey::new(SEED).unwrap()).unwrap();
    assert_eq!(signed["unsigned"], unsigned);
    assert_eq!(signed["signatures"]["other"], others["other"]);
    assert_eq!(signed["signatures"]["domain"]["ed25519:0"], "b3RoZXI");
    let signature = signed["signatures"]["domain"]["ed25519:1"].as_str().unwrap();
    assert!(signature.starts_with("KqmLSbO39/"), "what is not signed has a part in {signature}");

    // Signing replaces any other value of `signatures`.
    for junk in [json!(null), json!("x"), json!({"domain": []})] {
        signed.insert("signatures".to_owned(), junk);
        sign_json(&mut signed, &domain, &id, &InvitePrivateKey::new(SEED).unwrap()).unwrap();
        assert_eq!(verify_json(&signed, "domain", &id, &public_key(PUBLIC_KEY)), Ok(()));
    }
    let mut float = object(json!({"one": 0.5}));
    let refusal = sign_json(&mut float, &domain, &id, &InvitePrivateKey::new(SEED).unwrap());
    assert_eq!(refusal, Err(NotCanonical::Float));
    assert_eq!(Value::from(float), json!({"one": 0.5}));
}

/// Returns an object with this text as its signature by the specification's key.
fn signed_with(text: &str) -> Map<String, Value> {
    object(json!({"one": 1, "two": "Two", "signatures": {"domain": {"ed25519:1": text}}}))
}

#[test]
fn both_alphabets_are_accepted() {
    let standard =
        "KqmLSbO39/Bzb0QIYE82zqLwsA+PDzYIpIRA2sRQ4sL53+sN6/fpNSoqE7BP7vBZhG6kYdD13EIMJpvhJI+6Bw";
    let url_safe = standard.replace('+', "-").replace('/', "_");
    let verify = |text: &str| {
        verify_json(&signed_with(text), "domain", &key_id("ed25519:1"), &public_key(PUBLIC_KEY))
    };
    for text in [standard, &url_safe] {
        assert_eq!(verify(text), Ok(()));
        assert_eq!(verify(&format!("{text}==")), Ok(()));
        let wrong = [
            format!("{text}==="),
            format!("={text}"),
            format!("{text}A"),
            format!("{text}AAAA"),
            format!(" {text}"),
            format!("{text}\n"),
            text[..85].to_owned(),
            text[..84].to_owned(),
            String::new(),
            // Mixed alphabets, and bits beyond the last byte.
            format!("{}-{}", &text[..30], &standard[31..]),
            format!("{}x", &text[..85]),
        ];
        for wrong in wrong {
            assert_eq!(verify(&wrong), Err(InvalidProof::WrongSignature), "{wrong:?}");
        }
    }
    let url_safe_key = PUBLIC_KEY.replace('+', "-").replace('/', "_");
    for key in [format!("{PUBLIC_KEY}="), url_safe_key.clone(), format!("{url_safe_key}=")] {
        let key = public_key(&key);
        let outcome = verify_json(&signed_with(standard), "domain", &key_id("ed25519:1"), &key);
        assert_eq!(outcome, Ok(()));
    }
    for wrong in
        ["", "AAAA", &PUBLIC_KEY[..42], &format!("{PUBLIC_KEY}=="), &format!("{PUBLIC_KEY}AA")]
    {
        assert!(PublicKey::new(wrong).is_err() && InvitePrivateKey::new(wrong).is_err(), "{wrong}");
    }
    // A value that is not text is not a signature.
    let mut number = signed_with(standard);
    number["signatures"]["domain"]["ed25519:1"] = json!(7);
    let outcome = verify_json(&number, "domain", &key_id("ed25519:1"), &public_key(PUBLIC_KEY));
    assert_eq!(outcome, Err(InvalidProof::NotSigned));
}

#[test]
fn weak_signature_is_refused() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/weak_signatures.json");
    let text = fs::read_to_string(path).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert_eq!(cases.len(), 42);
    for case in cases {
        let key = public_key(case["public_key"].as_str().unwrap());
        let signed = object(case["signed"].clone());
        let expected = match case["expect"].as_str().unwrap() {
            "valid" => Ok(()),
            "wrong signature" => Err(InvalidProof::WrongSignature),
            "weak key" => Err(InvalidProof::WeakKey),
            other => panic!("{other}"),
        };
        assert_eq!(
            verify_json(&signed, "id.example", &key_id("ed25519:0"), &key),
            expected,
            "{case}"
        );
    }
}

#[test]
fn key_without_a_point_is_refused() {
    let no_point = public_key("AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI");
    let outcome = verify_json(&signed_with(""), "domain", &key_id("ed25519:1"), &no_point);
    assert_eq!(outcome, Err(InvalidProof::WeakKey));
}
