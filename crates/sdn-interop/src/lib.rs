//! What the interop tests stand on: real servers on loopback, and the few calls that set a scene there.
//!
//! The scene is set with `ureq` and JSON by hand, so that nothing here depends on the code under test. Everything panics
//! on failure: this is for tests alone.

/// The examples of the project's README.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct ReadmeExamples;

/// The examples of the guide to embedding, which are run here because they need the testkit.
#[cfg(doctest)]
#[doc = include_str!("../../sdn-proto/docs/embedding.md")]
struct EmbeddingExamples;

mod http;
mod lab;
mod mail;
mod scene;

pub use crate::http::Http;
pub use crate::lab::Lab;
pub use crate::mail::{invitation_mail, mails_to, validation_token};
pub use crate::scene::{PASSWORD, User, unique, unique_address};

/// Node `a` under `/_matrix/`.
pub const NODE_A: &str = "http://127.0.0.1:18008";
/// Node `b`, with the stock rate limits, under `/_matrix/`.
pub const NODE_B: &str = "http://127.0.0.1:18108";
/// Node `a` under `/_api/`.
pub const NODE_A_API: &str = "http://127.0.0.1:18009";
/// Node `b` under `/_api/`.
pub const NODE_B_API: &str = "http://127.0.0.1:18109";
/// Node `a` under `/_api/`, over TLS.
pub const NODE_A_API_TLS: &str = "https://localhost:18010";
/// Identity server `a`, as an `id_server`.
pub const ID_A: &str = "localhost:18091";
/// Identity server `b`, with the stock rate limits and terms of service, as an `id_server`.
pub const ID_B: &str = "localhost:18191";
/// Identity server `a` under `/_api/`, as an `id_server` that only we can use.
pub const ID_A_API: &str = "localhost:18092";
/// A TLS server that is no identity server.
pub const JUNK: &str = "localhost:18098";
/// Nothing listens here.
pub const DEAD: &str = "localhost:18099";
