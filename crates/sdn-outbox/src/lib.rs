//! Invitations from a service: a durable outbox in PostgreSQL, and workers that send them.
//!
//! A handler puts an [`Invitation`] into the [`Outbox`] within its own transaction. [`Worker`]s, in
//! any number of processes, claim invitations, send them over [`sdn_hyper`] and record how they
//! ended, in the states of [`sdn_proto::ledger`]:
//!
//! | state | |
//! |---|---|
//! | `new`, `not_sent`, `retry` | will be sent |
//! | `sending` | its request may be under way; once its claim has ended, it becomes unknown |
//! | `invited` | the node accepted it |
//! | `refused` | the node refused it, perhaps after a mail; a person [decides](Outbox::decide) |
//! | `unknown` | the node may have accepted it; a person [decides](Outbox::decide) |
//! | `settled` | a person has decided that nothing is left to do |
//!
//! # What it promises
//!
//! - Nothing is sent before it is recorded: `sending` is committed, with `synchronous_commit` on,
//!   before the request is written. That needs `fsync`, which PostgreSQL has on by default.
//! - Nobody is invited twice by an outbox. A worker that dies leaves its invitation unknown. A slow
//!   one cannot send after its claim has ended, because recording `sending` fails then.
//! - Nobody is forgotten. An invitation that was certainly not sent is tried again: after the
//!   node's delay if it limits the rate, otherwise at growing intervals of up to an hour.
//!
//! A copy of the database, such as a restored backup, is another outbox: start no workers on it
//! before you have settled what the first one has sent.
//!
//! # Pace
//!
//! All workers share one pace for each user of a node, which the database keeps. They send as fast
//! as they can until the node limits the rate. Then they wait together, continue one by one, and
//! learn and keep the rate that the node accepts, as [`Backoff`](sdn_proto::retry::Backoff) does
//! within one process. If nothing can be sent, such as with a rejected token, the user's
//! invitations wait for up to a minute between tries.
//!
//! # Features
//!
//! `ring`, which is on by default, and `aws-lc-rs`: providers of cryptography, also for [`sdn_hyper`].
//! TLS uses the process's default provider if one is installed.
//!
//! # Metrics
//!
//! The crate `metrics` receives the counters `sdn_outbox_sent_total`, `sdn_outbox_refused_total`,
//! `sdn_outbox_unknown_total`, `sdn_outbox_not_sent_total` and `sdn_outbox_rate_limited_total`, of
//! what this process recorded; and the gauges `sdn_outbox_waiting`, `sdn_outbox_unknown` and
//! `sdn_outbox_oldest_waiting_seconds`, of the whole outbox, every 30 seconds.
//!
//! [In a service](in_a_service) is a guide with a program: a handler, workers, deployment, what to
//! alert on, and how to decide about unknown invitations.
#![deny(missing_docs, clippy::print_stderr, clippy::print_stdout, clippy::unwrap_used)]

#[doc = include_str!("../docs/in_a_service.md")]
pub mod in_a_service {}

mod credentials;
mod database;
mod entry;
mod error;
mod invitation;
mod look;
mod metrics;
mod migrate;
mod outbox;
mod schema;
mod statement;
mod tls;
mod worker;

pub use sdn_proto::ledger::{Decision, State, Verdict};
pub use tokio_postgres;

pub use credentials::{Credentials, CredentialsError};
pub use database::Database;
pub use entry::{Counts, Enqueued, Entry, Listed};
pub use error::Error;
pub use invitation::Invitation;
pub use look::Looked;
pub use outbox::Outbox;
pub use worker::{Event, Worker};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
