//! Invitations to SDN and Matrix rooms as plain HTTP values: requests out, results in, no I/O.
//!
//! This crate knows *what* to send to a node (a homeserver) and *what its response means*. It never
//! touches a socket, a clock, a thread or a random number. You send each request with the HTTP
//! stack that you have ([a guide](embedding)), or with the transports
//! [`sdn-hyper`](https://docs.rs/sdn-hyper) and [`sdn-blocking`](https://docs.rs/sdn-blocking).
//! [Flows](flow) combine the calls that a login or an invitation takes.
//!
//! ```
//! use sdn_proto::bytes::Bytes;
//! use sdn_proto::http::{Request, Response};
//! use sdn_proto::{
//!     AccessToken, Call, ErrorCode, InviteUser, Node, RoomId, UserId,
//! };
//!
//! /// Stands for your HTTP stack. This one always returns the same response.
//! fn send(_request: Request<Bytes>) -> Response<&'static str> {
//!     let body = r#"{"errcode":"M_FORBIDDEN","error":"You are not in the room"}"#;
//!     Response::builder().status(403).body(body).unwrap()
//! }
//!
//! // Every value is checked when it is created …
//! let node = Node::new("https://node.example")?;
//! let session = node.session(AccessToken::new("syt_secret")?);
//! let invite = InviteUser::new(
//!     RoomId::new("!OGEhHVWSdvArJzumhm:node.example")?,
//!     UserId::new("@alice:node.example")?,
//! );
//!
//! // … so building the request cannot fail.
//! let response = send(invite.to_request(&session));
//!
//! // The result is a success, or the server's error.
//! match InviteUser::parse_response(&response) {
//!     Ok(()) => println!("invited"),
//!     Err(error) => {
//!         assert_eq!(error.code(), Some(&ErrorCode::Forbidden));
//!         assert_eq!(error.to_string(), "403 M_FORBIDDEN: You are not in the room");
//!     }
//! }
//! # Ok::<(), sdn_proto::InvalidInput>(())
//! ```
//!
//! An invitation by e-mail address or phone number is [`InviteBy3pid`]. It also takes an identity
//! server and a token for it, which a [`RegisterFlow`](flow::RegisterFlow) gets from the node's.
//!
//! # Three promises
//!
//! 1. **A value that exists is valid.** A constructor says which rule its text breaks; `to_request`
//!    returns a request, not a result.
//! 2. **Every error says what may have happened.** An invitation by e-mail sends a mail.
//!    [`Delivery`] says whether the server certainly did not act, certainly responded, or may have
//!    acted without our knowing.
//! 3. **A secret cannot leak by accident.** This crate prints no token. Types of other crates may:
//!    `{:?}` of an `http::Request<Bytes>` shows the body with its tokens. Print [`Redacted`]
//!    instead.
//!
//! # Modules
//!
//! | where | what it contains |
//! |---|---|
//! | the root | [`Call`]; [`Node`], a server, and [`Session`], a server and a user's token; [`IdentityServer`] and [`IdentitySession`]; [`ThirdPartyId`], [`WalletAddress`], …; [`Proxy`]; the errors [`InvalidInput`], [`ApiError`], [`TransportError`] and [`CallError`] |
//! | [`client`] | the calls to the node: [`InviteBy3pid`], [`InviteUser`] and others |
//! | [`identity`] | the calls to the identity server |
//! | [`response`] | functions that read responses, for [your own calls](Call#calls-of-your-own) |
//! | [`flow`] | several calls as one: [`LoginFlow`](flow::LoginFlow), [`DiscoverFlow`](flow::DiscoverFlow), [`RegisterFlow`](flow::RegisterFlow), [`InviteFlow`](flow::InviteFlow), [`AcceptFlow`](flow::AcceptFlow), [`RevokeFlow`](flow::RevokeFlow) |
//! | [`ledger`] | what to record about each invitation, so that nobody is invited twice and nobody is forgotten |
//! | [`retry`] | when and how long to wait for a server that limits the rate |
//! | [`id`] | [`RoomId`], [`UserId`], [`ServerName`], … |
//! | [`secret`] | [`AccessToken`], [`IdAccessToken`], … |
//! | [`signed`] | objects that an identity server signs, and their verification |
//! | [`plain`] | requests and responses in plain parts, for hosts without the `http` crate |
//! | [`embedding`] | the guide to sending these calls with your own HTTP stack |
//! | [in a service](https://docs.rs/sdn-outbox/latest/sdn_outbox/in_a_service/) | the guide to inviting from a web application on several machines |
#![cfg_attr(
    feature = "arbitrary",
    doc = "| [`generate`] | generators of values and calls, for fuzzing |"
)]
//!
//! # Features
//!
//! All are off by default.
//!
//! * `verify`: canonical JSON, and Ed25519 signatures, checked and created.
//! * `wallet`: signs a login with a wallet's key on this machine, and checks the signatures and
//!   checksums of wallets.
//! * `arbitrary`: `arbitrary::Arbitrary` for every value and call, and generators of hostile ones.
//! * `proptest`: the same as `proptest` strategies.
//!
//! # Versions
//!
//! All `sdn` crates have one version and follow [Semantic Versioning](https://semver.org). Before
//! 1.0, a change that breaks users raises the second number, and any other change the third.
//!
//! This API contains types of `http` 1, `bytes` 1, `serde` 1 and `serde_json` 1. The features
//! `arbitrary` and `proptest` add types of version 1 of these crates. Another major version of one
//! of them breaks users. The texts of errors and the output of generators for given bytes may
//! change in any release.
//!
//! The minimum Rust version is 1.85. Only a release that raises the second number raises it, and
//! only to a version that is at least a year old.
//!
#![doc = include_str!("../docs/threats.md")]
#![deny(missing_docs, clippy::print_stderr, clippy::print_stdout, clippy::unwrap_used)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;

/// How to send these calls with your own HTTP stack.
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
