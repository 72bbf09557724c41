//! Reading a journal.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};

use sdn_proto::RoomId;
use sdn_proto::ledger::State;

use super::problem::Problem;
use super::record::{BadHeader, Header, Record, Source, Version};
use crate::invitee::Invitee;

/// The contents of a journal.
#[derive(Debug)]
pub(super) struct Contents {
    pub(super) header: Header,
    pub(super) entries: HashMap<Invitee, Entry>,
    /// The number of lines, including the header.
    pub(super) lines: usize,
    /// The number of bytes of its complete lines.
    pub(super) length: u64,
    /// Whether the last complete line has no line break, which an editor may leave out.
    pub(super) is_unbroken: bool,
}

/// What the journal knows about an invitee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The number of the first line about them.
    pub(super) line: usize,
    /// The invitee as given.
    pub(crate) text: String,
    /// What was recorded last.
    pub(crate) state: State,
    /// The status of the HTTP response, if there was one.
    pub(crate) http_status: Option<u16>,
}

impl Contents {
    /// Reads a journal. Without `room_id`, it can be of any room.
    ///
    /// An incomplete last line is left out. It was not yet synced to the disk, so its invitation
    /// was not sent.
    pub(super) fn read(
        file: impl Read,
        room_id: Option<&RoomId>,
        source: Option<&Source>,
    ) -> Result<Self, Problem> {
        let mut file = BufReader::new(file);
        let mut line = Vec::new();
        file.by_ref().take(MAX_HEADER).read_until(b'\n', &mut line).map_err(Problem::Unusable)?;
        let mut contents = Self::begin(&line, room_id, source)?;
        loop {
            line.clear();
            if file.read_until(b'\n', &mut line).map_err(Problem::Unusable)? == 0 {
                break;
            }
            contents.add(&line)?;
        }
        // Nobody else has the journal open, so nothing is being sent.
        for entry in contents.entries.values_mut() {
            entry.state = entry.state.resume();
        }
        Ok(contents)
    }

    fn begin(
        line: &[u8],
        room_id: Option<&RoomId>,
        source: Option<&Source>,
    ) -> Result<Self, Problem> {
        let (text, is_unbroken) = without_break(line);
        let room = room_id.map(RoomId::as_str);
        let of_room =
            |version| Some(Header { version, room: room?.to_owned(), source: source.cloned() });
        match Header::parse(text) {
            Ok(header) if room.is_some_and(|room| room != header.room) => Err(Problem::OtherRoom),
            Ok(header) => Ok(Self { is_unbroken, ..Self::of(header, 1, line.len()) }),
            Err(BadHeader::Newer(version)) => Err(Problem::Newer(version)),
            Err(BadHeader::Other) => {
                let is_begun = |header: Header| header.line().as_bytes().starts_with(text);
                let is_cut = is_unbroken
                    && [Version::One, Version::Two].into_iter().filter_map(of_room).any(is_begun);
                match of_room(Version::Two) {
                    Some(header) if is_cut => Ok(Self::of(header, 0, 0)),
                    _ => Err(Problem::Header(of_room(version_of(text)))),
                }
            }
        }
    }

    fn of(header: Header, lines: usize, length: usize) -> Self {
        let (entries, length) = (HashMap::new(), length as u64);
        Self { header, entries, lines, length, is_unbroken: false }
    }

    fn add(&mut self, line: &[u8]) -> Result<(), Problem> {
        let (text, is_unbroken) = without_break(line);
        let (number, version) = (self.lines + 1, self.header.version);
        match Record::parse(text, version) {
            Ok((invitee, Record { invitee: text, outcome: state, status: http_status })) => {
                self.set(&invitee, Entry { line: number, text, state, http_status });
            }
            Err(_) if is_unbroken && Record::is_cut(text, version) => return Ok(()),
            Err(damage) => return Err(Problem::Line(number, damage, version)),
        }
        self.lines = number;
        self.length += line.len() as u64;
        self.is_unbroken = is_unbroken;
        Ok(())
    }
}

impl Contents {
    /// Returns the state of an invitee.
    pub(super) fn state(&self, invitee: &Invitee) -> State {
        self.entries.get(invitee).map_or(State::New, |entry| entry.state)
    }

    /// Sets the entry of an invitee. An earlier first line stays.
    pub(super) fn set(&mut self, invitee: &Invitee, mut entry: Entry) {
        match self.entries.get_mut(invitee) {
            Some(known) => {
                entry.line = known.line;
                *known = entry;
            }
            None => {
                self.entries.insert(invitee.clone(), entry);
            }
        }
    }
}

fn without_break(line: &[u8]) -> (&[u8], bool) {
    line.strip_suffix(b"\n").map_or((line, true), |text| (text, false))
}

/// Returns the version that a damaged header seems to have.
fn version_of(line: &[u8]) -> Version {
    let is_one = String::from_utf8_lossy(line).contains(r#""version":1"#);
    if is_one { Version::One } else { Version::Two }
}

/// The most bytes of a header. It limits how much is read of a file that is not a journal.
const MAX_HEADER: u64 = 64 * 1024;
