//! Objects that an identity server signs: accepted invitations, and associations of addresses with
//! users.
//!
//! Signed objects are kept unchanged, with unknown members, because those are signed too. The
//! feature `verify` adds functions that check and create signatures.

mod association;
#[cfg(feature = "verify")]
mod canonical_json;
mod invite;
#[cfg(feature = "verify")]
mod strict;
#[cfg(feature = "verify")]
mod verify;

pub use association::{Association, SignedPendingInvite};
#[cfg(feature = "verify")]
pub use canonical_json::{NotCanonical, canonical_json};
pub use invite::SignedInvite;
#[cfg(feature = "verify")]
pub use verify::{InvalidProof, sign_json, verify_json};
