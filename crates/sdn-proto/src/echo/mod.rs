//! Finds the secrets of a request that a server repeats.
//!
//! [`Secrets`] has the request, so it finds exactly its secrets. [`mask`] has only the text, and
//! hides what looks like a secret.

mod mask;
mod names;
mod replace;
mod secrets;
mod spelling;

pub(crate) use mask::mask;
pub(crate) use names::{is_secret_header, is_secret_name};
pub(crate) use replace::REPLACEMENT;
pub(crate) use secrets::Secrets;
