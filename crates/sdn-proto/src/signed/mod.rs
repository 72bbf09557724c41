//! What an identity server signs: invitations for whom somebody came, and associations of addresses with users.
//!
//! Everything signed is kept as it came, with members we do not know: they are signed too. The feature `verify` adds
//! checking and making signatures.

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
