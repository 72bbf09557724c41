//! What became of each invitee, noted so that a run can be interrupted anywhere and gone on with.
//!
//! A line of JSON says what an invitee's outcome is now; the last one counts. Before an invitation is sent, `sending` is
//! noted and seen onto the disk. So whoever is not in the journal was certainly not invited, and of whom the last word is
//! `sending`, the outcome is unknown.

use std::collections::HashMap;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use fs4::TryLockError;
use sdn_proto::RoomId;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::invitee::Invitee;
use crate::output::json_object;

/// An open journal. Nobody else has it open.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    /// How long the file is, as far as we know.
    length: u64,
    room: String,
    entries: HashMap<Invitee, Entry>,
}

/// What the journal knows of an invitee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The number of the first line about them.
    line: usize,
    /// The invitee as it was given.
    pub(crate) text: String,
    pub(crate) past: Past,
    /// What was answered.
    pub(crate) status: Option<u16>,
}

/// What came of an invitation up to now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Past {
    Invited,
    Refused,
    Unknown,
    /// They were certainly not invited, or are to be invited again.
    ToInvite,
    /// Somebody has said that nothing is to be done any more.
    Settled,
}

/// What a line says of an invitee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Word {
    /// The invitation is about to be sent.
    Sending,
    Invited,
    Refused,
    /// It led to nothing.
    NotSent,
    Unknown,
    /// Somebody has decided that they are to be invited again.
    Retry,
    /// Somebody has decided that nothing is to be done any more.
    Settled,
}

#[derive(Deserialize)]
struct Note {
    invitee: String,
    outcome: Word,
    status: Option<u16>,
}

impl Past {
    /// What a line says that it is from then on.
    pub(crate) fn after(word: Word) -> Self {
        match word {
            Word::Invited => Self::Invited,
            Word::Sending | Word::Unknown => Self::Unknown,
            Word::NotSent | Word::Retry => Self::ToInvite,
            Word::Refused => Self::Refused,
            Word::Settled => Self::Settled,
        }
    }
}

impl Entry {
    fn of(Note { invitee, outcome, status }: Note, line: usize) -> Self {
        Self { line, text: invitee, past: Past::after(outcome), status }
    }
}

impl Journal {
    /// Opens the journal of a room, or begins it.
    ///
    /// # Errors
    ///
    /// One line that says what is wrong, and what to do.
    pub(crate) fn open(path: &Path, room_id: &RoomId) -> Result<Self, String> {
        let mut journal = Self::locked(path, options().create(true).open(path))?;
        journal.read(Some(room_id))?;
        if journal.length == 0 {
            journal.write(&header(room_id)).map_err(|error| unusable(&error))?;
            journal.sync().map_err(|error| unusable(&error))?;
        }
        see_entry_onto_disk(path);
        Ok(journal)
    }

    /// Opens a journal that is there, of whichever room.
    ///
    /// # Errors
    ///
    /// One line that says what is wrong, and what to do.
    pub(crate) fn open_existing(path: &Path) -> Result<Self, String> {
        let mut journal = Self::locked(path, options().open(path))?;
        journal.read(None)?;
        Ok(journal)
    }

    fn locked(path: &Path, file: io::Result<File>) -> Result<Self, String> {
        let file = file.map_err(|error| unusable(&error))?;
        // What is no file may be read without end, and keeps nothing.
        if !file.metadata().map_err(|error| unusable(&error))?.is_file() {
            return Err(NO_JOURNAL.to_owned());
        }
        match fs4::FileExt::try_lock(&file) {
            Ok(()) => {
                let (path, room, entries) = (path.to_owned(), String::new(), HashMap::new());
                Ok(Self { path, file, length: 0, room, entries })
            }
            Err(TryLockError::WouldBlock) => Err("another sdn is at work with it".to_owned()),
            Err(TryLockError::Error(error)) => Err(unusable(&error)),
        }
    }

    /// Reads what is there, and drops the last line if it was cut short.
    fn read(&mut self, room_id: Option<&RoomId>) -> Result<(), String> {
        let mut reader = BufReader::new(&self.file);
        let mut line = Vec::new();
        let mut lacks_break = false;
        for number in 1.. {
            line.clear();
            let limit = if number == 1 { MAX_HEADER } else { u64::MAX };
            let count = reader.by_ref().take(limit).read_until(b'\n', &mut line);
            let count = count.map_err(|error| unusable(&error))?;
            // A line that is whole counts without its break, which an editor may have left out.
            let is_unbroken = !line.ends_with(b"\n");
            let text = line.strip_suffix(b"\n").unwrap_or(&line);
            if number == 1 {
                let is_begun = |id| is_unbroken && header(id).as_bytes().starts_with(text);
                match room_of(text) {
                    Some(room) if room_id.is_some_and(|id| id.as_str() != room) => {
                        return Err(OTHER_ROOM.to_owned());
                    }
                    Some(room) => self.room = room,
                    None if room_id.is_some_and(is_begun) => break,
                    None => return Err(NO_JOURNAL.to_owned()),
                }
            } else if let Some((invitee, note)) = understand(text) {
                let first = self.entries.get(&invitee).map_or(number, |entry| entry.line);
                self.entries.insert(invitee, Entry::of(note, first));
            } else if is_unbroken && is_cut(text) {
                // It was not yet on the disk, so what it announced did not begin.
                break;
            } else {
                return Err(format!("line {number} is damaged; mend it"));
            }
            self.length += count as u64;
            lacks_break = is_unbroken;
        }
        self.mend_end(lacks_break).map_err(|error| unusable(&error))
    }

    fn mend_end(&mut self, lacks_break: bool) -> io::Result<()> {
        if self.file.metadata()?.len() != self.length {
            self.file.set_len(self.length)?;
        }
        if lacks_break { self.write("") } else { Ok(()) }
    }

    /// Whose journal it is.
    pub(crate) fn room(&self) -> &str {
        &self.room
    }

    pub(crate) fn past(&self, invitee: &Invitee) -> Option<Past> {
        self.entries.get(invitee).map(|entry| entry.past)
    }

    /// All that is known, in the order in which it came to be.
    pub(crate) fn entries(&self) -> Vec<(&Invitee, &Entry)> {
        let mut entries: Vec<_> = self.entries.iter().collect();
        entries.sort_by_key(|(_, entry)| entry.line);
        entries
    }

    /// Notes that an invitation is about to be sent. Once this has returned, not even a power failure loses it.
    pub(crate) fn sending(&mut self, invitee: &str) -> io::Result<()> {
        self.note(invitee, Word::Sending, None)?;
        self.sync()
    }

    /// Notes a word. The next [`sending`](Self::sending) or [`sync`](Self::sync) sees it onto the disk.
    pub(crate) fn note(
        &mut self,
        invitee: &str,
        word: Word,
        status: Option<u16>,
    ) -> io::Result<()> {
        self.write(&json_object([
            ("invitee", Some(invitee.into())),
            ("outcome", serde_json::to_value(word).ok()),
            ("status", status.map(Value::from)),
        ]))
    }

    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// Notes what somebody has decided about an invitee whom the journal knows.
    pub(crate) fn decide(&mut self, invitee: &Invitee, word: Word) -> io::Result<()> {
        let Some(entry) = self.entries.get_mut(invitee) else { return Ok(()) };
        (entry.past, entry.status) = (Past::after(word), None);
        let text = entry.text.clone();
        self.note(&text, word, None)
    }

    fn write(&mut self, line: &str) -> io::Result<()> {
        self.check_untouched()?;
        self.file.seek(SeekFrom::Start(self.length))?;
        self.file.write_all(format!("{line}\n").as_bytes())?;
        self.length += line.len() as u64 + 1;
        Ok(())
    }

    /// Fails if somebody else has written to the file, or has put another in its place, as editors do: what we note then would
    /// not be found again. Its time is not compared: over a network it may change when what we wrote gets there.
    fn check_untouched(&self) -> io::Result<()> {
        let is_untouched = fs::metadata(&self.path).is_ok_and(|there| {
            there.len() == self.length
                && self.file.metadata().is_ok_and(|ours| is_same_file(&ours, &there))
        });
        if is_untouched { Ok(()) } else { Err(io::Error::other(TOUCHED)) }
    }
}

#[cfg(unix)]
fn is_same_file(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Elsewhere a file that is locked is not replaced.
#[cfg(not(unix))]
fn is_same_file(_: &Metadata, _: &Metadata) -> bool {
    true
}

fn unusable(error: &io::Error) -> String {
    format!("it cannot be used ({error}); name another")
}

fn header(room_id: &RoomId) -> String {
    json_object([
        ("journal", Some("sdn invite".into())),
        ("version", Some(1.into())),
        ("room", Some(room_id.as_str().into())),
    ])
}

/// Whose journal it is, if the line begins one.
fn room_of(line: &[u8]) -> Option<String> {
    let header: Value = serde_json::from_slice(line).ok()?;
    let is_ours = header["journal"] == "sdn invite" && header["version"] == 1;
    header["room"].as_str().filter(|_| is_ours).map(str::to_owned)
}

/// More than any header has, and little enough to read of a file that is no journal.
const MAX_HEADER: u64 = 64 * 1024;

const NO_JOURNAL: &str = "it is no journal of sdn; name another";
const TOUCHED: &str = "somebody else has changed or removed it; before you go on, hold what it says against what is told \
     here, and settle who is missing in it: they would be invited again";
const OTHER_ROOM: &str = "it is that of another room; name another with --journal";

/// Whether the line is the beginning of one, perhaps with zeros where a power failure left the rest out.
fn is_cut(line: &[u8]) -> bool {
    let end = line.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    serde_json::from_slice::<Note>(&line[..end]).is_err_and(|error| error.is_eof())
}

fn understand(line: &[u8]) -> Option<(Invitee, Note)> {
    let note: Note = serde_json::from_slice(line).ok()?;
    Some((Invitee::parse(&note.invitee).ok()?, note))
}

/// It holds addresses, so others on the machine are not to read it.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    // Not for appending, for Windows cuts no file that is open only for that.
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// A new file is found again after a power failure only if its folder is on the disk too. Where folders cannot be opened
/// there is nothing to do.
fn see_entry_onto_disk(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Ok(folder) = File::open(folder.unwrap_or(Path::new("."))) {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
mod tests;
