//! Deserialization of third-party identifiers. `invariants/values.rs` compares it with the
//! constructors for any text.

use sdn_proto::{Medium, ThirdPartyId};
use serde::de::value::{Error, SeqDeserializer};
use serde::de::{Deserialize, Deserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Value, json};

fn deserialized(value: Value) -> Result<ThirdPartyId, String> {
    serde_json::from_value(value).map_err(|error| error.to_string())
}

#[test]
fn deserialized_address_is_checked_and_folded() {
    let alice = ThirdPartyId::email("alice@example.com");
    let email = |address: &str| deserialized(json!({ "medium": "email", "address": address }));
    assert_eq!(email("Alice@Example.com").ok(), alice.ok());
    assert!(email("Not an Address").unwrap_err().starts_with("e-mail address: "));

    let phone = ThirdPartyId::msisdn("18005552067");
    let msisdn = |number: &str| deserialized(json!({ "medium": "msisdn", "address": number }));
    assert_eq!(msisdn("+1 (800) 555-2067").ok(), phone.ok());
    assert!(msisdn("0800 555").unwrap_err().starts_with("phone number: "));
}

#[test]
fn deserialized_string_is_parsed() {
    for text in ["Alice@Example.com", "+1 (800) 555-2067"] {
        assert_eq!(deserialized(text.into()).ok(), text.parse().ok());
    }
    assert!(deserialized("alice".into()).unwrap_err().starts_with("phone number: "));
}

#[test]
fn unknown_medium_keeps_its_address() {
    let pager = json!({ "medium": "org.example.pager", "address": "Unit 7" });
    let id = deserialized(pager.clone()).unwrap();
    assert_eq!((id.medium(), id.address()), (&Medium::new("org.example.pager").unwrap(), "Unit 7"));
    assert_eq!(json!(id), pager);
}

#[test]
fn other_json_is_rejected() {
    for value in [
        json!(["email", "alice@example.com"]),
        json!({ "medium": "email" }),
        json!({ "address": "alice@example.com" }),
        json!({ "medium": "", "address": "alice@example.com" }),
        json!({ "medium": "org.example.pager", "address": "" }),
        json!(18_005_552_067_u64),
        json!(null),
    ] {
        assert!(deserialized(value.clone()).is_err(), "{value}");
    }
}

/// A format without types, such as bincode, in which a structure is a sequence.
struct Compact<'a>(&'a [&'a str]);

impl<'de> Deserializer<'de> for Compact<'_> {
    type Error = Error;

    fn is_human_readable(&self) -> bool {
        false
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(serde::de::Error::custom("the format does not describe itself"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_seq(SeqDeserializer::new(self.0.iter().copied()))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[test]
fn compact_formats_are_checked_too() {
    let id = ThirdPartyId::deserialize(Compact(&["email", "Alice@Example.com"])).unwrap();
    assert_eq!(id.address(), "alice@example.com");
    assert!(ThirdPartyId::deserialize(Compact(&["email", "Not an Address"])).is_err());
}
