//! In-memory SDN nodes and identity servers to test invitations against, without I/O or over
//! loopback.
//!
//! A [`World`] holds nodes, identity servers, users and rooms. [`World::handle`] takes a request
//! and returns the response of a real server, error for error. It checks membership and power and
//! asks the identity server. The room receives an `m.room.member` or `m.room.third_party_invite`
//! event. The invitee receives a mail, which proves the invitation, and can join. A world has no
//! clock and no randomness. It parses requests, and signs and checks proofs, with separate code, so
//! that client and world check each other.
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, StatusCode};
//! use sdn_testkit::World;
//!
//! let world = World::new();
//! let token = world.add_user("@alice:node.example");
//! let room = world.create_room("@alice:node.example");
//! let id_token = world.register_identity("id.example:8090", "@alice:node.example");
//!
//! let body = format!(
//!     r#"{{"address":"carol@example.com","id_access_token":"{id_token}","id_server":"id.example:8090","medium":"email"}}"#
//! );
//! let request = Request::post(format!("https://node.example/_api/client/v3/rooms/{room}/invite"))
//!     .header("authorization", format!("Bearer {token}"))
//!     .header("content-type", "application/json")
//!     .body(Bytes::from(body))?;
//! let response = world.handle(request);
//! assert_eq!(response.status(), StatusCode::OK);
//!
//! let event = world.events(&room).pop().expect("the room has events");
//! assert_eq!(event.kind, "m.room.third_party_invite");
//! assert_eq!(event.content["display_name"], "car...@exa...");
//! let mail = &world.mailbox("id.example:8090", "carol@example.com")[0];
//! assert_eq!(event.state_key.as_ref(), Some(&mail.token));
//! # Ok::<(), http::Error>(())
//! ```
//!
//! # Two families of nodes
//!
//! [`World::add_node`] adds a node that behaves like Synapse. [`World::add_sdn_node`] adds one that
//! behaves as the clients of the real SDN expect. Both speak both dialects: the prefix `_api` or
//! `_matrix` does not select the family.
//!
//! An SDN-like node logs in a [`Wallet`] and checks its signatures. It serves `r0`, `v3` and
//! `unstable` alike, and reads the token from the header or from `?access_token=`. It refuses an
//! invitation by e-mail unless it trusts the identity server, of which it uses version 1 of the API.
//!
//! No real SDN node was reachable during development. This node follows ten public SDKs of SDN.
//! Where these say nothing, it follows Dendrite, from which SDN's nodes probably descend. The text
//! to sign, the codes of a refused login and what invalidates a challenge are guesses.
//!
//! # Map
//!
//! - [`World`]: its contents, the requests it received ([`SeenRequest`]), canned responses, and
//!   rate limits.
//! - [`Event`] and [`Mail`]: the results of an invitation.
//! - [`Server`]: a world on a port of 127.0.0.1, plain or TLS, for clients that do I/O.
//! - [`Fault`]: faults of that server, one by one or at random: closing early, stalling,
//!   truncating, trickling, nonsense, pages of a proxy.
//! - `suite`, with the feature of that name: scenarios for any transport. They check that it ends
//!   each exchange in time, reports correctly what may have happened, and never reveals its tokens.
//! - `script`, with the same feature: servers that do exactly what a test scripts, byte for byte.
//!
//! # Endpoints
//!
//! Of a node: `versions`; `logout`, `account/whoami`, `user/{userId}/openid/request_token`,
//! `createRoom`, `joined_rooms`, `directory/room/{roomAlias}` and `join/{roomIdOrAlias}` under
//! `v3/`; `invite`, `join`, `leave` and `kick` under `v3/rooms/{roomId}/`; the room's state, and
//! one event of it, which can be set; `v1/3pid/onbind` for identity servers; and its domain's
//! discovery document. A Synapse-like node has `login` with a password, an SDN-like one
//! `address/{address}`, `did/pre_login1`, `did/login` and `sendmessbywallet/{address}`. Of an
//! identity server: all of version 2, and the same without a token under `api/v1`, with a different
//! `lookup`. Every other path is a 404, as at a real server.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(missing_docs, clippy::print_stderr, clippy::print_stdout, clippy::unwrap_used)]

mod answer;
mod endpoint;
mod model;
mod request;
mod router;
#[cfg(feature = "suite")]
pub mod script;
mod seen;
mod server;
#[cfg(feature = "suite")]
pub mod suite;
mod world;

pub use model::event::Event;
pub use model::mail::Mail;
pub use model::wallet::Wallet;
pub use seen::SeenRequest;
pub use server::{Fault, Server};
pub use world::World;

/// Compiles the README's examples.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
