//! Invariant: we sign as ruma does, and each accepts what the other has signed. A changed message is refused, and so is any
//! other signature or key. The same holds for the proofs of invitations and for associations. Ruma accepts what we accept.
//! If ruma alone accepts a signature, its key or its R has a small order, or it has bits beyond its last byte.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sdn_fuzz::signatures(data));
