//! Invariant: a text that a constructor accepts obeys its rules and comes back the same however it is written and read;
//! the refusal of any other does not repeat it.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sdn_fuzz::values(data));
