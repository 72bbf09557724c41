//! What to record about each invitation, so that nobody is invited twice and nobody is forgotten.
//!
//! A second invitation is a second mail, and a program can stop at any moment. So each step is
//! recorded in a *store*: a file such as the journal of `sdn invite --from`, or a database. This
//! module does no I/O. It decides what the store has to record, and which steps are allowed.
//!
//! ```text
//!            begin               finish
//!   New ───────────────► Sending ──────► Invited                    never sent again
//!   NotSent, Retry ────►    │    ──────► NotSent                    begin again
//!                           │    ──────► Refused, Unknown           a person decides
//!                           └─── resume ─────────► Unknown
//!
//!   Refused, Unknown, … ──── decide ────► Settled                   never sent again
//!                                   ────► Retry                     begin again
//! ```
//!
//! # Rules for a store
//!
//! 1. **Before a request**, record the state that [`State::begin`] returns. Send the request only
//!    when that record is durable: synced to the disk, or committed.
//! 2. **After the request**, record the state that [`State::finish`] returns. A crash may lose this
//!    record: then the outcome is unknown.
//! 3. **After a crash**, record the state that [`State::resume`] returns for each invitation, or
//!    use it as if it were recorded.
//! 4. **When a person decides**, record the state that [`State::decide`] returns.
//! 5. **If there are several senders**, read and record the state in one transaction, so that only
//!    one of them begins. Number the attempts, and drop the outcome of an earlier attempt. Resume
//!    an invitation only after its sender's time limit, because its request may be under way until
//!    then.
//! 6. **Know an invitee in each spelling**, and keep one record for a room and an invitee. A
//!    [`ThirdPartyId`](crate::ThirdPartyId) is folded already. Of a user ID that has a
//!    [wallet](crate::UserId::wallet), use that wallet's [user ID](crate::UserId::of_wallet).
//!
//! An invitation takes several calls if it needs an identity server. Begin only before the call
//! that invites, which [`Outgoing::is`](crate::Outgoing::is) recognizes. After a rate limit that
//! call was not sent: record [`InviteStatus::NotSent`](crate::InviteStatus::NotSent) before a long
//! wait, and begin again after it.
//!
//! # A look at the room
//!
//! Whether an unknown invitation arrived is often seen in the room. [`GetPeople`] reads the room
//! once, and [`Comparison`] returns a [`Verdict`] for each invitee: in the room, not seen or
//! ambiguous. Nothing ambiguous should be settled without a person.
//!
//! # Example
//!
//! ```
//! use sdn_proto::ledger::{NotAllowed, State};
//! use sdn_proto::{Call, CallError, InviteStatus, InviteUser};
//!
//! # let response = http::Response::builder().status(504).body("<html>504 Gateway Timeout</html>")?;
//! # fn record_durably(_: State) {}
//! # fn record(_: State) {}
//! let state = State::New.begin()?;
//! record_durably(state);
//! // The request is sent, and a proxy responds with an error of its own …
//! let result = InviteUser::parse_response(&response).map_err(CallError::from);
//! let state = state.finish(InviteStatus::of(&result))?;
//! record(state);
//!
//! // … so the node may have invited the user, and a person has to look at the room.
//! assert_eq!(state.as_str(), "unknown");
//! assert_eq!(state.begin(), Err(NotAllowed::Unknown));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod comparison;
mod not_allowed;
mod people;
mod redaction;
mod state;

pub use comparison::{Comparison, Found, Verdict};
pub use not_allowed::NotAllowed;
pub use people::{GetPeople, People};
pub use state::{Decision, State};
