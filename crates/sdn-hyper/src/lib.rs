//! Carries the calls of [`sdn_proto`] over hyper, tokio and rustls: HTTP/1.1 and HTTP/2.
//!
//! ```
//! use sdn_hyper::Client;
//! use sdn_proto::{AccessToken, Delivery, InviteBy3pid, Node};
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
//! let invite = InviteBy3pid::from_parts(&room, "dave@example.com", &id_token, "id.example", "email")?;
//!
//! match client.send(&session, &invite).await {
//!     Ok(()) => println!("invited"),
//!     Err(error) => match error.delivery() {
//!         Delivery::NotSent => println!("nothing happened, try again: {error}"),
//!         Delivery::Answered => println!("the node refused: {error}"),
//!         // No response came, or one that may be a proxy's.
//!         Delivery::Unknown => println!("look into the room before you repeat it: {error}"),
//!     },
//! }
//! # assert_eq!(world.events(&room).last().map(|event| event.kind.as_str()), Some("m.room.third_party_invite"));
//! # Ok(())
//! # }
//! ```
//!
//! # What it never does
//!
//! - Follow a redirect: a 3xx is an [`ApiError`](sdn_proto::ApiError), and no token goes anywhere else.
//! - Send a call twice, but after a rate limit, for [`Paced`] or for a flow with a budget to wait. The one exception cannot be noticed: a kept connection turns out to be closed before any of the
//!   request was written to it, and the request goes over another one.
//! - Wait without end, or read more of an answer than the call allows.
//! - Keep cookies, use a proxy, or add headers other than `host`, `content-length` and `user-agent`.
//! - Show a token, in an error or anywhere else.
//!
//! # Connections that die silently
//!
//! A firewall may forget a connection without a word to either side. Of requests sent one after
//! another, such a connection loses one at most:
//!
//! - A connection is not used again once a request on it timed out or its future was dropped.
//! - Over HTTP/2 pings find it, also while no request is on it. A server that has been silent for 3
//!   seconds is sent a ping, and after 10 more seconds of silence the connection is closed.
//!
//! # Features
//!
//! None is on by default. `tracing`: a span `sdn_call` for each exchange, at the level `debug`, with `method`, `path` (a
//! [template](sdn_proto::path_template), without room IDs and the like), `status`, `delivery` and `duration_ms`. No address
//! and no token is in it. A 200 is `answered` there, whatever the call then makes of its body.
//!
//! # What an error says
//!
//! | | [`delivery`](sdn_proto::TransportError::delivery) |
//! |---|---|
//! | [`Error::Connect`], [`Error::Tls`], [`Error::NoTurn`], [`TimeoutStage::Connect`] | `NotSent`: none of the request was written |
//! | [`Error::GoingAway`] | `NotSent`: an HTTP/2 server shuts down without an error and excludes the request |
//! | an [`ApiError`](sdn_proto::ApiError): a standard error object, `success: false`, a 3xx or a 4xx | `Answered` |
//! | an [`ApiError`](sdn_proto::ApiError): any other status than 200, or a 200 that is not the call's success | `Unknown`: it [may be a proxy's](sdn_proto::ApiError::delivery) |
//! | [`TimeoutStage::Total`], [`Error::ConnectionLost`], [`Error::Protocol`], [`Error::BodyTooLarge`], [`Error::Other`] | `Unknown` |
//!
//! A reset HTTP/2 stream is [`Error::ConnectionLost`], whatever its code. `REFUSED_STREAM` should
//! mean that the server has not acted, but HAProxy sends it after the node has read the request, if
//! the node's connection then breaks.
#![deny(missing_docs, clippy::print_stderr, clippy::print_stdout, clippy::unwrap_used)]

mod cause;
mod client;
mod connect;
mod error;
mod exchange;
mod paced;
mod run;
mod settings;
#[cfg(feature = "tracing")]
mod trace;

pub use client::Client;
pub use error::{BoxError, Error, TimeoutStage};
pub use paced::Paced;
pub use settings::{Builder, Http2, InvalidSetting};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
