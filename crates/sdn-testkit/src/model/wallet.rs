//! Wallets: their addresses, and signatures according to EIP-191.
//!
//! This code is independent of the client's.

use std::fmt::{self, Write as _};

use k256::ecdsa::{RecoveryId, Signature, SigningKey, VerifyingKey};
use sha3::{Digest as _, Keccak256};

/// A wallet with a known private key, for logins at an SDN-like node.
///
/// Anybody can know this key, so use it only in tests. It signs according to
/// [EIP-191](https://eips.ethereum.org/EIPS/eip-191), version `0x45` (`personal_sign`).
///
/// ```
/// use sdn_testkit::Wallet;
///
/// let wallet = Wallet::new(1);
/// assert_eq!(wallet.address(), "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf");
/// assert!(wallet.sign("hello").starts_with("0xe5ddc160e4c8f92de507c7db9b982d4f"));
/// ```
#[derive(Clone)]
pub struct Wallet(SigningKey);

impl Wallet {
    /// Returns the wallet with this number as private key.
    ///
    /// # Panics
    /// If the number is 0, which is not a valid key.
    pub fn new(number: u64) -> Self {
        let mut key = [0; 32];
        key[24..].copy_from_slice(&number.to_be_bytes());
        Wallet(SigningKey::from_slice(&key).expect("a number between 1 and 2^64"))
    }

    /// Returns the address: `0x` and 40 hex digits in lower case.
    pub fn address(&self) -> String {
        format!("0x{}", self.digits())
    }

    /// Returns the address without `0x`.
    pub(crate) fn digits(&self) -> String {
        address_of(self.0.verifying_key())
    }

    /// Returns the user ID that an SDN-like node has for the wallet.
    pub fn user_id(&self) -> String {
        user_id(&self.digits())
    }

    /// Returns the private key: 64 hex digits.
    pub fn private_key(&self) -> String {
        hex(&self.0.to_bytes())
    }

    /// Signs a text. Returns `0x` and 130 hex digits, ending in `1b` or `1c`.
    pub fn sign(&self, message: &str) -> String {
        let signed = self.0.sign_prehash_recoverable(&hash(message));
        let (signature, id) = signed.expect("a hash has 32 bytes");
        format!("0x{}{:02x}", hex(&signature.to_bytes()), 27 + id.to_byte())
    }
}

/// Prints the wallet without its key.
impl fmt::Debug for Wallet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Wallet").field(&self.address()).finish()
    }
}

/// Returns the digits of an address, in lower case and without `0x`.
pub(crate) fn parse_address(text: &str) -> Option<String> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"))?;
    let is_address = digits.len() == 40 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_address.then(|| digits.to_ascii_lowercase())
}

/// Returns the user ID of an address, given as digits.
pub(crate) fn user_id(digits: &str) -> String {
    format!("@sdn_{digits}:{digits}")
}

/// Returns whether it is the user ID of an address.
pub(crate) fn is_user_id(text: &str) -> bool {
    let digits = text.rsplit(':').next().unwrap_or_default();
    parse_address(&format!("0x{digits}")).is_some_and(|digits| user_id(&digits) == text)
}

/// Returns the digits of the address that signed a text, or `None` if the signature is invalid.
///
/// Nodes accept it with and without `0x`, and 0 and 1 for 27 and 28 in its last byte. A signature
/// with a high `s` is invalid, because anybody can derive it from a valid signature.
pub(crate) fn signer(message: &str, signature: &str) -> Option<String> {
    let bytes = parse_hex(signature.strip_prefix("0x").unwrap_or(signature))?;
    let (v, signature) = bytes.split_last()?;
    let id = match v {
        0 | 1 => *v,
        27 | 28 => v - 27,
        _ => return None,
    };
    let signature = Signature::from_slice(signature).ok()?;
    if signature.normalize_s().is_some() {
        return None;
    }
    let id = RecoveryId::from_byte(id)?;
    let key = VerifyingKey::recover_from_prehash(&hash(message), &signature, id).ok()?;
    Some(address_of(&key))
}

fn hash(message: &str) -> [u8; 32] {
    let start = format!("\x19Ethereum Signed Message:\n{}", message.len());
    Keccak256::new().chain_update(start).chain_update(message).finalize().into()
}

fn address_of(key: &VerifyingKey) -> String {
    let point = key.to_encoded_point(false);
    hex(&Keccak256::digest(&point.as_bytes()[1..])[12..])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn parse_hex(text: &str) -> Option<Vec<u8>> {
    let digit =
        |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    text.as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(high)? << 4 | digit(low)?),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: &str = "7e5f4552091a69125d5dfcb7b8c2659029395bdf";

    /// Vectors of an independent implementation, for private key 1: message, r, s, v.
    const VECTORS: [[&str; 4]; 3] = [
        [
            "hello",
            "e5ddc160e4c8f92de507c7db9b982d4f9b7197bfa421864aeadc586bc96b09ae",
            "0ba0c5b131650ae4994cff1839341d00f3735ef5abc62ac8fe2cf50f65208e2a",
            "1b",
        ],
        [
            "",
            "0ac02a3eb3039b7a3ebb6a35f1e0dd31a4ed51781205a2c193354752a25edad5",
            "0593868baf38c519b78bdc61a23c3f55e058c29f8b83d79ae48cc47d931afaed",
            "1b",
        ],
        [
            "Grüße\nline 2",
            "e41800677bbdbb13f3352d25b90213369179ab5e46115986e2ba09253c58d32e",
            "3c9c328a24a3654e0c441d235c41ee8e473e9bb4bcb245301b6c9869b7ee44db",
            "1c",
        ],
    ];

    #[test]
    fn wallet_signs_like_others() {
        let wallet = Wallet::new(1);
        assert_eq!(wallet.address(), format!("0x{ADDRESS}"));
        assert_eq!(wallet.private_key(), format!("{:064}", 1));
        for [message, r, s, v] in VECTORS {
            assert_eq!(wallet.sign(message), format!("0x{r}{s}{v}"));
        }
    }

    #[test]
    fn signer_is_recovered() {
        for [message, r, s, v] in VECTORS {
            let small_v = if v == "1b" { "00" } else { "01" };
            for signature in [
                format!("0x{r}{s}{v}"),
                format!("{r}{s}{small_v}"),
                format!("0x{}{s}{v}", r.to_uppercase()),
            ] {
                assert_eq!(signer(message, &signature).as_deref(), Some(ADDRESS), "{signature}");
            }
            let other = signer(&format!("{message} "), &format!("0x{r}{s}{v}"));
            assert_ne!(other.as_deref(), Some(ADDRESS));
        }
    }

    #[test]
    fn other_texts_are_not_signatures() {
        let [[message, r, s, v], ..] = VECTORS;
        let high_s = "f45f3a4ece9af51b66b300e7c6cbe2fdc73b7df103827572c1a5697d6b15b317";
        for signature in [
            String::new(),
            "0x".to_owned(),
            format!("0x{r}{s}"),
            format!("0x{r}{s}{v}{v}"),
            format!("0x{r}{s}02"),
            format!("0x{r}{s}1d"),
            format!("0x{r}{high_s}1c"),
            format!("0x{}{s}{v}", "0".repeat(64)),
            format!("0x{}{s}{v}", "f".repeat(64)),
            format!("0x{r}{s}1"),
            format!("0x{r}{s}zz"),
        ] {
            assert_eq!(signer(message, &signature), None, "{signature}");
        }
    }

    #[test]
    fn addresses_are_40_digits() {
        let upper = ADDRESS.to_uppercase();
        for text in [format!("0x{ADDRESS}"), format!("0x{upper}"), format!("0X{upper}")] {
            assert_eq!(parse_address(&text).as_deref(), Some(ADDRESS));
        }
        for text in ["", "0x", ADDRESS, &format!("0x{ADDRESS}0"), &format!("0x{}", &ADDRESS[1..])] {
            assert_eq!(parse_address(text), None, "{text}");
        }
        assert!(is_user_id(&user_id(ADDRESS)));
        for text in ["@alice:node.example", &user_id(&upper), &format!("@0x{ADDRESS}:{ADDRESS}")] {
            assert!(!is_user_id(text), "{text}");
        }
    }
}
