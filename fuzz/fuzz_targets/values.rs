//! Invariant: a text that a constructor accepts obeys its rules and stays the same however it is written and read. The error
//! for any other text does not repeat it.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sdn_fuzz::values(data));
