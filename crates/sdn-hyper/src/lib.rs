//! Sends the calls of [`sdn_proto`] over hyper, tokio and rustls: HTTP/1.1 and HTTP/2.
//!
//! ```
//! use sdn_hyper::Client;
//! use sdn_proto::{
//!     AccessToken, Delivery, IdAccessToken, InviteBy3pid, Node, RoomId, ServerName, ThirdPartyId,
//! };
//! # use sdn_testkit::World;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let world = World::new();
//! # let token = world.add_user("@alice:node.example");
//! # let room = world.create_room("@alice:node.example");
//! # let id_token = world.register_identity("id.example", "@alice:node.example");
//! # let server = world.serve()?;
//! # let url = server.base_url();
//! let client = Client::new();
//! let session = Node::new(url)?.session(AccessToken::new(token)?);
//! let invite = InviteBy3pid::new(
//!     RoomId::new(&room)?,
//!     ThirdPartyId::email("dave@example.com")?,
//!     ServerName::new("id.example")?,
//!     IdAccessToken::new(&id_token)?,
//! );
//!
//! match client.send(&session, &invite).await {
//!     Ok(()) => println!("invited"),
//!     Err(error) => match error.delivery() {
//!         Delivery::NotSent => println!("nothing happened, try again: {error}"),
//!         Delivery::Answered => println!("the node refused: {error}"),
//!         // No response arrived, or one that may be a proxy's.
//!         Delivery::Unknown => println!("check the room before you repeat it: {error}"),
//!     },
//! }
//! # let event = world.events(&room).pop().unwrap();
//! # assert_eq!(event.kind, "m.room.third_party_invite");
//! # Ok(())
//! # }
//! ```
//!
//! # What it never does
//!
//! - Follow a redirect: a 3xx is an [`ApiError`], and no token goes anywhere else.
//! - Retry. Exceptions: after a rate limit, with [`BackoffClient`] or a flow that has a wait budget;
//!   and when a kept connection closed before any of the request was written.
//! - Wait without end, or read more of a response than the call allows.
//! - Keep cookies, use a proxy, or add headers other than `host`, `content-length` and `user-agent`.
//! - Show a token.
//!
//! # Connections that die silently
//!
//! A firewall may forget a connection silently. Of several requests in a row, such a connection
//! loses at most one:
//!
//! - A connection is not used again once a request on it timed out or its future was dropped.
//! - Over HTTP/2, pings find it, even while no request is on it. A server that has been silent for
//!   3 seconds is sent a ping, and after 10 more seconds of silence the connection is closed.
//!
//! # Features
//!
//! None is on by default. `tracing`: a span `sdn_call` for each exchange, at the level `debug`,
//! with `method`, `path` ([`Call::path`](sdn_proto::Call::path), which names no room and no user),
//! `status`, `delivery` and `duration_ms`. It contains no address and no token. A 200 is `answered`
//! there, even if the call rejects its body.
//!
//! # What an error says
//!
//! | | [`delivery`](sdn_proto::CallError::delivery) |
//! |---|---|
//! | [`Connect`], [`Tls`], [`ConnectTimeout`], [`RateLimited`] | `NotSent`: none of the request was written |
//! | [`GoingAway`] | `NotSent`: an HTTP/2 server shuts down without an error and excludes the request |
//! | an [`ApiError`]: a standard error object, `success: false`, a 3xx or a 4xx | `Answered` |
//! | any other [`ApiError`] | `Unknown`: it [may be a proxy's](sdn_proto::ApiError::delivery) |
//! | [`TotalTimeout`], [`ConnectionLost`], [`Protocol`], [`BodyTooLarge`], [`Other`] | `Unknown` |
//!
//! A reset HTTP/2 stream is [`ConnectionLost`], whatever its code. `REFUSED_STREAM` should mean that
//! the server has not acted, but HAProxy sends it after the node has read the request, if the node's
//! connection then ends.
//!
//! [`ApiError`]: sdn_proto::ApiError
//! [`Connect`]: sdn_proto::TransportErrorKind::Connect
//! [`Tls`]: sdn_proto::TransportErrorKind::Tls
//! [`ConnectTimeout`]: sdn_proto::TransportErrorKind::ConnectTimeout
//! [`RateLimited`]: sdn_proto::TransportErrorKind::RateLimited
//! [`GoingAway`]: sdn_proto::TransportErrorKind::GoingAway
//! [`TotalTimeout`]: sdn_proto::TransportErrorKind::TotalTimeout
//! [`ConnectionLost`]: sdn_proto::TransportErrorKind::ConnectionLost
//! [`Protocol`]: sdn_proto::TransportErrorKind::Protocol
//! [`BodyTooLarge`]: sdn_proto::TransportErrorKind::BodyTooLarge
//! [`Other`]: sdn_proto::TransportErrorKind::Other
#![deny(missing_docs, clippy::print_stderr, clippy::print_stdout, clippy::unwrap_used)]

mod backoff;
mod cause;
mod client;
mod connect;
mod exchange;
mod run;
mod settings;
mod status;
#[cfg(feature = "tracing")]
mod trace;

pub use backoff::BackoffClient;
pub use cause::classify;
pub use client::Client;
pub use settings::{Builder, Http2, InvalidSetting};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
