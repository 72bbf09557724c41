//! What the outbox says about its invitations.

use std::time::Duration;

use sdn_proto::InviteStatus;
use sdn_proto::ledger::{State, Verdict};
use tokio_postgres::Row;

/// Whether an invitation is new to the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enqueued {
    /// It is sent after the caller's transaction is committed. Its ID in the outbox.
    New(i64),
    /// The outbox already had it, perhaps from another sender, and does not send it again. Its ID
    /// and its state.
    Existing(i64, State),
}

/// How many invitations are in each state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Counts {
    /// They will be sent.
    pub waiting: u64,
    /// They are being sent, or their worker has died.
    pub sending: u64,
    /// The node accepted them.
    pub invited: u64,
    /// The node refused them, perhaps after a mail.
    pub refused: u64,
    /// The node may have accepted them.
    pub unknown: u64,
    /// A person has settled them.
    pub settled: u64,
    /// The age of the oldest waiting invitation.
    pub oldest_waiting: Duration,
}

/// Which invitations to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    /// Those that a person has to decide about: refused or unknown.
    ToDecide,
    /// Those that will be sent and have failed before.
    Failing,
    /// All.
    All,
}

/// An invitation in the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// Its ID.
    pub id: i64,
    /// The node's base URL.
    pub node: String,
    /// The user who invites.
    pub sender: String,
    /// The room.
    pub room_id: String,
    /// `email`, `msisdn`, another medium, or `user`.
    pub medium: String,
    /// The e-mail address, phone number or user ID, unless it was purged.
    pub invitee: Option<String>,
    /// Its state.
    pub state: State,
    /// The status of the node's response, if there was one.
    pub http_status: Option<u16>,
    /// What went wrong last, on one line.
    pub problem: Option<String>,
    /// The room's verdict on the invitee, after a [look](crate::Outbox::look).
    pub in_room: Option<Verdict>,
}

impl Entry {
    pub(crate) fn of(row: &Row) -> Self {
        let http_status: Option<i32> = row.get(7);
        let in_room: Option<&str> = row.get(9);
        Self {
            id: row.get(0),
            node: row.get(1),
            sender: row.get(2),
            room_id: row.get(3),
            medium: row.get(4),
            invitee: row.get(5),
            state: state(row.get(6)),
            http_status: http_status.and_then(|status| status.try_into().ok()),
            problem: row.get(8),
            in_room: in_room.and_then(|word| word.parse().ok()),
        }
    }
}

/// Reads a state, which a constraint of the table has checked.
pub(crate) fn state(text: &str) -> State {
    text.parse().unwrap_or(State::Ended(InviteStatus::Unknown))
}
