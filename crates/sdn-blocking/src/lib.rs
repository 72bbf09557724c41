//! Carries the calls of [`sdn_proto`] over ureq and rustls: HTTP/1.1, and no async runtime.
//!
//! ```
//! use sdn_blocking::Client;
//! use sdn_proto::{AccessToken, Delivery, InviteBy3pid, Node};
//! # use sdn_testkit::World;
//!
//! # let world = World::new();
//! # let token = world.add_user("@alice:node.example");
//! # let room = world.create_room("@alice:node.example");
//! # let id_token = world.register_identity("id.example", "@alice:node.example");
//! # let server = world.serve()?;
//! # let url = server.base_url();
//! let client = Client::new();
//! let session = Node::new(url)?.session(AccessToken::new(token)?);
//! let invite = InviteBy3pid::from_parts(&room, "dave@example.com", &id_token, "id.example", "email")?;
//!
//! match client.send(&session, &invite) {
//!     Ok(()) => println!("invited"),
//!     Err(error) => match error.delivery() {
//!         Delivery::NotSent => println!("nothing happened, try again: {error}"),
//!         Delivery::Answered => println!("the node refused: {error}"),
//!         // No response came, or one that may be a proxy's.
//!         Delivery::Unknown => println!("look into the room before you repeat it: {error}"),
//!     },
//! }
//! # assert_eq!(world.events(&room).last().map(|event| event.kind.as_str()), Some("m.room.third_party_invite"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it never does
//!
//! - Follow a redirect: a 3xx is an [`ApiError`](sdn_proto::ApiError), and no token goes anywhere else.
//! - Send a call twice, but after a rate limit, for [`Paced`] or for a flow with a budget to wait.
//! - Wait without end, or read more of an answer than the call allows.
//! - Keep cookies (unless another crate in your build turns on ureq's `cookies` feature, which is then on for all), use a
//!   proxy of the environment, or add headers other than `host`, `content-length` and `user-agent`.
//! - Show a token, in an error or anywhere else; what crates below it log is [another matter](#logging).
//!
//! # Features
//!
//! None is on by default. `tracing`: a span `sdn_call` for each exchange, at the level `debug`, with `method`, `path` (a
//! [template](sdn_proto::path_template), without room IDs and the like), `status`, `delivery` and `duration_ms`. No address
//! and no token is in it. A 200 is `answered` there, whatever the call then makes of its body.
//!
//! # Logging
//!
//! This crate logs nothing, but crates below it use the `log` crate. At the level `trace`, `ureq-proto` prints the head of
//! every request, with `authorization: Bearer …`, and every response. Turn that off where you turn the level on:
//!
//! ```sh
//! RUST_LOG=trace,ureq_proto=debug
//! ```
//!
//! This works with `env_logger` and with `tracing-subscriber`'s `EnvFilter`. At `debug` no crate prints a token.
//!
//! # What an error says
//!
//! | | [`delivery`](sdn_proto::TransportError::delivery) |
//! |---|---|
//! | [`Error::Connect`], [`Error::Tls`], [`Error::NoTurn`], [`TimeoutStage::Connect`] | `NotSent`: none of the request was written; over a [caller's agent](Client::with_agent), at most a head without its body |
//! | an [`ApiError`](sdn_proto::ApiError): a standard error object, `success: false`, a 3xx or a 4xx | `Answered` |
//! | an [`ApiError`](sdn_proto::ApiError): any other status than 200, or a 200 that is not the call's success | `Unknown`: it [may be a proxy's](sdn_proto::ApiError::delivery) |
//! | [`TimeoutStage::Total`], [`Error::ConnectionLost`], [`Error::Protocol`], [`Error::BodyTooLarge`], [`Error::Other`] | `Unknown` |
//!
//! The bytes written decide, not the cause: Linux also reports "connection refused" of an established connection, once a
//! firewall rejects its packets.
#![deny(missing_docs, clippy::print_stderr, clippy::print_stdout, clippy::unwrap_used)]

mod agent;
mod cause;
mod client;
mod error;
mod exchange;
mod paced;
mod run;
mod settings;
#[cfg(feature = "tracing")]
mod trace;
mod watch;

pub use client::Client;
pub use error::{BoxError, Error, TimeoutStage};
pub use paced::Paced;
pub use settings::{Builder, InvalidSetting};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
