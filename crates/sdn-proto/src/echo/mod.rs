//! What a server may repeat of a request, and finding the secrets in it.
//!
//! [`Secrets`] knows the request, so it finds exactly its secrets. [`mask`] knows the text alone, and hides what looks
//! like a secret.

mod mask;
mod names;
mod replace;
mod secrets;
mod spelling;

pub(crate) use mask::mask;
pub(crate) use names::{is_secret_header, is_secret_name};
pub(crate) use replace::REPLACEMENT;
pub(crate) use secrets::Secrets;
