//! Invariant: we sign as ruma does, and each takes what the other has signed. A changed message is refused, and so is every
//! other signature, or the same of another key; so too with proofs of invitations and with associations. What we take ruma
//! takes; what ruma alone takes has a key or an R that signs nothing, or bits beyond the signature's last byte: there we are
//! stricter.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sdn_fuzz::signatures(data));
