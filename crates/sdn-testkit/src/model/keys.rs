//! The keys and tokens that an identity server makes up.

use base64::Engine;
use ring::digest::{SHA256, digest};

use super::signed::{BASE64, BASE64_URL, Key};

/// The key an identity server signs with.
pub(crate) fn long_term(server: &str) -> Key {
    Key::derive(&format!("long-term key of {server}"))
}

/// The public half of that key, in the standard alphabet, as real servers have it.
pub(crate) fn long_term_public(server: &str) -> String {
    BASE64.encode(long_term(server).public())
}

/// Both halves of a key made for one invitation, in the URL-safe alphabet.
pub(crate) struct Ephemeral {
    pub(crate) public: String,
    pub(crate) private: String,
}

pub(crate) fn ephemeral(server: &str, number: usize) -> Ephemeral {
    let key = Key::derive(&format!("ephemeral key {number} of {server}"));
    Ephemeral { public: BASE64_URL.encode(key.public()), private: BASE64_URL.encode(key.seed) }
}

/// A token for one invitation.
pub(crate) fn invitation_token(server: &str, number: usize) -> String {
    token(&format!("invitation {number} of {server}"))
}

/// A token that shows who reads the mails or messages of an address.
pub(crate) fn validation_token(server: &str, session: usize) -> String {
    token(&format!("validation {session} of {server}"))
}

fn token(purpose: &str) -> String {
    BASE64_URL.encode(digest(&SHA256, purpose.as_bytes()))
}
