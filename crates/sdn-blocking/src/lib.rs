//! Carries the calls of [`sdn_proto`] over ureq and rustls: HTTP/1.1, TLS on, and no async runtime.
#![deny(missing_docs, clippy::print_stderr, clippy::print_stdout, clippy::unwrap_used)]

mod cause;
mod client;
mod error;
mod exchange;
mod settings;

pub use client::Client;
pub use error::{BoxError, Error, TimeoutStage};
pub use settings::{Builder, InvalidSetting};
