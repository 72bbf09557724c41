//! What a server may repeat of a request, and finding the secrets in it.
//!
//! [`Secrets`] knows the request, so it finds exactly its secrets. [`mask`] knows the text alone, and hides what looks
//! like a secret.

mod mask;
mod secrets;
mod spelling;

use std::ops::Range;

use http::header::{
    AUTHORIZATION, COOKIE, HeaderName, HeaderValue, PROXY_AUTHORIZATION, SET_COOKIE,
};

pub(crate) use mask::mask;
pub(crate) use secrets::Secrets;

/// Stands where a secret was.
pub(crate) const REPLACEMENT: &str = "[redacted]";

/// The members of bodies and queries that hold secrets.
const SECRET_NAMES: [&str; 9] = [
    "access_token",
    "client_secret",
    "code",
    "ephemeral_private_key",
    "id_access_token",
    "password",
    "private_key",
    "refresh_token",
    "token",
];

/// Whether a member of a body or a query holds a secret.
pub(crate) fn is_secret_name(name: &str) -> bool {
    SECRET_NAMES.contains(&name)
}

/// Whether a header holds a secret.
pub(crate) fn is_secret_header(name: &HeaderName, value: &HeaderValue) -> bool {
    value.is_sensitive() || [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION, SET_COOKIE].contains(name)
}

/// Puts [`REPLACEMENT`] in the place of each range, or of several that overlap. `None` if there is no range.
fn replaced(text: &[u8], mut ranges: Vec<Range<usize>>) -> Option<Vec<u8>> {
    ranges.sort_unstable_by_key(|range| range.start);
    let mut rest = 0;
    let mut replaced = Vec::with_capacity(text.len());
    for range in &ranges {
        if range.start >= rest {
            replaced.extend_from_slice(&text[rest..range.start]);
            replaced.extend_from_slice(REPLACEMENT.as_bytes());
        }
        rest = rest.max(range.end);
    }
    replaced.extend_from_slice(&text[rest..]);
    (!ranges.is_empty()).then_some(replaced)
}
