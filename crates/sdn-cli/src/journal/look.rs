//! Comparing what a journal leaves open with the room.

mod redacted;
mod state;

use std::collections::HashMap;

use sdn_proto::{CallError, ErrorCode, RoomId, ThirdPartyId};

use self::state::{GetState, State};
use super::file::{Entry, Journal};
use crate::connection::Connection;
use crate::drive::block_on;
use crate::exit::Exit;
use crate::failure::{advice, describe};
use crate::invitee::Invitee;
use crate::output::printable;

/// What the room says about an invitee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    InTheRoom,
    NotSeen,
    /// Its invitation may be there, or somebody else's who looks alike.
    Ambiguous,
}

impl Verdict {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::InTheRoom => "in_the_room",
            Self::NotSeen => "not_seen",
            Self::Ambiguous => "ambiguous",
        }
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::InTheRoom => "in the room",
            Self::NotSeen => "not seen",
            Self::Ambiguous => "ambiguous",
        }
    }
}

/// A verdict with its reasons.
#[derive(Debug)]
pub(super) struct Found<'a> {
    pub(super) verdict: Verdict,
    /// Of a user, if the room knows them.
    pub(super) membership: Option<&'a str>,
    /// The redacted address that the room shows.
    pub(super) display_name: Option<&'a str>,
    /// The journal's other addresses that are redacted alike.
    pub(super) alike: Vec<&'a str>,
}

impl Found<'_> {
    const NOT_SEEN: Self =
        Self { verdict: Verdict::NotSeen, membership: None, display_name: None, alike: Vec::new() };

    /// Returns the reasons for people.
    pub(super) fn reasons(&self) -> String {
        let mut text = printable(self.membership.or(self.display_name).unwrap_or_default());
        if let [first, others @ ..] = &*self.alike {
            text += &format!(" like {}", printable(first));
            if !others.is_empty() {
                text += &format!(" and {} more", others.len());
            }
        }
        text
    }
}

/// Asks the node for the room's state, or reports why there is none.
pub(super) fn ask(connection: Connection, room_id: RoomId) -> Result<State, Exit> {
    let connection = connection.located()?;
    let (driver, session) = (connection.driver(), connection.session);
    block_on(async {
        let call = GetState::new(room_id.clone());
        driver.send(&session, &call).await.map_err(|error| {
            let room = printable(room_id.as_str());
            let why = with_advice(&error);
            Exit::SomeRefused.reporting(format_args!("cannot read the room {room}: {why}"))
        })
    })
}

fn with_advice(error: &CallError) -> String {
    let api_error = error.api_error();
    let why = describe(error);
    if api_error.and_then(advice).is_some() {
        return why;
    }
    match api_error.and_then(|error| error.code()) {
        Some(ErrorCode::Forbidden | ErrorCode::NotFound) => {
            format!("{why}; use the token of a user who is in the room")
        }
        _ => format!("{why}; check --node, and run the command again"),
    }
}

/// A journal and the room's state.
pub(super) struct Comparison<'a> {
    state: &'a State,
    /// The journal's e-mail addresses, each as it was given, by redacted form.
    by_form: HashMap<String, Vec<&'a str>>,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(state: &'a State, journal: &'a Journal) -> Self {
        let mut by_form: HashMap<_, Vec<_>> = HashMap::new();
        for (invitee, entry) in journal.entries() {
            if let Invitee::ThirdParty(id) = invitee {
                if let Some(form) = redacted::form(id.address()) {
                    by_form.entry(form).or_default().push(&*entry.text);
                }
            }
        }
        Self { state, by_form }
    }

    /// Returns what the room says about an invitee of the journal.
    pub(super) fn find(&self, invitee: &Invitee, entry: &Entry) -> Found<'a> {
        match invitee {
            Invitee::User(user_id) => {
                let membership = self.state.members.get(user_id.as_str()).map(|text| &**text);
                let verdict = match membership {
                    Some("invite" | "join") => Verdict::InTheRoom,
                    _ => Verdict::NotSeen,
                };
                Found { verdict, membership, ..Found::NOT_SEEN }
            }
            Invitee::ThirdParty(id) => self.find_address(id, &entry.text),
        }
    }

    fn find_address(&self, id: &ThirdPartyId, text: &str) -> Found<'a> {
        let mut names = self.state.display_names.iter();
        if let Some(form) = redacted::form(id.address()) {
            if let Some(name) = self.state.display_names.get(&form) {
                let same = self.by_form.get(&form).into_iter().flatten().copied();
                let alike: Vec<_> = same.filter(|other| *other != text).collect();
                let verdict =
                    if alike.is_empty() { Verdict::InTheRoom } else { Verdict::Ambiguous };
                return Found { verdict, display_name: Some(name), alike, ..Found::NOT_SEEN };
            }
        }
        // A name that is another address's own form is that one's.
        let name = names.find(|(form, _)| {
            !self.by_form.contains_key(*form) && redacted::may_show(form, id.address())
        });
        match name {
            Some((_, name)) => {
                Found { verdict: Verdict::Ambiguous, display_name: Some(name), ..Found::NOT_SEEN }
            }
            None => Found::NOT_SEEN,
        }
    }
}
