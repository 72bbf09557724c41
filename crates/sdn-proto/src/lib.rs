//! Invitations to SDN and Matrix rooms as plain HTTP values: requests out, results in, no I/O.
//!
//! This crate knows *what* to send to a node and *what its answer means*. It never touches a socket, a clock, a thread or
//! a random number: you carry the request with whatever HTTP stack you have, or with `sdn-hyper` or `sdn-blocking`.
//!
//! ```
//! use bytes::Bytes;
//! use sdn_proto::{
//!     AccessToken, Call, ErrorCode, IdAccessToken, InviteBy3pid, Node, RoomId, ServerName,
//!     ThirdPartyId,
//! };
//!
//! # fn carry(_: http::Request<Bytes>) -> http::Response<&'static str> {
//! #     http::Response::builder().status(403).body(r#"{"errcode":"M_FORBIDDEN","error":"You are not in the room"}"#).unwrap()
//! # }
//! const ROOM: &str = "!Q1w2E3r4T5y6U7i8-@sdn_7e5f4552091a69125d5dfcb7b8c2659029395bdf\
//!     :7e5f4552091a69125d5dfcb7b8c2659029395bdf";
//!
//! // Everything is checked where it is made …
//! let token = AccessToken::new("q3nXf0pZr8sVt2uLw6yAb4cDe9gHj1kMo5iRzP7hN-_")?;
//! let session = Node::new("https://node.example")?.session(token);
//! let invite = InviteBy3pid::new(
//!     RoomId::new(ROOM)?,
//!     ThirdPartyId::email("alice@example.com")?,
//!     ServerName::new("id.example:8090")?,
//!     IdAccessToken::new("id_secret")?,
//! );
//!
//! // … so building the request cannot fail. Your HTTP stack carries it …
//! let response = carry(invite.to_request(&session));
//!
//! // … and the answer is a success or says what the server said.
//! match InviteBy3pid::parse_response(&response) {
//!     Ok(()) => println!("invited"),
//!     Err(error) => {
//!         assert_eq!(error.code(), Some(&ErrorCode::Forbidden));
//!         assert_eq!(error.to_string(), "403 M_FORBIDDEN: You are not in the room");
//!     }
//! }
//! # Ok::<(), sdn_proto::InvalidInput>(())
//! ```
//!
//! # Three promises
//!
//! 1. **All failure happens where a value is made.** A constructor says which rule its text breaks; `to_request` returns a
//!    request, not a result.
//! 2. **Every error says what may have happened.** An invitation by e-mail sends a mail; [`Delivery`] tells whether the
//!    server certainly did not act, certainly answered, or may have acted without our knowing.
//! 3. **A secret cannot leak by accident.** Nothing here prints a token. Beware of other crates' types: `{:?}` of an
//!    `http::Request<Bytes>` shows the body with the token in it; print [`Redacted`] instead.
//!
//! # Map
//!
//! | where | what is in it |
//! |---|---|
//! | the root | [`Call`], [`Node`] (where) and [`Session`] (as whom), [`IdentityServer`] and [`IdentitySession`], [`ThirdPartyId`], [`WalletAddress`], …; what can go wrong: [`InvalidInput`], [`ApiError`], [`TransportError`], [`CallError`] |
//! | [`client`] | the calls to the node: [`InviteBy3pid`], [`InviteUser`] and those around them |
//! | [`identity`] | the calls to the identity server |
//! | [`response`] | reading responses, for [calls of your own](Call#calls-of-your-own) |
//! | [`flow`] | several calls in one: [`LoginFlow`](flow::LoginFlow), [`DiscoverFlow`](flow::DiscoverFlow), [`RegisterFlow`](flow::RegisterFlow), [`InviteFlow`](flow::InviteFlow), [`AcceptFlow`](flow::AcceptFlow), [`RevokeFlow`](flow::RevokeFlow) |
//! | [`ledger`] | what to record about each invitation, so that nobody is invited twice and nobody is forgotten |
//! | [`retry`] | when and how long to wait for a server that limits its rate |
//! | [`id`] | [`RoomId`], [`UserId`], [`ServerName`], … |
//! | [`secret`] | [`AccessToken`], [`IdAccessToken`], … |
//! | [`signed`] | what an identity server signs, and checking it |
//! | [`plain`] | requests and responses in plain parts, for hosts without the `http` crate |
//! | [`embedding`] | a guide: how to carry these calls over an HTTP stack of your own |
#![cfg_attr(
    feature = "arbitrary",
    doc = "| [`generate`] | generators of values and calls, for people who fuzz |"
)]
//!
//! # Features
//!
//! None is on by default.
//!
//! * `verify`: canonical JSON and Ed25519 signatures, checked and made.
//! * `wallet`: signing a login with a wallet's key on this machine, and checking signatures and checksums of wallets.
//! * `arbitrary`: `arbitrary::Arbitrary` for every value and call, and hostile ones by another name.
//! * `proptest`: the same as `proptest` strategies.
//!
//! # Versions
//!
//! All `sdn` crates have one version and follow [Semantic Versioning](https://semver.org): before 1.0 a change that breaks users
//! raises the second number, any other the third. Of others' types there are in this API those of `http` 1, `bytes` 1, `serde` 1
//! and `serde_json` 1, and with the features of their names of `arbitrary` 1 and `proptest` 1; another major version of one of
//! them breaks users. The wording of errors is not promised, nor what a generator makes of which bytes. Rust 1.85 or newer is
//! needed; a newer one is asked for only with the second number, and only if it has been out for a year.
//!
#![doc = include_str!("../docs/threats.md")]
#![deny(missing_docs, clippy::print_stderr, clippy::print_stdout, clippy::unwrap_used)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;

/// How to carry these calls over an HTTP stack of your own.
// Its examples need the testkit, so the interop tests run them.
#[cfg(not(doctest))]
#[doc = include_str!("../docs/embedding.md")]
pub mod embedding {}

mod base64;
mod base_url;
mod body;
mod call;
pub mod client;
mod dialect;
mod echo;
mod error;
pub mod flow;
#[cfg(feature = "arbitrary")]
pub mod generate;
pub mod id;
pub mod identity;
mod identity_server;
mod invite_link;
mod invite_status;
mod json;
pub mod ledger;
mod login;
mod node;
mod object;
mod open_id_token;
mod outgoing;
#[cfg(feature = "arbitrary")]
mod parts;
#[doc(hidden)]
pub mod path;
pub mod plain;
mod prelude;
mod proxy;
mod public_key;
mod redacted;
mod request;
pub mod response;
pub mod retry;
pub mod secret;
mod server_config;
pub mod signed;
mod third_party_invite;
mod threepid;
mod versions;
mod wallet;

pub use bytes;
pub use http;

pub use call::{Call, Server};
pub use client::{InviteBy3pid, InviteUser};
pub use dialect::Dialect;
pub use error::{
    ApiError, ApiErrorKind, CallError, Delivery, ErrorCode, Escaped, InvalidInput, OtherCode,
    RetryAfter, Rule, TransportError, TransportErrorKind,
};
pub use id::{RoomId, ServerName, UserId};
pub use identity_server::{IdentityServer, IdentitySession};
pub use invite_link::InviteLink;
pub use invite_status::InviteStatus;
pub use node::{Node, Session};
pub use outgoing::Outgoing;
pub use proxy::{Proxy, ProxyError};
pub use public_key::PublicKey;
pub use redacted::Redacted;
pub use secret::{AccessToken, IdAccessToken};
pub use threepid::{Medium, ThirdPartyId};
#[cfg(feature = "wallet")]
pub use wallet::WalletKey;
pub use wallet::{Did, LoginMessage, Signature, WalletAddress};
