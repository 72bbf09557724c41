//! Invariant: whatever a flow is answered, it ends within a bounded number of steps and a bounded wait. An invitation that
//! may have arrived is never sent again, each server gets its own secrets alone, and what the flow has not asked for does
//! not move it.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sdn_fuzz::flows(data));
