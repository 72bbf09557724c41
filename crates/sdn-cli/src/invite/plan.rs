//! Checks all input before anything is sent.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sdn_proto::flow::IdentityServerAt;
use sdn_proto::{Dialect, InviteUser, RoomId, UserId};

use crate::args::{InviteArgs, ListArgs};
use crate::connection::Connection;
use crate::identity::{self, Identity};
use crate::input::Problems;
use crate::invitee::{self, Invitee, Kind, note, place};
use crate::journal::file::Source;
use crate::list::{self, Given, Invalid};
use crate::output::printable;

/// What to do, after all checks.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) connection: Connection,
    /// The text and the value of each invitee.
    pub(super) invitees: Vec<(String, Invitee)>,
    /// How often an invitee was given again.
    pub(super) duplicates: usize,
    /// The rows of the list that are skipped.
    pub(super) invalid: Option<Invalid>,
    /// Whether the node is asked about wallets before they are invited.
    pub(super) checks_wallets: bool,
    /// The texts of wallets that nobody has logged in with.
    pub(super) absent: HashSet<String>,
    /// Present if an invitee needs it.
    pub(super) identity: Option<Identity>,
    pub(super) reason: Option<String>,
    /// The file in which to record the outcomes.
    pub(super) journal: Option<PathBuf>,
    /// What a new journal records about the list.
    pub(super) source: Option<Source>,
    /// Hints about valid input.
    pub(super) notes: Vec<String>,
}

impl Plan {
    /// Checks everything.
    pub(crate) fn check(args: &InviteArgs, problems: &mut Problems) -> Option<Self> {
        let (given, invalid) = list::read(args, problems);
        let (invitees, duplicates, notes) = invitees(&given, problems);
        if let Some(invalid) = invalid.as_ref().filter(|_| !args.dry_run) {
            let name = printable(&invalid.path().to_string_lossy());
            problems.keep(name, invalid.check());
        }
        let needs_identity_server =
            given.iter().any(|given| Kind::of(&given.text).needs_identity_server());
        let mut connection = Connection::check(&args.connection, args.hides_secrets(), problems);
        if let (Some(connection), Some(_), None) =
            (&mut connection, &args.list.from, &args.connection.server.wait)
        {
            connection.wait = LIST_WAIT;
        }
        if let (Some(connection), true) = (&connection, args.dry_run) {
            connection.check_url(problems);
        }
        let dialect = Connection::dialect(connection.as_ref(), &args.connection);
        if dialect == Dialect::Matrix && !args.no_check {
            for given in given.iter().filter(|given| invitee::wallet(&given.text).is_some()) {
                problems.add(place(&given.stand, &given.text), NO_WALLETS);
            }
        }
        let identity = identity(args, connection.as_ref(), needs_identity_server, problems);
        let is_link = args.list.from.as_deref().is_some_and(Path::is_symlink);
        if is_link && args.list.journal.is_none() && !args.dry_run && !args.has_outbox() {
            problems.add("--journal", LINK);
        }
        if args.reason.is_some() && needs_identity_server {
            problems.add("--reason", NO_REASON);
        }
        Some(Self {
            connection: connection?,
            invitees,
            duplicates,
            invalid,
            checks_wallets: !args.no_check,
            absent: HashSet::new(),
            identity: identity?,
            reason: args.reason.clone(),
            journal: journal(args),
            source: source(&args.list),
            notes,
        })
    }

    /// Returns why to skip an invitee, if it is a wallet that nobody has logged in with.
    pub(super) fn why_absent(&self, text: &str) -> Option<&'static str> {
        self.absent.contains(text).then_some(NOBODY)
    }

    /// Returns the number of invitees.
    pub(crate) fn count(&self) -> usize {
        self.invitees.len()
    }

    /// Returns hints about valid input.
    pub(crate) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Returns the call that invites a user by ID.
    pub(super) fn invite_user(&self, room_id: &RoomId, user_id: &UserId) -> InviteUser {
        let call = InviteUser::new(room_id.clone(), user_id.clone());
        match &self.reason {
            Some(reason) => call.with_reason(reason),
            None => call,
        }
    }
}

/// Returns the invitees, each once, because a second invitation would send a second mail. Returns
/// also how often an invitee was given again, and the hints.
fn invitees(
    given: &[Given],
    problems: &mut Problems,
) -> (Vec<(String, Invitee)>, usize, Vec<String>) {
    let mut invitees: Vec<(String, Invitee)> = Vec::with_capacity(given.len());
    let (mut duplicates, mut notes) = (0, Vec::new());
    let mut seen: HashMap<_, (_, usize)> = HashMap::new();
    for Given { stand, text, invitee, .. } in given {
        let place = place(stand, text);
        let Some(invitee) = problems.keep(&place, invitee.as_ref()) else { continue };
        match seen.entry(invitee.clone()) {
            Entry::Occupied(first) => {
                let (first, index) = *first.get();
                duplicates += 1;
                notes.push(format!("{place}: the same invitee as {first}, invited only once"));
                // The text of a wallet is kept, because wallets are checked by their text.
                let kept = &mut invitees[index].0;
                if invitee::wallet(kept).is_none() && invitee::wallet(text).is_some() {
                    kept.clone_from(text);
                }
            }
            Entry::Vacant(entry) => {
                notes.extend(note(text).map(|note| format!("{place}: {note}")));
                entry.insert((stand, invitees.len()));
                invitees.push((text.clone(), invitee.clone()));
            }
        }
    }
    (invitees, duplicates, notes)
}

/// Checks where the identity server is, if that is given. Its token is checked only if an invitee needs it.
fn identity(
    args: &InviteArgs,
    checked: Option<&Connection>,
    is_needed: bool,
    problems: &mut Problems,
) -> Option<Option<Identity>> {
    if !is_needed {
        let at = identity::at(&args.identity, checked, &args.connection, problems);
        return at.ok().map(|_| None);
    }
    let identity = Identity::check(&args.identity, checked, &args.connection, problems)?;
    if args.dry_run && matches!(identity.at, IdentityServerAt::Discover(_)) {
        problems.add("--discover", "a dry run sends nothing; name the server with --id-server");
        return None;
    }
    Some(Some(identity))
}

/// Returns the journal's path: next to the list, unless a file is named. A list from standard input
/// has none.
fn journal(args: &InviteArgs) -> Option<PathBuf> {
    let next_to = |list: &Path| {
        let mut path = list.as_os_str().to_owned();
        path.push(".journal");
        PathBuf::from(path)
    };
    let list = args.list.from.as_deref().filter(|&list| list != Path::new("-"));
    args.list.journal.clone().or_else(|| list.map(next_to))
}

/// Returns what a journal records about the list. The path is relative to the journal if that is
/// next to the list.
fn source(args: &ListArgs) -> Option<Source> {
    let list = args.from.as_deref().filter(|&list| list != Path::new("-"))?;
    let path = match args.journal {
        None => PathBuf::from(list.file_name()?),
        Some(_) => fs::canonicalize(list).ok()?,
    };
    Some(Source {
        list: path.to_str()?.to_owned(),
        column: args.column.clone(),
        delimiter: args.delimiter.clone(),
    })
}

/// Rate limits of nodes last minutes, and a list should be finished.
const LIST_WAIT: Duration = Duration::from_secs(3600);

const LINK: &str =
    "required: the list is a symbolic link, whose target may change; name the journal";

const NO_REASON: &str = "invitations by e-mail address or phone number cannot have a reason; \
     remove it, or invite only user IDs";

const NO_WALLETS: &str = "a Matrix node does not know wallets; give a user ID";

/// Why a wallet is not invited.
const NOBODY: &str = "nobody has logged in with this wallet; ask its owner to log in, or skip \
     the check with --no-check";
