//! Invariant: an accepted URL of a node means the same to a URL library: the same scheme, host, port and path, and nothing
//! else. It stays the same when it is written and read again. Plain `http` stays on this machine.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sdn_fuzz::node_url(data));
