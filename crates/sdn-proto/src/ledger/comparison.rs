use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::people::People;
use super::redaction;
use crate::error::{InvalidInput, Rule};
use crate::id::UserId;
use crate::threepid::ThirdPartyId;

/// What a look at the room says about an invitee.
///
/// As text and as JSON it is `in_the_room`, `not_seen` or `ambiguous`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The invitee is a member or is invited, so the invitation can be settled.
    InTheRoom,
    /// The room shows no invitation of this invitee. The node may still be working on it.
    NotSeen,
    /// The room shows an invitation that may be this one or another one. A person has to decide.
    Ambiguous,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 3] = [Self::InTheRoom, Self::NotSeen, Self::Ambiguous];

    /// Returns the word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InTheRoom => "in_the_room",
            Self::NotSeen => "not_seen",
            Self::Ambiguous => "ambiguous",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Verdict {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, InvalidInput> {
        let verdict = Self::ALL.into_iter().find(|verdict| verdict.as_str() == text);
        verdict.ok_or(InvalidInput::new("verdict", Rule::UnknownWord))
    }
}

/// A verdict with its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Found<'a> {
    /// The verdict.
    pub verdict: Verdict,
    /// The membership of a user, if the room has one.
    pub membership: Option<&'a str>,
    /// The redacted address that the room shows.
    pub display_name: Option<&'a str>,
    /// The other addresses in the store that are redacted in the same way.
    pub alike: Vec<&'a ThirdPartyId>,
}

impl<'a> Found<'a> {
    const NOT_SEEN: Self =
        Self { verdict: Verdict::NotSeen, membership: None, display_name: None, alike: Vec::new() };

    fn shown(verdict: Verdict, display_name: &'a str) -> Self {
        Self { verdict, display_name: Some(display_name), ..Self::NOT_SEEN }
    }
}

/// Compares the invitees of a store with the [people](People) of the room.
///
/// A room shows an invited address only in a redacted form, such as `car...@exa...`, and several
/// addresses can have the same form. So it needs all addresses that the store has for the room, in
/// every state.
///
/// ```
/// use sdn_proto::ledger::{Comparison, GetPeople, Verdict};
/// use sdn_proto::{Call, ThirdPartyId};
///
/// # let state = r#"[
/// #     {"type":"m.room.third_party_invite","state_key":"tok","sender":"@alice:node.example","content":{
/// #     "display_name":"car...@exa...","key_validity_url":"https://id.example/x",
/// #     "public_key":"mN6qmPE8hy5P5fkXx+fEblXFgj7CMVG8PQOEInHSWdU"}}]"#;
/// # let response = http::Response::new(state);
/// // The room's state has one invitation, of `car...@exa...`.
/// let people = GetPeople::parse_response(&response)?;
/// let carol = ThirdPartyId::email("carol@example.com")?;
/// let caroline = ThirdPartyId::email("caroline@example.org")?;
/// let dave = ThirdPartyId::email("dave@example.com")?;
///
/// let comparison = Comparison::new(&people, [&carol, &dave]);
/// assert_eq!(comparison.third_party(&carol).verdict, Verdict::InTheRoom);
/// assert_eq!(comparison.third_party(&dave).verdict, Verdict::NotSeen);
///
/// // It may be either one's.
/// let comparison = Comparison::new(&people, [&carol, &caroline, &dave]);
/// assert_eq!(comparison.third_party(&carol).verdict, Verdict::Ambiguous);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Comparison<'a> {
    people: &'a People,
    /// The e-mail addresses of the store by redacted form.
    by_form: HashMap<String, Vec<&'a ThirdPartyId>>,
}

impl<'a> Comparison<'a> {
    /// Compares the people of a room with all addresses that the store has for it.
    pub fn new(people: &'a People, stored: impl IntoIterator<Item = &'a ThirdPartyId>) -> Self {
        let mut by_form: HashMap<_, Vec<_>> = HashMap::new();
        for id in stored {
            if let Some(form) = redaction::form(id.address()) {
                by_form.entry(form).or_default().push(id);
            }
        }
        Self { people, by_form }
    }

    /// Returns what the room says about a user.
    pub fn user(&self, user_id: &UserId) -> Found<'a> {
        let membership = self.people.membership(user_id);
        let verdict = match membership {
            Some("invite" | "join") => Verdict::InTheRoom,
            _ => Verdict::NotSeen,
        };
        Found { verdict, membership, ..Found::NOT_SEEN }
    }

    /// Returns what the room says about an address.
    pub fn third_party(&self, id: &ThirdPartyId) -> Found<'a> {
        let names = &self.people.display_names;
        if let Some(form) = redaction::form(id.address()) {
            if let Some(name) = names.get(&form) {
                let same = self.by_form.get(&form).into_iter().flatten().copied();
                let alike: Vec<_> = same.filter(|other| *other != id).collect();
                let is_one = alike.is_empty();
                let verdict = if is_one { Verdict::InTheRoom } else { Verdict::Ambiguous };
                return Found { alike, ..Found::shown(verdict, name) };
            }
        }
        // A name that is the form of another address belongs to that one.
        let name = names.iter().find(|(form, _)| {
            !self.by_form.contains_key(*form) && redaction::may_show(form, id.address())
        });
        name.map_or(Found::NOT_SEEN, |(_, name)| Found::shown(Verdict::Ambiguous, name))
    }
}
