//! Invariant: a text is an identifier to us if it is one to ruma. Where ruma alone takes it there is a reason, which the check
//! names: a room ID without anything, server names too long, with empty parts or with odd ports, and client secrets of
//! letters that are not ASCII.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sdn_fuzz::identifiers(data));
