//! Sends the calls of [`sdn-proto`](https://docs.rs/sdn-proto) over the standard library's sockets
//! and rustls: HTTP/1.1, and no async runtime.
//!
//! ```
//! use sdn_blocking::Client;
//! use sdn_proto::{
//!     AccessToken, Delivery, IdAccessToken, InviteBy3pid, Node, RoomId, ServerName,
//!     ThirdPartyId,
//! };
//! use sdn_testkit::World;
//!
//! // A node in this process. Use your node's URL, token and room instead.
//! let world = World::new();
//! let token = world.add_user("@alice:node.example");
//! let room = world.create_room("@alice:node.example");
//! let id_token = world.register_identity("id.example", "@alice:node.example");
//! let server = world.serve()?;
//! let url = server.base_url();
//!
//! let client = Client::new();
//! let session = Node::new(url)?.session(AccessToken::new(token)?);
//! let invite = InviteBy3pid::new(
//!     RoomId::new(&room)?,
//!     ThirdPartyId::email("dave@example.com")?,
//!     ServerName::new("id.example")?,
//!     IdAccessToken::new(&id_token)?,
//! );
//!
//! match client.send(&session, &invite) {
//!     Ok(()) => println!("invited"),
//!     Err(error) => match error.delivery() {
//!         Delivery::NotSent => println!("nothing happened, try again: {error}"),
//!         Delivery::Answered => println!("the node refused: {error}"),
//!         // No response arrived, or the response may be a proxy's.
//!         Delivery::Unknown => println!("check the room first: {error}"),
//!     },
//! }
//! # let event = world.events(&room).pop().unwrap();
//! # assert_eq!(event.kind, "m.room.third_party_invite");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it never does
//!
//! - Follow a redirect: a 3xx is an [`ApiError`], and no token goes anywhere else.
//! - Retry, except after a rate limit, with [`BackoffClient`] or a flow that has a wait budget.
//! - Wait without end, or read more of a response than the call allows.
//! - Keep cookies, use a proxy from the environment instead of a [set one](Builder::proxy), or add
//!   headers other than `host`, `content-length` and `user-agent`.
//! - Show a token, not even through the `log` crate. Only a caller's agent [logs tokens](#logging).
//!
//! # Connections
//!
//! A connection has one request at a time, and is then kept for 15 seconds. The client keeps up to
//! [`max_idle_per_host`](Builder::max_idle_per_host) connections per server. In all it keeps the
//! same number, or ten if that is more. Before a connection is used again, a look at the socket
//! shows whether the server has closed it or has sent anything unexpected. If nothing of a request
//! was written, another connection is used.
//!
//! A response that arrives before the whole request is sent is read, and the connection is closed.
//! Interim responses (1xx) are skipped. The head of a response may have 64 KiB, with any number of
//! headers.
//!
//! Each timeout includes the lookup of a name and the TLS handshake. A name is looked up only when
//! a connection is opened, and in a separate thread, because the system's lookup cannot be
//! interrupted. When the time is over, bytes that have already arrived are still read.
//!
//! # Features
//!
//! Only `ring` is on by default.
//!
//! - `ring` and `aws-lc-rs`: [providers of cryptography](#cryptography).
//! - `native-roots`: `Builder::add_native_roots`, to trust the machine's certificate authorities.
//! - `tracing`: a span `sdn_call` for each exchange, at the level `debug`, with `method`, `path`
//!   ([`Call::path`](sdn_proto::Call::path), without rooms and users), `server.address`, `status`,
//!   `delivery` and `duration_ms`. A 200 is `answered` there, even if the call rejects its body. A
//!   failed exchange is an event in its span: at the level `debug` if its delivery is
//!   `answered`, otherwise at `warn`. Spans and events contain no e-mail address, no token, and no
//!   text of a server.
//! - `ureq`: `Client::with_agent`, for clients over a ready-made agent of ureq.
//!
//! # Cryptography
//!
//! TLS is rustls, which gets its cryptography from a provider. A client uses the first of these:
//!
//! 1. the provider that [`Builder::crypto_provider`] sets,
//! 2. the process's default, if one is installed when the client is built,
//! 3. ring, with the feature `ring`,
//! 4. AWS-LC, with the feature `aws-lc-rs`.
//!
//! With `default-features = false`, this crate turns on no provider. Without any provider, each
//! call over `https` fails with [`Tls`], and nothing is sent.
//!
//! The whole program shares the features of rustls. If any crates turn on both providers, our
//! clients work as described. But rustls's `ClientConfig::builder` and `ServerConfig::builder` then
//! panic unless the process has a default, which affects other crates. So install a default when
//! the program starts:
//!
//! ```
//! # #[cfg(feature = "ring")]
//! let _ = sdn_blocking::rustls::crypto::ring::default_provider().install_default();
//! ```
//!
//! or turn on one provider only:
//!
//! ```toml
//! sdn-blocking = { version = "0.1", default-features = false, features = ["aws-lc-rs"] }
//! ```
//!
//! `rustls` 0.23 is part of this API, and re-exported. Another version of it breaks users.
//!
//! # Logging
//!
//! This crate and its dependencies log no request and no response. The only exception is a client
//! from `Client::with_agent`. For it `ureq-proto` logs the head of every request, with
//! `authorization: Bearer …`, and every response, through the `log` crate at the level `trace`.
//! Turn that off when you turn the level on:
//!
//! ```sh
//! RUST_LOG=trace,ureq_proto=debug
//! ```
//!
//! This works with `env_logger` and with `tracing-subscriber`'s `EnvFilter`. At `debug` no crate
//! prints a token.
//!
//! # What an error says
//!
//! | | [`delivery`](sdn_proto::CallError::delivery) |
//! |---|---|
//! | [`Connect`], [`Tls`], [`ConnectTimeout`], [`RateLimited`] | `NotSent`: none of the request was written (over a caller's agent, at most its head) |
//! | an [`ApiError`]: a standard error object, `success: false`, a 3xx or a 4xx | `Answered` |
//! | any other [`ApiError`] | `Unknown`: it [may be a proxy's](sdn_proto::ApiError::delivery) |
//! | [`TotalTimeout`], [`ConnectionLost`], [`Protocol`], [`BodyTooLarge`], [`Other`] | `Unknown` |
//!
//! [`ApiError`]: sdn_proto::ApiError
//! [`Connect`]: sdn_proto::TransportErrorKind::Connect
//! [`Tls`]: sdn_proto::TransportErrorKind::Tls
//! [`ConnectTimeout`]: sdn_proto::TransportErrorKind::ConnectTimeout
//! [`RateLimited`]: sdn_proto::TransportErrorKind::RateLimited
//! [`TotalTimeout`]: sdn_proto::TransportErrorKind::TotalTimeout
//! [`ConnectionLost`]: sdn_proto::TransportErrorKind::ConnectionLost
//! [`Protocol`]: sdn_proto::TransportErrorKind::Protocol
//! [`BodyTooLarge`]: sdn_proto::TransportErrorKind::BodyTooLarge
//! [`Other`]: sdn_proto::TransportErrorKind::Other
//!
//! The bytes written decide, not the cause. Linux also reports "connection refused" for an
//! established connection when a firewall rejects its packets.
#![deny(missing_docs, clippy::print_stderr, clippy::print_stdout, clippy::unwrap_used)]

#[cfg(feature = "ureq")]
mod agent;
mod backoff;
mod client;
mod exchange;
mod http1;
mod invalid_setting;
mod net;
mod run;
mod sender;
mod settings;
mod status;
mod tls;
#[cfg(feature = "tracing")]
mod trace;

pub use backoff::BackoffClient;
pub use client::Client;
pub use invalid_setting::InvalidSetting;
pub use rustls;
pub use settings::Builder;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
