//! Invariant: the embedded world reads from a request's bytes what was written, and nothing besides; whom a request invites,
//! the room shows.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sdn_fuzz::world(data));
