//! Why a journal cannot be used, and what a person can do about it.

use std::io;
use std::path::Path;

use sdn_proto::ledger::State;
use sdn_proto::{Escaped, InviteStatus};

use super::record::{Damage, Header, Record, Version};

#[derive(Debug)]
pub(super) enum Problem {
    Unusable(io::Error),
    Unwritable(io::Error),
    /// Another process has it open.
    Busy,
    /// It is a device, a directory or the like.
    NotAFile,
    OtherRoom,
    /// Its version is newer than this program.
    Newer(u64),
    /// The first line is not a header. If the room is known, so is the line that belongs there.
    Header(Option<Header>),
    /// A line, counted from 1.
    Line(usize, Damage, Version),
}

impl Problem {
    /// Returns one line that says what is wrong with the journal at a path, and what to do.
    pub(super) fn describe(&self, path: &Path) -> String {
        match self {
            Self::Unusable(error) => {
                format!("it cannot be used ({error}); correct that, or name another")
            }
            Self::Unwritable(error) => {
                format!("it cannot be written ({error}); correct that, and run the command again")
            }
            Self::Busy => "another sdn is at work with it; wait until that has ended".to_owned(),
            Self::NotAFile => "it is not a file that can hold a journal; name another".to_owned(),
            Self::OtherRoom => {
                "it is the journal of another room; name another with --journal".to_owned()
            }
            Self::Newer(version) => format!(
                "line 1: it has version {version} and this sdn knows 1 and 2; use a newer sdn"
            ),
            Self::Header(None) => format!(
                "{NO_HEADER}. If it is a damaged journal, run `sdn invite` with its room and list: \
                 that prints the line which belongs there"
            ),
            Self::Header(Some(header)) => format!(
                "{NO_HEADER}. If it is the damaged journal of this room, replace line 1 by: {}",
                header.line()
            ),
            Self::Line(number, damage, version) => {
                let what = match damage {
                    Damage::Nul => {
                        "contains NUL bytes, which a power failure may leave in place of lines"
                    }
                    Damage::Check => {
                        "does not match its check value, because it was damaged or edited"
                    }
                    Damage::Form => "is not a line of a journal",
                };
                let command = command(path);
                let example = example(*version);
                format!(
                    "line {number} {what}; delete the line, even if it is the last. Then look into \
                     the room. If its invitee has an invitation there, run: {command} --settle \
                     INVITEE. Otherwise the next run may invite them again. A good line looks \
                     like this: {example}"
                )
            }
        }
    }
}

const NO_HEADER: &str = "line 1 is not the first line of a journal; name another file";

/// Returns a line as it should be.
fn example(version: Version) -> String {
    let (invitee, outcome) = ("alice@example.com".to_owned(), State::Ended(InviteStatus::Invited));
    Record { invitee, outcome, status: Some(200) }.line(version)
}

/// Returns the command that shows and decides what is open in a journal, for a shell.
pub(crate) fn command(path: &Path) -> String {
    let path = Escaped(&path.to_string_lossy()).to_string().replace('\'', r"'\''");
    // Otherwise it would be an option.
    let folder = if path.starts_with('-') { "./" } else { "" };
    format!("sdn journal '{folder}{path}'")
}
