use sdn_proto::InviteStatus;

use crate::error::Error;

/// What a worker reports while it runs.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// An invitation ended. If it was not sent, it is tried again later.
    #[non_exhaustive]
    Ended {
        /// Its ID.
        id: i64,
        /// The room.
        room_id: String,
        /// The e-mail address, phone number or user ID.
        invitee: String,
        /// How it ended.
        status: InviteStatus,
        /// What went wrong, on one line.
        problem: Option<String>,
    },
    /// An invitation is not sent until a person decides, because another program has changed it.
    #[non_exhaustive]
    Held {
        /// Its ID.
        id: i64,
        /// What is wrong, on one line.
        problem: String,
    },
    /// This many invitations became unknown, because their workers stopped while they sent them.
    Expired(u64),
    /// The database failed, or cannot be reached. The worker tries again.
    DatabaseFailed(Error),
    /// The database is connected again.
    Reconnected,
}
