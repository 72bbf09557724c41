//! Sends the calls of [`sdn-proto`](https://docs.rs/sdn-proto) over hyper, tokio and rustls:
//! HTTP/1.1 and HTTP/2.
//!
//! ```
//! use sdn_hyper::Client;
//! use sdn_proto::{
//!     AccessToken, Delivery, IdAccessToken, InviteBy3pid, Node, RoomId, ServerName,
//!     ThirdPartyId,
//! };
//! use sdn_testkit::World;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
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
//! match client.send(&session, &invite).await {
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
//! # Ok(())
//! # }
//! ```
//!
//! # Flows
//!
//! A flow makes several calls in the right order: registering with an identity server, looking the
//! invitee up, inviting. [`Client::run`] drives it to its outcome.
//!
//! ```
//! use sdn_proto::flow::InviteFlow;
//! # use sdn_hyper::Client;
//! # use sdn_proto::{InvalidInput, RoomId, ServerName, Session, ThirdPartyId};
//!
//! # async fn run(client: Client, session: Session, room: RoomId) -> Result<(), InvalidInput> {
//! let dave = ThirdPartyId::email("dave@example.com")?;
//! let flow = InviteFlow::new(session, room, dave, ServerName::new("id.example")?);
//! match client.run(flow).await {
//!     Ok(invited) => println!("invited through {}", invited.id_server),
//!     Err(error) => println!("{error}"),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Rate limits
//!
//! The clones of a [`BackoffClient`] wait together when the server limits the rate, and then send
//! at the pace that it accepts.
//!
//! ```
//! # use std::time::Duration;
//! # use sdn_hyper::Client;
//! # use sdn_proto::{CallError, InviteUser, Session};
//! # async fn run(session: Session, invites: Vec<InviteUser>) -> Result<(), CallError> {
//! // Each call waits up to ten minutes in all.
//! let client = Client::new().with_shared_backoff(Duration::from_secs(600));
//! for invite in &invites {
//!     client.send(&session, invite).await?;
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Other connections
//!
//! [`Builder::connector`] opens the connections: through a SOCKS proxy, to a Unix socket, or in a
//! simulated network. [`Client::with_service`] replaces them with any [`tower_service::Service`],
//! such as a stack of tower's layers.
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body_util::Full;
//! # use sdn_hyper::Client;
//!
//! // A service for tests: every call succeeds, and nothing is sent.
//! let service = tower::service_fn(async |_: Request<Full<Bytes>>| {
//!     Ok::<_, std::io::Error>(Response::new(Full::<Bytes>::from("{}")))
//! });
//! let client = Client::with_service(service);
//! ```
//!
//! # What it never does
//!
//! - Follow a redirect: a 3xx is an [`ApiError`], and no token goes anywhere else.
//! - Retry. The exceptions are a rate limit, with [`BackoffClient`] or a flow with a wait budget,
//!   and a kept connection that closed before any of the request was written.
//! - Open more than 64 connections to a server, or send more than 100 calls at a time over HTTP/2,
//!   unless [`Builder::max_connections_per_server`] allows it. Further calls wait.
//! - Wait without end, or read more of a response than the call allows.
//! - Keep cookies, use a proxy from the environment instead of a [set one](Builder::proxy), or add
//!   headers other than `host`, `content-length` and `user-agent`.
//! - Show a token.
//!
//! # Connections that die silently
//!
//! A firewall may drop a connection without closing it. Of several requests in a row, such a
//! connection loses at most one:
//!
//! - A connection is not used again once a request on it timed out or its future was dropped.
//! - Over HTTP/2, pings find it, even while no request is on it. The client sends a ping to a
//!   server that has been silent for 3 seconds, and closes the connection after 10 more seconds of
//!   silence.
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
//! let _ = sdn_hyper::rustls::crypto::ring::default_provider().install_default();
//! ```
//!
//! or turn on one provider only:
//!
//! ```toml
//! sdn-hyper = { version = "0.1", default-features = false, features = ["aws-lc-rs"] }
//! ```
//!
//! `rustls` 0.23 is part of this API, and re-exported. Another version of it breaks users.
//!
//! # What an error says
//!
//! | | [`delivery`](sdn_proto::CallError::delivery) |
//! |---|---|
//! | [`Connect`], [`Tls`], [`ConnectTimeout`], [`NoSlot`], [`RateLimited`] | `NotSent`: none of the request was written |
//! | [`GoingAway`] | `NotSent`: an HTTP/2 server shuts down without an error and excludes the request |
//! | an [`ApiError`]: a standard error object, `success: false`, a 3xx or a 4xx | `Answered` |
//! | any other [`ApiError`] | `Unknown`: it [may be a proxy's](sdn_proto::ApiError::delivery) |
//! | [`TotalTimeout`], [`ConnectionLost`], [`Protocol`], [`BodyTooLarge`], [`Other`] | `Unknown` |
//!
//! A reset HTTP/2 stream is [`ConnectionLost`] with any code. `REFUSED_STREAM` should mean that the
//! server has not acted. But if the node's connection ends, HAProxy sends it even after the node
//! has read the request.
//!
//! [`NoSlot`] also covers an HTTP/2 server that allows no stream, or does not read: the total time
//! ran out before the head of the request was written, and it is not written later. A response that
//! has arrived completely is returned even if the connection broke.
//!
//! [`ApiError`]: sdn_proto::ApiError
//! [`Connect`]: sdn_proto::TransportErrorKind::Connect
//! [`Tls`]: sdn_proto::TransportErrorKind::Tls
//! [`ConnectTimeout`]: sdn_proto::TransportErrorKind::ConnectTimeout
//! [`NoSlot`]: sdn_proto::TransportErrorKind::NoSlot
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
mod dial;
mod exchange;
mod invalid_setting;
mod pool;
mod reading;
mod run;
mod sent;
mod settings;
mod status;
mod sync;
mod tls;
#[cfg(feature = "tracing")]
mod trace;

pub use backoff::BackoffClient;
pub use cause::classify;
pub use client::Client;
pub use invalid_setting::InvalidSetting;
pub use rustls;
pub use settings::{Builder, Http2};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
