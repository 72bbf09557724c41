//! Invariant: a flow ends within a bounded number of steps and a bounded wait, for any responses. An invitation
//! that may have arrived is never sent again. Each server gets only its own secrets. A flow ignores input that it has not
//! asked for.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sdn_fuzz::flows(data));
