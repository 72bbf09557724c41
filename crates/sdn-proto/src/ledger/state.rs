use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::not_allowed::NotAllowed;
use crate::error::{InvalidInput, Rule};
use crate::invite_status::InviteStatus;

/// What a store says about one invitation: its last record.
///
/// As text and as JSON it is `new`, `sending`, `invited`, `refused`, `not_sent`, `unknown`,
/// `settled` or `retry`. These words do not change, so they can be stored.
///
/// ```
/// use sdn_proto::InviteStatus;
/// use sdn_proto::ledger::State;
///
/// let state: State = "not_sent".parse()?;
/// assert_eq!(state, State::Ended(InviteStatus::NotSent));
///
/// // A database can select the invitations that may be sent.
/// let words: Vec<_> =
///     State::ALL.iter().filter(|state| state.may_be_sent()).map(|state| state.as_str()).collect();
/// assert_eq!(words, ["new", "not_sent", "retry"]);
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// It has never been sent. A store may have no record for this.
    New,
    /// Its request may be under way.
    Sending,
    /// Its last request ended with this status.
    Ended(InviteStatus),
    /// A person has decided that nothing is left to do.
    Settled,
    /// A person has decided that it is sent again.
    Retry,
}

/// What a person decides about an invitation. As JSON it is `settle` or `retry`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Nothing is left to do: the invitation is in the room, or is not wanted any more.
    Settle,
    /// It is sent again.
    Retry,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 8] = [
        Self::New,
        Self::Sending,
        Self::Ended(InviteStatus::Invited),
        Self::Ended(InviteStatus::Refused),
        Self::Ended(InviteStatus::NotSent),
        Self::Ended(InviteStatus::Unknown),
        Self::Settled,
        Self::Retry,
    ];

    /// Returns what to record, durably, before the request is sent.
    ///
    /// # Errors
    ///
    /// Returns why it must not be sent, unless [`may_be_sent`](Self::may_be_sent) is true.
    pub fn begin(self) -> Result<Self, NotAllowed> {
        match self {
            Self::New | Self::Retry | Self::Ended(InviteStatus::NotSent) => Ok(Self::Sending),
            Self::Sending => Err(NotAllowed::Sending),
            Self::Ended(InviteStatus::Invited) => Err(NotAllowed::Invited),
            Self::Ended(InviteStatus::Refused) => Err(NotAllowed::Refused),
            Self::Ended(InviteStatus::Unknown) => Err(NotAllowed::Unknown),
            Self::Settled => Err(NotAllowed::Settled),
        }
    }

    /// Returns what to record after the request.
    ///
    /// It also accepts a late outcome, after the invitation was resumed as unknown.
    ///
    /// # Errors
    ///
    /// Returns [`NotAllowed::NotSending`] if something else was recorded meanwhile.
    pub fn finish(self, status: InviteStatus) -> Result<Self, NotAllowed> {
        match self {
            Self::Sending | Self::Ended(InviteStatus::Unknown) => Ok(Self::Ended(status)),
            _ => Err(NotAllowed::NotSending),
        }
    }

    /// Returns the state after a crash, when nobody is sending the invitation.
    ///
    /// [`Sending`](Self::Sending) becomes unknown, because the request may have been sent. Any
    /// other state stays.
    #[must_use]
    pub fn resume(self) -> Self {
        match self {
            Self::Sending => Self::Ended(InviteStatus::Unknown),
            other => other,
        }
    }

    /// Returns what to record when a person decides.
    ///
    /// Everything can be settled except an invitation that is being sent or was accepted. The same
    /// can be retried, except a new one.
    ///
    /// ```
    /// use sdn_proto::InviteStatus;
    /// use sdn_proto::ledger::{Decision, NotAllowed, State};
    ///
    /// let state = State::Ended(InviteStatus::Unknown);
    /// assert_eq!(state.decide(Decision::Retry), Ok(State::Retry));
    /// let state = State::Ended(InviteStatus::Invited);
    /// assert_eq!(state.decide(Decision::Retry), Err(NotAllowed::Invited));
    /// ```
    ///
    /// # Errors
    ///
    /// Returns why that decision cannot be made.
    pub fn decide(self, decision: Decision) -> Result<Self, NotAllowed> {
        match (self, decision) {
            (Self::Sending, _) => Err(NotAllowed::Sending),
            (Self::Ended(InviteStatus::Invited), _) => Err(NotAllowed::Invited),
            (Self::New, Decision::Retry) => Err(NotAllowed::New),
            (_, Decision::Settle) => Ok(Self::Settled),
            (_, Decision::Retry) => Ok(Self::Retry),
        }
    }

    /// Returns whether the invitation may be sent: it certainly was not sent before, or a person has
    /// decided to retry it.
    pub fn may_be_sent(self) -> bool {
        self.begin().is_ok()
    }

    /// Returns whether a person has to decide, because the node refused or the outcome is unknown.
    pub fn needs_decision(self) -> bool {
        matches!(self, Self::Ended(InviteStatus::Refused | InviteStatus::Unknown))
    }

    /// Returns what is known about the invitation, or `None` if a person has settled it.
    ///
    /// It is [`NotSent`](InviteStatus::NotSent) if it may be sent, and
    /// [`Unknown`](InviteStatus::Unknown) while it is being sent.
    pub fn status(self) -> Option<InviteStatus> {
        match self {
            Self::New | Self::Retry => Some(InviteStatus::NotSent),
            Self::Sending => Some(InviteStatus::Unknown),
            Self::Ended(status) => Some(status),
            Self::Settled => None,
        }
    }

    /// Returns the word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Sending => "sending",
            Self::Ended(status) => status.as_str(),
            Self::Settled => "settled",
            Self::Retry => "retry",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for State {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, InvalidInput> {
        let state = Self::ALL.into_iter().find(|state| state.as_str() == text);
        state.ok_or(InvalidInput::new("state", Rule::UnknownWord))
    }
}

impl Serialize for State {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for State {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}
