//! The checks of the fuzz targets, as functions that panic if an invariant does not hold.
//!
//! Most invariants are those of sdn-proto's property tests. Those that need ruma, hyper or the embedded world are here.
//! libFuzzer calls them in `fuzz_targets/`, and `tests/replay.rs` runs them over the committed corpus, without libFuzzer.

#![forbid(unsafe_code)]

#[path = "../../crates/sdn-proto/tests/invariants/mod.rs"]
mod invariants;

// Over connections in memory, because it finds the module `net` of this crate.
#[path = "../../crates/sdn-blocking/src/http1/mod.rs"]
#[allow(dead_code)]
mod http1;

mod by_hyper;
mod canonical_json;
mod identifiers;
mod net;
mod responses;
mod signatures;
mod world;

/// A target: accepts any bytes, and panics if its invariant does not hold for them.
pub type Target = fn(&[u8]);

/// The targets, by the names of their files and of their folders in the corpus.
pub const TARGETS: [(&str, Target); 10] = [
    ("build_request", build_request),
    ("canonical_json", canonical_json),
    ("flows", flows),
    ("http1", http1),
    ("identifiers", identifiers),
    ("node_url", node_url),
    ("parse_response", parse_response),
    ("signatures", signatures),
    ("values", values),
    ("world", world),
];

/// The generators make a call and its server from the bytes.
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

/// The bytes are the text, which every constructor gets.
pub fn values(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        invariants::values::check(text);
    }
}

/// A flow and the responses to it are built from the bytes.
pub fn flows(data: &[u8]) {
    invariants::flow::check(data);
}

/// The bytes are what a server sends over HTTP/1.1.
pub fn http1(data: &[u8]) {
    responses::check(data);
}

/// The bytes are JSON.
pub fn canonical_json(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        canonical_json::check(text);
    }
}

/// A key, an object and their alterations are made from the bytes.
pub fn signatures(data: &[u8]) {
    signatures::check(data);
}

/// The bytes are the text.
pub fn identifiers(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        identifiers::check(text);
    }
}

/// The generators make a call and its server from the bytes.
pub fn world(data: &[u8]) {
    world::check(data);
}
