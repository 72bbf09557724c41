//! The base of the interop tests: real servers on loopback, and the few calls that set a scene
//! there.
//!
//! The scene is set with `ureq` and handwritten JSON, so that nothing here depends on the code
//! under test. Everything panics on failure, because only tests use it.

/// The examples of the project's README.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct ReadmeExamples;

/// The examples of the guide to embedding, which run here because they need the testkit.
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
/// Node `b`, with the default rate limits, under `/_matrix/`.
pub const NODE_B: &str = "http://127.0.0.1:18108";
/// Node `a` under `/_api/`.
pub const NODE_A_API: &str = "http://127.0.0.1:18009";
/// Node `b` under `/_api/`.
pub const NODE_B_API: &str = "http://127.0.0.1:18109";
/// Node `a` under `/_api/`, over TLS.
pub const NODE_A_API_TLS: &str = "https://localhost:18010";
/// Identity server `a`, as an `id_server`.
pub const ID_A: &str = "localhost:18091";
/// Identity server `b`, with the default rate limits and terms of service, as an `id_server`.
pub const ID_B: &str = "localhost:18191";
/// Identity server `a` under `/_api/`, as an `id_server` that nodes cannot use.
pub const ID_A_API: &str = "localhost:18092";
/// A TLS server that is not an identity server.
pub const JUNK: &str = "localhost:18098";
/// Nothing listens here.
pub const DEAD: &str = "localhost:18099";
