//! Carries the calls of [`sdn_proto`] over hyper, tokio and rustls: HTTP/1.1 and HTTP/2, TLS on.
#![deny(missing_docs, clippy::print_stderr, clippy::print_stdout, clippy::unwrap_used)]

mod cause;
mod client;
mod connect;
mod error;
mod exchange;
mod settings;

pub use client::Client;
pub use error::{BoxError, Error, TimeoutStage};
pub use settings::{Builder, Http2, InvalidSetting};
