//! The events of a room.

use std::fmt;

use serde_json::Value;

/// One event of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The event's type, such as `m.room.member`.
    pub kind: String,
    /// The key of state: for `m.room.third_party_invite` the token, for `m.room.member` the user.
    pub state_key: Option<String>,
    /// The user ID of its sender.
    pub sender: String,
    /// The event's content.
    pub content: Value,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        if let Some(state_key) = &self.state_key {
            write!(f, " ({state_key})")?;
        }
        write!(f, " from {}: {}", self.sender, self.content)
    }
}
