//! Signatures with a wallet's key, and their signer. The vectors are conformance data.
#![cfg(all(feature = "wallet", feature = "proptest"))]

use proptest::prelude::*;
use sdn_proto::generate::{Hostile, strategy};
use sdn_proto::{LoginMessage, Rule, Signature, WalletKey};

const ORDER: &str = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

fn key(number: u64) -> WalletKey {
    WalletKey::new(format!("{number:064x}")).unwrap()
}

fn message(text: &str) -> LoginMessage {
    LoginMessage::new(text).unwrap()
}

#[test]
fn keys_are_parsed_in_each_spelling() {
    let digits = "00000000000000000000000000000000000000000000000000000000000000ab";
    let address = key(0xab).address();
    let (prefixed, upper) = (format!("0x{digits}"), format!("0X{}", digits.to_uppercase()));
    for text in [digits, &prefixed, &upper] {
        assert_eq!(WalletKey::new(text).unwrap().address(), address);
        assert_eq!(text.parse::<WalletKey>().unwrap().address(), address);
    }
    let mut bytes = [0; 32];
    bytes[31] = 0xab;
    assert_eq!(WalletKey::from_bytes(&bytes).unwrap().address(), address);
}

#[test]
fn unusable_keys_are_rejected() {
    let last = format!("{}0", &ORDER[..63]);
    for (text, rule) in [
        ("", Rule::Empty),
        ("0x", Rule::WrongLength { digits: 64 }),
        (&ORDER[1..], Rule::WrongLength { digits: 64 }),
        ("0x7e5f4552091a69125d5dfcb7b8c2659029395bdf", Rule::WrongLength { digits: 64 }),
        (&format!("{last}g"), Rule::NotHex),
        (&last.replace('0', " "), Rule::NotHex),
        (&"0".repeat(64), Rule::OutOfRange),
        (ORDER, Rule::OutOfRange),
        (&"f".repeat(64), Rule::OutOfRange),
    ] {
        let error = WalletKey::new(text).unwrap_err();
        assert_eq!((error.field(), error.rule()), ("wallet key", rule), "{text}");
    }
    assert!(WalletKey::new(last).is_ok());
    assert_eq!(WalletKey::from_bytes(&[0; 32]).unwrap_err().rule(), Rule::OutOfRange);
}

/// No point of the curve has 5 as its x.
#[test]
fn impossible_signature_is_rejected() {
    let signature = Signature::new(format!("{:064x}{:064x}1b", 5, 1)).unwrap();
    let error = signature.signer(&message("hello")).unwrap_err();
    assert_eq!((error.field(), error.rule()), ("signature", Rule::NoSigner));
}

#[test]
fn other_last_byte_is_another_signer() {
    let hello = message("hello");
    let signature = key(1).sign(&hello).expose().to_owned();
    let other = Signature::new(signature.replace("1b", "1c")).unwrap();
    assert_ne!(other.signer(&hello), Ok(key(1).address()));
}

#[test]
fn key_is_not_printed() {
    for debug in [format!("{:?}", key(1)), format!("{:#?}", key(1))] {
        assert_eq!(debug, "WalletKey([redacted])");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn signer_is_the_wallet_that_signed(
        bytes in any::<[u8; 32]>(),
        signed in strategy::<Hostile<LoginMessage>>(),
        other in strategy::<LoginMessage>(),
    ) {
        let Ok(key) = WalletKey::from_bytes(&bytes) else { return Ok(()) };
        let signature = key.sign(&signed.0);
        prop_assert_eq!(signature.signer(&signed.0), Ok(key.address()));
        prop_assert_ne!(signature.signer(&other), Ok(key.address()));
        let read = Signature::new(signature.expose()).unwrap();
        prop_assert_eq!(read.expose(), signature.expose());
    }
}
