//! Ed25519 keys: real ones, but the same in every run, for a world has no randomness.

use ring::digest::{SHA256, digest};
use ring::signature::{Ed25519KeyPair, KeyPair as _};

pub(super) const LONG_TERM_KEY_ID: &str = "ed25519:0";

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Both halves of a key in unpadded Base64.
pub(super) struct Key {
    pub(super) public: String,
    pub(super) private: String,
}

/// The key an identity server signs with, in the standard alphabet.
pub(super) fn long_term(server: &str) -> Key {
    derive(&format!("long-term key of {server}"), STANDARD)
}

/// The key made for one invitation, in the URL-safe alphabet, as real servers have it.
pub(super) fn ephemeral(server: &str, number: usize) -> Key {
    derive(&format!("ephemeral key {number} of {server}"), URL_SAFE)
}

/// A token for one invitation.
pub(super) fn invitation_token(server: &str, number: usize) -> String {
    base64(
        digest(&SHA256, format!("invitation {number} of {server}").as_bytes()).as_ref(),
        URL_SAFE,
    )
}

fn derive(purpose: &str, alphabet: &[u8; 64]) -> Key {
    let seed = digest(&SHA256, purpose.as_bytes());
    let pair =
        Ed25519KeyPair::from_seed_unchecked(seed.as_ref()).expect("a SHA-256 is a seed's 32 bytes");
    Key {
        public: base64(pair.public_key().as_ref(), alphabet),
        private: base64(seed.as_ref(), alphabet),
    }
}

fn base64(bytes: &[u8], alphabet: &[u8; 64]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |index: usize| chunk.get(index).copied().map_or(0, u32::from);
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for position in 0..=chunk.len() {
            let digit = group >> (18 - 6 * position) & 63;
            text.push(char::from(alphabet[digit as usize]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_unpadded() {
        for (bytes, text) in
            [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(bytes.as_bytes(), STANDARD), text);
        }
        assert_eq!(base64(&[0xfb, 0xff], STANDARD), "+/8");
        assert_eq!(base64(&[0xfb, 0xff], URL_SAFE), "-_8");
    }

    #[test]
    fn keys_differ_by_server_and_number_but_not_by_run() {
        assert_eq!(long_term("a").public, long_term("a").public);
        assert_ne!(long_term("a").public, long_term("b").public);
        assert_ne!(ephemeral("a", 0).public, ephemeral("a", 1).public);
        assert_eq!(long_term("a").public.len(), 43);
    }
}
