//! Invariant: whatever a server sends, in pieces of any size, sdn-blocking's HTTP/1.1 returns a response or an error. A body
//! is never longer than its limit. A response that hyper accepts too has the same status, headers and body for hyper. A
//! connection is used again only if no byte after the response was read, and if hyper would use it again.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sdn_fuzz::http1(data));
