//! A room: its events in order, and the rules about who may invite.

use std::collections::HashMap;

use http::StatusCode;
use serde_json::{Value, json};

use super::event::Event;
use super::signed::is_signed_by;
use crate::answer::Refusal;

/// The power level needed to change most state, if the room sets none.
const STATE_LEVEL: i64 = 50;

/// The power level needed to remove a member, if the room sets none.
const KICK_LEVEL: i64 = 50;

pub(crate) struct Room {
    id: String,
    creator: String,
    events: Vec<Event>,
    /// Event type and state key to the position of the newest such event.
    newest: HashMap<String, HashMap<String, usize>>,
}

impl Room {
    pub(crate) fn new(id: &str, creator: &str) -> Self {
        let mut room = Room {
            id: id.to_owned(),
            creator: creator.to_owned(),
            events: Vec::new(),
            newest: HashMap::new(),
        };
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

    /// The newest event of each type and state key, oldest first, each with its position in the room.
    pub(crate) fn state(&self) -> Vec<(usize, &Event)> {
        let is_current = |index: usize, event: &Event| {
            event.state_key.as_deref().and_then(|key| self.place(&event.kind, key)) == Some(index)
        };
        self.events.iter().enumerate().filter(|(index, event)| is_current(*index, event)).collect()
    }

    pub(crate) fn content(&self, kind: &str, state_key: &str) -> Option<&Value> {
        self.event(kind, state_key).map(|event| &event.content)
    }

    fn event(&self, kind: &str, state_key: &str) -> Option<&Event> {
        self.events.get(self.place(kind, state_key)?)
    }

    fn place(&self, kind: &str, state_key: &str) -> Option<usize> {
        self.newest.get(kind)?.get(state_key).copied()
    }

    fn append(&mut self, kind: &str, state_key: &str, sender: &str, content: Value) {
        let place = self.events.len();
        self.newest.entry(kind.to_owned()).or_default().insert(state_key.to_owned(), place);
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

    /// Returns whether a user has joined or is invited.
    pub(crate) fn is_in(&self, user: &str) -> bool {
        matches!(self.membership(user), Some("join" | "invite"))
    }

    fn is_public(&self) -> bool {
        self.content("m.room.join_rules", "").is_some_and(|rules| rules["join_rule"] == "public")
    }

    fn may_invite(&self, sender: &str) -> bool {
        self.power_of(sender) >= self.power(&["invite"]).unwrap_or(0)
    }

    fn power_of(&self, user: &str) -> i64 {
        self.power(&["users", user]).unwrap_or(0)
    }

    fn power(&self, pointer: &[&str]) -> Option<i64> {
        let levels = self.content("m.room.power_levels", "")?;
        pointer.iter().try_fold(levels, |value, key| value.get(*key))?.as_i64()
    }

    /// Returns whether `sender` may invite `user`.
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
        let content = member("invite", reason);
        // An equal second invitation changes nothing.
        if self.content("m.room.member", user) != Some(&content) {
            self.append("m.room.member", user, sender, content);
        }
    }

    /// Appends the invitation of an invitee without a user ID, if `sender` may invite.
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

    /// Turns the invitation of an identifier's owner into an invitation of `user`.
    ///
    /// `signed` is the proof: it names the user and the invitation's token, and one of the keys in
    /// the invitation has signed it. Like real nodes, it does not report what is wrong with a proof.
    pub(crate) fn accept_third_party(
        &mut self,
        sender: &str,
        user: &str,
        signed: &Value,
    ) -> Result<(), Refusal> {
        let is_proof = |event: &&Event| {
            let content = &event.content;
            let listed = content["public_keys"].as_array().into_iter().flatten();
            let keys = listed.map(|key| &key["public_key"]).chain([&content["public_key"]]);
            event.sender == sender
                && signed["mxid"] == user
                && is_signed_by(signed, &keys.filter_map(Value::as_str).collect::<Vec<_>>())
        };
        let invite = signed["token"]
            .as_str()
            .and_then(|token| self.event("m.room.third_party_invite", token))
            .filter(is_proof)
            .filter(|_| self.membership(user) != Some("ban"))
            .ok_or_else(not_invited)?;
        let display_name = invite.content["display_name"].clone();
        if !self.is_joined(user) {
            let proof = json!({ "display_name": display_name, "signed": signed });
            let content = json!({ "membership": "invite", "third_party_invite": proof });
            self.append("m.room.member", user, sender, content);
        }
        Ok(())
    }

    /// Joins a user who is invited, or any user if the room is public. Joining again changes nothing.
    pub(crate) fn join(&mut self, user: &str, reason: Option<Value>) -> Result<(), Refusal> {
        match self.membership(user) {
            Some("join") => Ok(()),
            Some("invite") => {
                self.set_own_membership(user, "join", reason);
                Ok(())
            }
            Some("ban") => Err(Refusal::forbidden("You are banned from this room")),
            _ if self.is_public() => {
                self.set_own_membership(user, "join", reason);
                Ok(())
            }
            _ => Err(not_invited()),
        }
    }

    /// Leaves the room, or declines an invitation.
    pub(crate) fn leave(&mut self, user: &str, reason: Option<Value>) -> Result<(), Refusal> {
        match self.membership(user) {
            Some("join" | "invite") => {
                self.set_own_membership(user, "leave", reason);
                Ok(())
            }
            Some("leave") => Ok(()),
            _ => Err(not_in_room(user, &self.id)),
        }
    }

    /// Removes a user who has joined or is invited, if `sender` has enough power.
    pub(crate) fn kick(
        &mut self,
        sender: &str,
        user: &str,
        reason: Option<Value>,
    ) -> Result<(), Refusal> {
        let needed = self.power(&["kick"]).unwrap_or(KICK_LEVEL);
        let power = self.power_of(sender);
        if user != sender && (power < needed || power <= self.power_of(user)) {
            return Err(Refusal::forbidden(&format!("You cannot kick user {user}.")));
        }
        self.append("m.room.member", user, sender, member("leave", reason));
        Ok(())
    }

    fn set_own_membership(&mut self, user: &str, membership: &str, reason: Option<Value>) {
        self.append("m.room.member", user, user, member(membership, reason));
    }

    /// Sets state and returns the event's position in the room.
    pub(crate) fn set_state(
        &mut self,
        sender: &str,
        kind: &str,
        state_key: &str,
        content: Value,
    ) -> Result<usize, Refusal> {
        if !self.is_joined(sender) {
            return Err(not_in_room(sender, &self.id));
        }
        match kind {
            "m.room.third_party_invite" => self.check_power(sender)?,
            "m.room.member" => return Err(Refusal::unrecognized()),
            _ => self.check_state_power(sender)?,
        }
        self.append(kind, state_key, sender, content);
        Ok(self.events.len() - 1)
    }

    fn check_state_power(&self, sender: &str) -> Result<(), Refusal> {
        let level = self.power_of(sender);
        if level >= STATE_LEVEL {
            return Ok(());
        }
        Err(Refusal::forbidden(&format!(
            "You don't have permission to post that to the room. user_level ({level}) < send_level ({STATE_LEVEL})"
        )))
    }

    fn check_power(&self, sender: &str) -> Result<(), Refusal> {
        if self.may_invite(sender) {
            return Ok(());
        }
        Err(Refusal::forbidden("You don't have permission to invite users"))
    }
}

/// Returns the content of an `m.room.member`.
fn member(membership: &str, reason: Option<Value>) -> Value {
    let mut content = json!({ "membership": membership });
    if let Some(reason) = reason {
        content["reason"] = reason;
    }
    content
}

fn not_invited() -> Refusal {
    Refusal::forbidden("You are not invited to this room.")
}

pub(crate) fn not_in_room(user: &str, room: &str) -> Refusal {
    Refusal::forbidden(&format!("User {user} not in room {room}"))
}
