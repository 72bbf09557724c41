//! Invariant: any status, headers and bytes are parsed without a panic, as a success or as an error that agrees with an
//! independent parser. Each printed error is bounded, one line, and harmless to a terminal.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sdn_fuzz::parse_response(data));
