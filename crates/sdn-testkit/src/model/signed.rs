//! Signed objects: canonical JSON, Ed25519 and unpadded Base64.
//!
//! This code is independent of the client's.

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use ring::digest::{SHA256, digest};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use serde_json::{Value, json};

/// The ID of every key of an identity server.
pub(crate) const KEY_ID: &str = "ed25519:0";

/// Allows the meaningless trailing bits of the specification's test key.
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_encode_padding(false)
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);
pub(crate) const BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
pub(crate) const BASE64_URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);

/// An Ed25519 key.
pub(crate) struct Key {
    pub(crate) seed: [u8; 32],
    pair: Ed25519KeyPair,
}

impl Key {
    /// Returns a real key that is the same in every run, because a world has no randomness.
    pub(crate) fn derive(purpose: &str) -> Self {
        let seed = digest(&SHA256, purpose.as_bytes());
        Key::from_seed(seed.as_ref()).expect("a SHA-256 is a seed's 32 bytes")
    }

    /// Returns the key of a seed, or `None` if that does not have 32 bytes.
    pub(crate) fn from_seed(seed: &[u8]) -> Option<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
        Some(Key { seed: seed.try_into().ok()?, pair })
    }

    pub(crate) fn public(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    /// Adds the signature of `server` to an unsigned object.
    pub(crate) fn sign(&self, server: &str, object: &mut Value) {
        let signature = self.pair.sign(canonical_json(object).as_bytes());
        object["signatures"] = json!({ server: { KEY_ID: BASE64.encode(signature) } });
    }
}

/// Decodes Base64 in either alphabet, padded or not.
pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text).or_else(|_| BASE64_URL.decode(text)).ok()
}

/// Returns whether any of an object's signatures is by any of these keys.
pub(crate) fn is_signed_by(object: &Value, public_keys: &[&str]) -> bool {
    let servers = object["signatures"].as_object().into_iter().flatten();
    let signatures: Vec<_> = servers
        .flat_map(|(_, keys)| keys.as_object().into_iter().flatten())
        .filter(|(key_id, _)| key_id.starts_with("ed25519:"))
        .filter_map(|(_, signature)| decode_base64(signature.as_str()?))
        .collect();
    let mut message = object.clone();
    if let Some(fields) = message.as_object_mut() {
        fields.retain(|name, _| name != "signatures" && name != "unsigned");
    }
    let message = canonical_json(&message);
    public_keys.iter().filter_map(|key| decode_base64(key)).any(|key| {
        let key = UnparsedPublicKey::new(&ED25519, key);
        signatures.iter().any(|signature| key.verify(message.as_bytes(), signature).is_ok())
    })
}

/// Writes canonical JSON: keys by code point, which for UTF-8 is by byte, and no white space.
fn canonical_json(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(name, _)| *name);
            let field = |(name, value)| {
                format!("{}:{}", Value::from(String::clone(name)), canonical_json(value))
            };
            format!("{{{}}}", fields.into_iter().map(field).collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(canonical_json).collect::<Vec<_>>().join(","))
        }
        simple => simple.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The specification's test vectors.
    #[test]
    fn signs_as_the_specification_does() {
        let seed = decode_base64("YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1").unwrap();
        let key = Key::from_seed(&seed).unwrap();
        for (mut object, signature) in [
            (
                json!({}),
                "K8280/U9SSy9IVtjBuVeLr+HpOB4BQFWbg+UZaADMtTdGYI7Geitb76LTrr5QV/7Xg4ahLwYGYZzuHGZKM5ZAQ",
            ),
            (
                json!({ "two": "Two", "one": 1 }),
                "KqmLSbO39/Bzb0QIYE82zqLwsA+PDzYIpIRA2sRQ4sL53+sN6/fpNSoqE7BP7vBZhG6kYdD13EIMJpvhJI+6Bw",
            ),
        ] {
            key.sign("domain", &mut object);
            assert_eq!(object["signatures"]["domain"][KEY_ID], signature);
            let public = BASE64.encode(key.public());
            assert!(is_signed_by(&object, &["nonsense", &public]));
            object["three"] = 3.into();
            assert!(!is_signed_by(&object, &[&public]));
        }
    }

    #[test]
    fn canonical_json_is_sorted_and_compact() {
        let value = json!({ "b": [1, { "z": "\u{1}\"é", "a": null }], "a": true, "é": -0 });
        assert_eq!(
            canonical_json(&value),
            r#"{"a":true,"b":[1,{"a":null,"z":"\u0001\"é"}],"é":0}"#
        );
    }

    #[test]
    fn nothing_else_counts_as_signed() {
        let public = BASE64.encode(Key::derive("some").public());
        for object in [
            json!({}),
            json!({ "signatures": [] }),
            json!({ "signatures": { "s": 1 } }),
            json!({ "signatures": { "s": { "ed25519:0": 1 } } }),
            json!({ "signatures": { "s": { "ed25519:0": "AAAA" } } }),
        ] {
            assert!(!is_signed_by(&object, &[&public]), "{object}");
        }
    }

    #[test]
    fn keys_are_same_in_each_run() {
        assert_eq!(Key::derive("a").public(), Key::derive("a").public());
        assert_ne!(Key::derive("a").public(), Key::derive("b").public());
    }
}
