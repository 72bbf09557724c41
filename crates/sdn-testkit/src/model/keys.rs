//! The keys and tokens that servers generate, and the objects that an identity server signs.

use base64::Engine;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use super::signed::{BASE64, BASE64_URL, Key};

/// The validity of an association: a hundred years.
const LIFETIME_MS: u64 = 100 * 365 * 24 * 60 * 60 * 1000;

/// Returns an unsigned association of an identifier with a user, valid from a time in milliseconds
/// since 1970.
pub(crate) fn association(medium: &str, address: &str, user: &str, since: u64) -> Value {
    json!({
        "medium": medium,
        "address": address,
        "mxid": user,
        "ts": since,
        "not_before": since,
        "not_after": since + LIFETIME_MS,
    })
}

/// Returns the key with which an identity server signs.
pub(crate) fn long_term(server: &str) -> Key {
    Key::derive(&format!("long-term key of {server}"))
}

/// Returns the public half of that key, in the standard alphabet, as real servers return it.
pub(crate) fn long_term_public(server: &str) -> String {
    BASE64.encode(long_term(server).public())
}

/// Returns both halves of the key of one invitation, in the URL-safe alphabet.
pub(crate) struct Ephemeral {
    pub(crate) public: String,
    pub(crate) private: String,
}

pub(crate) fn ephemeral(server: &str, number: usize) -> Ephemeral {
    let key = Key::derive(&format!("ephemeral key {number} of {server}"));
    Ephemeral { public: BASE64_URL.encode(key.public()), private: BASE64_URL.encode(key.seed) }
}

/// Returns the token of one invitation.
pub(crate) fn invitation_token(server: &str, number: usize) -> String {
    token(&format!("invitation {number} of {server}"))
}

/// Returns the token of a validation session, which proves access to the address.
pub(crate) fn validation_token(server: &str, session: usize) -> String {
    token(&format!("validation {session} of {server}"))
}

/// Returns 43 characters, the length of many tokens and event IDs of real servers.
///
/// It is the same in every run, because a world has no randomness.
pub(crate) fn token(purpose: &str) -> String {
    BASE64_URL.encode(digest(&SHA256, purpose.as_bytes()))
}

pub(crate) const LETTERS_AND_DIGITS: &[u8] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Returns at most 32 characters of an alphabet, for IDs that are not secret.
pub(crate) fn word(purpose: &str, alphabet: &[u8], length: usize) -> String {
    let digest = digest(&SHA256, purpose.as_bytes());
    let letter = |byte: &u8| char::from(alphabet[usize::from(*byte) % alphabet.len()]);
    digest.as_ref().iter().take(length).map(letter).collect()
}
