//! Compares wallets of ethers and of `sdn-proto`: addresses, hashes and signatures.

use std::hash::{BuildHasher, RandomState};

use arbitrary::{Arbitrary, Unstructured};
use sdn_proto::generate::Hostile;
use sdn_proto::{LoginMessage, Signature, WalletAddress, WalletKey};
use serde_json::{Value, json};

use crate::script;

/// The smallest and the largest key.
const KEYS: [&str; 2] = [
    "0000000000000000000000000000000000000000000000000000000000000001",
    "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140",
];
const MESSAGES: [&str; 6] =
    ["", "\n", "Grüße 🦀\r\nline 2\0", "0x00ff", "\u{19}Ethereum Signed Message:\n5", "\u{feff}9"];
const RANDOM_CASES: usize = 1000;
/// The number of keys that ethers draws. The message of the n-th key has n characters.
const OWN_KEYS: usize = 200;

fn random(bytes: usize) -> Vec<u8> {
    let words = (0..bytes.div_ceil(8)).map(|word| RandomState::new().hash_one(word).to_ne_bytes());
    words.flatten().take(bytes).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns every message with every key, and random messages of all lengths.
fn cases() -> Vec<(String, LoginMessage)> {
    let longest = "ü".repeat(2048);
    let messages =
        || MESSAGES.into_iter().chain([&*longest]).map(|it| LoginMessage::new(it).unwrap());
    let fixed = KEYS.iter().flat_map(|key| messages().map(|message| ((*key).to_owned(), message)));
    let mut cases: Vec<_> = fixed.collect();
    cases.extend((0..RANDOM_CASES).map(|n| {
        let bytes = random(600);
        let mut bytes = Unstructured::new(&bytes);
        let message = if n % 4 == 0 {
            LoginMessage::arbitrary(&mut bytes).unwrap()
        } else {
            Hostile::arbitrary(&mut bytes).unwrap().0
        };
        (hex(&random(32)), message)
    }));
    cases
}

/// Returns the same address with a wrong checksum.
fn swap_case_of_first_letter(checksum: &str) -> String {
    let is_letter = |(_, c): &(usize, char)| c.is_ascii_alphabetic();
    let (at, letter) = checksum.char_indices().skip(2).find(is_letter).expect("a letter");
    let swapped = match letter.is_ascii_lowercase() {
        true => letter.to_ascii_uppercase(),
        false => letter.to_ascii_lowercase(),
    };
    format!("{}{swapped}{}", &checksum[..at], &checksum[at + 1..])
}

/// Checks a signature of ethers, and returns its wallet's address.
fn check_signed(signed: &Value) -> WalletAddress {
    let text = |name: &str| signed[name].as_str().unwrap_or_else(|| panic!("no {name}: {signed}"));
    let key = WalletKey::new(text("key")).unwrap();
    let message = LoginMessage::new(text("message")).unwrap();
    let checksum = text("address");
    let address = WalletAddress::with_checksum(checksum);
    assert_eq!(address, Ok(key.address()), "{signed}");
    let swapped = swap_case_of_first_letter(checksum);
    assert!(WalletAddress::with_checksum(&swapped).is_err(), "{swapped}: {signed}");
    assert_eq!(format!("0x{}", hex(&message.hash())), text("hash"), "{signed}");
    assert_eq!(key.sign(&message).expose(), text("signature"), "{signed}");
    assert_eq!(Signature::new(text("signature")).unwrap().signer(&message), address, "{signed}");
    key.address()
}

#[test]
#[ignore = "needs the clients of others: .ci/run sdk"]
fn wallets_sign_and_check_like_ethers() {
    let cases = cases();
    let ours: Vec<_> = cases
        .iter()
        .map(|(key, message)| {
            let signature = WalletKey::new(key).unwrap().sign(message);
            json!({ "key": format!("0x{key}"), "message": message, "signature": signature.expose() })
        })
        .collect();
    let result = script::run("ethers.mjs", &json!({ "cases": ours, "own_keys": OWN_KEYS }));
    let list = |name: &str| result[name].as_array().unwrap();
    assert_eq!([list("signed").len(), list("checked").len()], [cases.len(); 2]);
    for ((ours, signed), checked) in ours.iter().zip(list("signed")).zip(list("checked")) {
        let address = check_signed(signed);
        assert_eq!([&signed["key"], &signed["message"]], [&ours["key"], &ours["message"]]);
        let signer = WalletAddress::with_checksum(checked["signer"].as_str().unwrap());
        assert_eq!(signer, Ok(address), "{ours}");
        assert_eq!(checked["canonical"], ours["signature"]);
    }
    for (ours, other_signer) in ours.iter().rev().zip(list("others").iter().rev()) {
        let text = |name: &str| ours[name].as_str().unwrap();
        let Ok(other) = LoginMessage::new(format!("{}\n", text("message"))) else { continue };
        let signer = Signature::new(text("signature")).unwrap().signer(&other);
        assert_eq!(signer, WalletAddress::with_checksum(other_signer.as_str().unwrap()), "{ours}");
        assert_ne!(signer, Ok(WalletKey::new(text("key")).unwrap().address()), "{ours}");
    }
    assert_eq!(list("others").len(), 100);
    assert_eq!(list("own").len(), OWN_KEYS);
    list("own").iter().for_each(|signed| drop(check_signed(signed)));
}
