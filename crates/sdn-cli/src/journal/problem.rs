//! Why a journal cannot be used, and how a person can fix that.

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
    /// It is a device, a directory or something similar.
    NotAFile,
    OtherRoom,
    /// Its version is newer than this program.
    Newer(u64),
    /// The first line is not a header. If the room is known, this is the right header.
    Header(Option<Header>),
    /// A line, counted from 1.
    Line(usize, Damage, Version),
}

impl Problem {
    /// Returns one line that says what is wrong with the journal at `path`, and what to do.
    pub(super) fn describe(&self, path: &Path) -> String {
        match self {
            Self::Unusable(error) if error.kind() == io::ErrorKind::NotFound => {
                "there is no such file or folder; name another file".to_owned()
            }
            Self::Unusable(error) => {
                format!("it cannot be used ({error}); fix that, or name another file")
            }
            Self::Unwritable(error) => {
                format!("it cannot be written ({error}); fix that, and run the command again")
            }
            Self::Busy => {
                "another sdn process is using it; wait until that process has ended".to_owned()
            }
            Self::NotAFile => "it is not a regular file; name another file".to_owned(),
            Self::OtherRoom => {
                "it is the journal of another room; name another file with --journal".to_owned()
            }
            Self::Newer(version) => format!(
                "line 1: it has version {version} and this sdn knows 1 and 2; use a newer sdn"
            ),
            Self::Header(None) => format!(
                "{NO_HEADER}. If it is a damaged journal, run `sdn invite` with its room and list: \
                 that prints the right first line"
            ),
            Self::Header(Some(header)) => format!(
                "{NO_HEADER}. If it is the damaged journal of this room, replace line 1 with: {}",
                header.line()
            ),
            Self::Line(number, damage, version) => {
                let what = match damage {
                    Damage::Nul => "contains NUL bytes, perhaps because of a power failure",
                    Damage::Check => "was damaged or edited: its check value does not match",
                    Damage::Form => "is not a line of a journal",
                };
                let command = command(path);
                let example = example(*version);
                format!(
                    "line {number} {what}; delete that line, even if it is the last one. Then look at \
                     the room. If its invitee is invited there, run: {command} --settle INVITEE. \
                     Otherwise the next run may send a second invitation. A good line looks like \
                     this: {example}"
                )
            }
        }
    }
}

const NO_HEADER: &str = "line 1 is not the first line of a journal; name another file";

/// Returns an example of a good line.
fn example(version: Version) -> String {
    let (invitee, outcome) = ("alice@example.com".to_owned(), State::Ended(InviteStatus::Invited));
    Record { invitee, outcome, status: Some(200) }.line(version)
}

/// Returns the `sdn journal` command for a journal, quoted for a shell.
pub(crate) fn command(path: &Path) -> String {
    let path = Escaped(&path.to_string_lossy()).to_string().replace('\'', r"'\''");
    // A name that begins with a hyphen would be an option.
    let folder = if path.starts_with('-') { "./" } else { "" };
    format!("sdn journal '{folder}{path}'")
}
