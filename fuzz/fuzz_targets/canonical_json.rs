//! Invariant: our canonical JSON is ruma's, byte for byte, or both refuse the input. It means the same to `serde_json` and is
//! its own canonical JSON. Ruma refuses integers that are written as floats, such as `-0` and `1e2`. We write them as the
//! specification's example does.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sdn_fuzz::canonical_json(data));
