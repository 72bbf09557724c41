//! A room: its events in order, and the rules about who may invite.

use std::fmt;

use http::StatusCode;
use serde_json::{Value, json};

use crate::answer::Refusal;

/// One event of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The event's type, such as `m.room.member`.
    pub kind: String,
    /// What the state is about; for `m.room.third_party_invite` the token, for `m.room.member` the user ID.
    pub state_key: Option<String>,
    /// The user ID of who made it.
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

pub(crate) struct Room {
    id: String,
    creator: String,
    events: Vec<Event>,
}

impl Room {
    pub(crate) fn new(id: &str, creator: &str) -> Self {
        let mut room = Room { id: id.to_owned(), creator: creator.to_owned(), events: Vec::new() };
        room.append("m.room.create", "", creator, json!({ "creator": creator }));
        room.set_membership(creator, creator, "join");
        room.append("m.room.power_levels", "", creator, json!({ "users": { creator: 100 } }));
        room
    }

    pub(crate) fn creator(&self) -> &str {
        &self.creator
    }

    pub(crate) fn events(&self) -> &[Event] {
        &self.events
    }

    /// The newest event of each type and state key, oldest first, each with its place in the room.
    pub(crate) fn state(&self) -> Vec<(usize, &Event)> {
        let is_current = |index: usize, event: &Event| {
            !self.events[index + 1..]
                .iter()
                .any(|later| later.kind == event.kind && later.state_key == event.state_key)
        };
        self.events.iter().enumerate().filter(|(index, event)| is_current(*index, event)).collect()
    }

    pub(crate) fn content(&self, kind: &str, state_key: &str) -> Option<&Value> {
        self.events
            .iter()
            .rfind(|event| event.kind == kind && event.state_key.as_deref() == Some(state_key))
            .map(|event| &event.content)
    }

    fn append(&mut self, kind: &str, state_key: &str, sender: &str, content: Value) {
        self.events.push(Event {
            kind: kind.to_owned(),
            state_key: Some(state_key.to_owned()),
            sender: sender.to_owned(),
            content,
        });
    }

    pub(crate) fn set_membership(&mut self, user: &str, sender: &str, membership: &str) {
        self.append("m.room.member", user, sender, json!({ "membership": membership }));
    }

    pub(crate) fn set_power(&mut self, user: &str, level: i64) {
        self.change_power_levels(|levels| levels["users"][user] = level.into());
    }

    pub(crate) fn set_invite_power(&mut self, level: i64) {
        self.change_power_levels(|levels| levels["invite"] = level.into());
    }

    fn change_power_levels(&mut self, change: impl FnOnce(&mut Value)) {
        let mut levels = self.content("m.room.power_levels", "").cloned().unwrap_or(json!({}));
        change(&mut levels);
        let creator = self.creator.clone();
        self.append("m.room.power_levels", "", &creator, levels);
    }

    fn membership(&self, user: &str) -> Option<&str> {
        self.content("m.room.member", user)?.get("membership")?.as_str()
    }

    pub(crate) fn is_joined(&self, user: &str) -> bool {
        self.membership(user) == Some("join")
    }

    fn may_invite(&self, sender: &str) -> bool {
        let levels = self.content("m.room.power_levels", "");
        let level = |pointer: &[&str]| {
            pointer.iter().try_fold(levels?, |value, key| value.get(*key)).and_then(Value::as_i64)
        };
        level(&["users", sender]).unwrap_or(0) >= level(&["invite"]).unwrap_or(0)
    }

    /// Whether `sender` may invite `user`.
    pub(crate) fn check_invite(&self, sender: &str, user: &str) -> Result<(), Refusal> {
        if self.membership(user) == Some("ban") {
            let error = "Cannot invite user who was banned";
            return Err(Refusal::new(StatusCode::FORBIDDEN, "M_BAD_STATE", error));
        }
        if !self.is_joined(sender) {
            return Err(Refusal::forbidden(&format!("{sender} not in room {}.", self.id)));
        }
        if self.is_joined(user) {
            return Err(Refusal::forbidden(&format!("{user} is already in the room.")));
        }
        self.check_power(sender)
    }

    /// Appends the invitation of a user.
    pub(crate) fn invite(&mut self, sender: &str, user: &str, reason: Option<Value>) {
        let mut content = json!({ "membership": "invite" });
        if let Some(reason) = reason {
            content["reason"] = reason;
        }
        // A second invitation that says the same changes nothing.
        if self.content("m.room.member", user) != Some(&content) {
            self.append("m.room.member", user, sender, content);
        }
    }

    /// Appends the invitation of somebody who has no user ID yet, if `sender` may.
    pub(crate) fn invite_third_party(
        &mut self,
        sender: &str,
        token: &str,
        content: Value,
    ) -> Result<(), Refusal> {
        if !self.is_joined(sender) {
            return Err(not_in_room(sender, &self.id));
        }
        self.check_power(sender)?;
        self.append("m.room.third_party_invite", token, sender, content);
        Ok(())
    }

    fn check_power(&self, sender: &str) -> Result<(), Refusal> {
        if self.may_invite(sender) {
            return Ok(());
        }
        Err(Refusal::forbidden("You don't have permission to invite users"))
    }
}

pub(crate) fn not_in_room(user: &str, room: &str) -> Refusal {
    Refusal::forbidden(&format!("User {user} not in room {room}"))
}
