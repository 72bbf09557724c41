//! Invariant: whatever the values of a call hold, an independent parser reads the same values from its request. Nothing
//! of them gets into another header, another path segment, the query or another member; building never panics; tokens
//! are marked as sensitive and not printed.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sdn_fuzz::build_request(data));
