//! Checking all input before anything is sent.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::time::Duration;

use sdn_proto::{InviteUser, RoomId, UserId};

use crate::args::InviteArgs;
use crate::connection::Connection;
use crate::exit::Exit;
use crate::identity::{self, Identity, Place};
use crate::input::{Problems, wait};
use crate::invitee::{Invitee, Kind, place};

/// What is to be done, all of it checked.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) connection: Connection,
    pub(super) room_id: RoomId,
    /// Each invitee as given on the command line, and who that is.
    pub(super) invitees: Vec<(String, Invitee)>,
    /// There if an invitee needs it.
    pub(super) identity: Option<Identity>,
    pub(super) reason: Option<String>,
    pub(super) wait: Duration,
    /// What people should know although it stops nothing.
    pub(super) notes: Vec<String>,
}

impl Plan {
    /// Checks everything, and tells all that is wrong.
    pub(super) fn new(args: &InviteArgs) -> Result<Self, Exit> {
        let mut problems = Problems::default();
        let room_id = problems.check("ROOM", RoomId::new(&args.room));
        let (invitees, notes) = invitees(&args.invitees, &mut problems);
        let connection = Connection::check(&args.connection, args.hides_secrets(), &mut problems);
        let identity = identity(args, &mut problems);
        let wait = wait(args.wait.as_deref(), &mut problems);
        check_reason(args, &mut problems);
        let plan = || {
            Some(Self {
                connection: connection?,
                room_id: room_id?,
                invitees,
                identity: identity?,
                reason: args.reason.clone(),
                wait: wait?,
                notes,
            })
        };
        problems.finish(plan())
    }

    /// The call that invites a user by ID.
    pub(super) fn invite_user(&self, user_id: &UserId) -> InviteUser {
        let call = InviteUser::new(self.room_id.clone(), user_id.clone());
        match &self.reason {
            Some(reason) => call.with_reason(reason),
            None => call,
        }
    }
}

/// Reads the invitees, each once: a second invitation would be a second mail.
fn invitees(texts: &[String], problems: &mut Problems) -> (Vec<(String, Invitee)>, Vec<String>) {
    let mut invitees = Vec::with_capacity(texts.len());
    let mut notes = Vec::new();
    let mut seen = HashMap::new();
    for (index, text) in texts.iter().enumerate() {
        let place = place("INVITEE", index, text);
        let Some(invitee) = problems.keep(&place, Invitee::parse(text)) else { continue };
        match seen.entry(invitee.clone()) {
            Entry::Occupied(first) => notes.push(format!(
                "{place}: the same as INVITEE {}, and invited only once",
                first.get() + 1
            )),
            Entry::Vacant(entry) => {
                entry.insert(index);
                invitees.push((text.clone(), invitee));
            }
        }
    }
    (invitees, notes)
}

/// Checks where the identity server is whenever that is given, and its token only if an invitee needs it.
fn identity(args: &InviteArgs, problems: &mut Problems) -> Option<Option<Identity>> {
    let (dialect, allows_http) = (args.connection.dialect(), args.connection.insecure_http);
    if !needs_identity_server(args) {
        return identity::place(&args.identity, dialect, allows_http, problems).ok().map(|_| None);
    }
    let identity = Identity::check(&args.identity, dialect, allows_http, problems)?;
    if args.dry_run && matches!(identity.place, Place::Discover(_)) {
        problems.add("--discover", "a dry run asks nobody; name the server with --id-server");
        return None;
    }
    Some(Some(identity))
}

fn needs_identity_server(args: &InviteArgs) -> bool {
    args.invitees.iter().any(|text| Kind::of(text).needs_identity_server())
}

fn check_reason(args: &InviteArgs, problems: &mut Problems) {
    if args.reason.is_some() && needs_identity_server(args) {
        problems.add(
            "--reason",
            "invitations by e-mail address or phone number carry none; \
             leave it out, or invite only user IDs",
        );
    }
}
