//! Invariant: an independent parser reads from a request the same values that its call has. No value gets into another
//! header, another path segment, the query or another member. Building never panics. Tokens are marked as sensitive and
//! are not printed.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sdn_fuzz::build_request(data));
