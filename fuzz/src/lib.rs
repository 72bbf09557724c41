//! What the fuzz targets check, as plain functions that panic when it does not hold.
//!
//! The invariants are those of sdn-proto's property tests, and those that need ruma or the embedded world are
//! here. libFuzzer drives them in `fuzz_targets/`, and `tests/replay.rs` runs them over the committed corpus with nothing
//! but a stable compiler.

#![forbid(unsafe_code)]

#[path = "../../crates/sdn-proto/tests/invariants/mod.rs"]
mod invariants;

mod canonical_json;
mod identifiers;
mod signatures;
mod world;

/// A target: takes any bytes, and panics if its invariant does not hold for them.
pub type Target = fn(&[u8]);

/// The targets, by the names of their files and of their folders in the corpus.
pub const TARGETS: [(&str, Target); 9] = [
    ("build_request", build_request),
    ("canonical_json", canonical_json),
    ("flows", flows),
    ("identifiers", identifiers),
    ("node_url", node_url),
    ("parse_response", parse_response),
    ("signatures", signatures),
    ("values", values),
    ("world", world),
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

/// A flow and the responses to it are built from the bytes.
pub fn flows(data: &[u8]) {
    invariants::flow::check(data);
}

/// The bytes are JSON.
pub fn canonical_json(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        canonical_json::check(text);
    }
}

/// The bytes are what a key, an object and their alterations are made of.
pub fn signatures(data: &[u8]) {
    signatures::check(data);
}

/// The bytes are the text.
pub fn identifiers(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        identifiers::check(text);
    }
}

/// The bytes are what the generators make a call and its server of.
pub fn world(data: &[u8]) {
    world::check(data);
}
