//! What the fuzz targets check, as plain functions that panic when it does not hold.
//!
//! The invariants are those of sdn-proto's property tests. libFuzzer drives them in `fuzz_targets/`, and
//! `tests/replay.rs` runs them over the committed corpus with nothing but a stable compiler.

#![forbid(unsafe_code)]

#[path = "../../crates/sdn-proto/tests/invariants/mod.rs"]
mod invariants;

/// A target: takes any bytes, and panics if its invariant does not hold for them.
pub type Target = fn(&[u8]);

/// The targets, by the names of their files and of their folders in the corpus.
pub const TARGETS: [(&str, Target); 4] = [
    ("build_request", build_request),
    ("node_url", node_url),
    ("parse_response", parse_response),
    ("values", values),
];

/// The bytes are what the generators make a call and its server of.
pub fn build_request(data: &[u8]) {
    invariants::build_request::check(data);
}

/// The bytes are a status, some headers and a body.
pub fn parse_response(data: &[u8]) {
    invariants::parse_response::check(data);
}

/// The bytes are the URL.
pub fn node_url(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        invariants::node_url::check(text);
    }
}

/// The bytes are the text that every constructor is given.
pub fn values(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        invariants::values::check(text);
    }
}
