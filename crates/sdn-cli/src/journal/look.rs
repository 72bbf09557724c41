//! Looking at the room, to compare it with what a journal leaves open.

use sdn_proto::ledger::{Comparison, Found, GetPeople, People, Verdict};
use sdn_proto::{CallError, ErrorCode, RoomId};

use super::file::Journal;
use crate::connection::Connection;
use crate::drive::block_on;
use crate::exit::Exit;
use crate::failure::{advice, describe};
use crate::invitee::Invitee;
use crate::output::{Colour, paint, printable};

/// Gets the people of the room, or reports why that failed.
pub(super) fn ask(connection: Connection, room_id: RoomId) -> Result<People, Exit> {
    let connection = connection.located()?;
    let (driver, session) = (connection.driver(), connection.session);
    block_on(async {
        let call = GetPeople::new(room_id.clone());
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

/// Compares the people of the room with all invitees of the journal.
pub(super) fn compare<'a>(people: &'a People, journal: &'a Journal) -> Comparison<'a> {
    let invitees = journal.entries().into_iter().map(|(invitee, _)| invitee);
    Comparison::new(people, invitees.filter_map(Invitee::third_party))
}

/// Returns what the room says about an invitee.
pub(super) fn find<'a>(comparison: &Comparison<'a>, invitee: &Invitee) -> Found<'a> {
    match invitee {
        Invitee::User(user_id) => comparison.user(user_id),
        Invitee::ThirdParty(id) => comparison.third_party(id),
    }
}

/// Returns the invitees of the journal, as they were given, that a room shows in the same way.
pub(super) fn alike<'a>(found: &Found<'_>, journal: &'a Journal) -> Vec<&'a str> {
    let text = |id: &_| journal.text(&Invitee::ThirdParty(Clone::clone(id)));
    found.alike.iter().filter_map(|id| text(*id)).collect()
}

/// Returns the reasons of a verdict for people.
pub(super) fn reasons(found: &Found<'_>, alike: &[&str]) -> String {
    let mut text = printable(found.membership.or(found.display_name).unwrap_or_default());
    if let [first, others @ ..] = alike {
        text += &format!(" like {}", printable(first));
        if !others.is_empty() {
            text += &format!(" and {} more", others.len());
        }
    }
    text
}

/// Returns a verdict for people.
pub(super) fn words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::InTheRoom => "in the room",
        Verdict::NotSeen => "not seen",
        Verdict::Ambiguous => "ambiguous",
    }
}

/// Returns a verdict in its colour and with trailing spaces.
pub(super) fn coloured(verdict: Verdict) -> String {
    let colour = match verdict {
        Verdict::InTheRoom => Colour::Green,
        Verdict::NotSeen => Colour::Red,
        Verdict::Ambiguous => Colour::Yellow,
    };
    paint(colour, &format!("{:<11}", words(verdict)))
}
