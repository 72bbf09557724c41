use std::error::Error;
use std::fmt;

/// Why a step of an invitation is not allowed. `Display` says what to do instead.
///
/// ```
/// use sdn_proto::ledger::{NotAllowed, State};
///
/// let error = State::Settled.begin().unwrap_err();
/// assert_eq!(error, NotAllowed::Settled);
/// assert_eq!(error.to_string(), "settled by a person; decide to retry it before it is sent");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NotAllowed {
    /// It is being sent. If its sender has stopped, [resume](super::State::resume) it.
    Sending,
    /// The node accepted it: another one would be a second mail.
    Invited,
    /// The node refused it, perhaps after a mail. A person has to decide.
    Refused,
    /// The node may have invited. A person has to decide.
    Unknown,
    /// A person has settled it.
    Settled,
    /// It has never been sent, so there is nothing to retry.
    New,
    /// An outcome arrived, but no request is under way.
    NotSending,
}

impl fmt::Display for NotAllowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sending => "being sent; wait for the outcome",
            Self::Invited => "invited already; do not send a second invitation",
            Self::Refused => "refused before, perhaps after a mail; look at the room and decide",
            Self::Unknown => "perhaps invited already; look at the room and decide",
            Self::Settled => "settled by a person; decide to retry it before it is sent",
            Self::New => "not sent before; send it without a decision",
            Self::NotSending => "no request is under way; keep the recorded state",
        })
    }
}

impl Error for NotAllowed {}
