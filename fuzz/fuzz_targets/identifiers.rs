//! Invariant: a text is an identifier to us if it is one to ruma. If ruma alone accepts it there is a reason, which the check
//! names: a room ID of one character, a server name that is too long, with empty labels or with an odd port, or a client
//! secret with letters that are not ASCII.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sdn_fuzz::identifiers(data));
