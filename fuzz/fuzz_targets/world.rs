//! Invariant: the embedded world reads from a request's bytes the values that were written, and nothing else. The room shows
//! the user that a request invites.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sdn_fuzz::world(data));
