//! What became of each invitee, noted so that a run can be interrupted anywhere and gone on with.
//!
//! A line of JSON says what an invitee's outcome is now; the last one counts. Before an invitation is sent, `sending` is
//! noted and seen onto the disk. So whoever is not in the journal was certainly not invited, and of whom the last word is
//! `sending`, the outcome is unknown.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;

use fs4::TryLockError;
use sdn_proto::RoomId;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::invitee::Invitee;
use crate::output::json_object;

/// An open journal. Nobody else has it open.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
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
    pub(crate) fn after(word: Word, status: Option<u16>) -> Self {
        match (word, status) {
            (Word::Invited, _) => Self::Invited,
            (Word::Sending | Word::Unknown, _) => Self::Unknown,
            // A node that limits its rate or does not know the access token has done nothing.
            (Word::Refused, Some(401 | 429)) | (Word::NotSent | Word::Retry, _) => Self::ToInvite,
            (Word::Refused, _) => Self::Refused,
            (Word::Settled, _) => Self::Settled,
        }
    }
}

impl Entry {
    fn of(Note { invitee, outcome, status }: Note, line: usize) -> Self {
        Self { line, text: invitee, past: Past::after(outcome, status), status }
    }
}

impl Journal {
    /// Opens the journal of a room, or begins it.
    ///
    /// # Errors
    ///
    /// One line that says what is wrong, and what to do.
    pub(crate) fn open(path: &Path, room_id: &RoomId) -> Result<Self, String> {
        let mut journal = Self::locked(options().create(true).open(path))?;
        if journal.read(Some(room_id))? == 0 {
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
        let mut journal = Self::locked(options().open(path))?;
        journal.read(None)?;
        Ok(journal)
    }

    fn locked(file: io::Result<File>) -> Result<Self, String> {
        let file = file.map_err(|error| unusable(&error))?;
        // What is no file may be read without end, and keeps nothing.
        if !file.metadata().map_err(|error| unusable(&error))?.is_file() {
            return Err(NO_JOURNAL.to_owned());
        }
        match fs4::FileExt::try_lock(&file) {
            Ok(()) => Ok(Self { file, room: String::new(), entries: HashMap::new() }),
            Err(TryLockError::WouldBlock) => Err("another sdn is at work with it".to_owned()),
            Err(TryLockError::Error(error)) => Err(unusable(&error)),
        }
    }

    /// Reads what is there, drops the last line if it was cut short, and gives the length of the rest.
    fn read(&mut self, room_id: Option<&RoomId>) -> Result<u64, String> {
        let Self { file, room, entries } = self;
        let mut reader = BufReader::new(&*file);
        let (mut length, mut line) = (0, Vec::new());
        for number in 1.. {
            line.clear();
            let limit = if number == 1 { MAX_HEADER } else { u64::MAX };
            let count = reader.by_ref().take(limit).read_until(b'\n', &mut line);
            let count = count.map_err(|error| unusable(&error))?;
            let text = line.strip_suffix(b"\n");
            match (number, text) {
                (1, Some(text)) => {
                    *room = room_of(text).ok_or(NO_JOURNAL)?;
                    if room_id.is_some_and(|room_id| room != room_id.as_str()) {
                        return Err(OTHER_ROOM.to_owned());
                    }
                }
                (1, None) => match room_id {
                    Some(room_id) if header(room_id).as_bytes().starts_with(&line) => break,
                    _ => return Err(NO_JOURNAL.to_owned()),
                },
                (_, None) => break,
                (_, Some(text)) => {
                    let (invitee, note) = understand(text)
                        .ok_or_else(|| format!("line {number} is damaged; mend it"))?;
                    let line = entries.get(&invitee).map_or(number, |entry: &Entry| entry.line);
                    entries.insert(invitee, Entry::of(note, line));
                }
            }
            length += count as u64;
        }
        // A cut line was not yet on the disk, so what it announced did not begin.
        file.set_len(length).map_err(|error| unusable(&error))?;
        Ok(length)
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
        (entry.past, entry.status) = (Past::after(word, None), None);
        let text = entry.text.clone();
        self.note(&text, word, None)
    }

    fn write(&mut self, line: &str) -> io::Result<()> {
        self.file.write_all(format!("{line}\n").as_bytes())
    }
}

fn unusable(error: &io::Error) -> String {
    format!("it cannot be used: {error}")
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
const OTHER_ROOM: &str = "it is that of another room; name another with --journal";

fn understand(line: &[u8]) -> Option<(Invitee, Note)> {
    let note: Note = serde_json::from_slice(line).ok()?;
    Some((Invitee::parse(&note.invitee).ok()?, note))
}

/// It holds addresses, so others on the machine are not to read it.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).append(true);
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
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::*;

    const ALICE: &str = "alice@example.com";
    const BOB: &str = "@bob:node.example";

    fn room() -> RoomId {
        RoomId::new("!room:node.example").unwrap()
    }

    fn invitee(text: &str) -> Invitee {
        Invitee::parse(text).unwrap()
    }

    /// A file of the test's own, which is not there yet.
    fn path(name: &str) -> PathBuf {
        let name = format!("sdn-journal-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = fs::remove_file(&path);
        path
    }

    #[test]
    fn cut_anywhere_it_forgets_nothing_that_was_sent() {
        let path = path("cut");
        let mut journal = Journal::open(&path, &room()).unwrap();
        let length = |path| fs::metadata(path).unwrap().len();
        let begun = length(&path);
        journal.sending(ALICE).unwrap();
        let alice_sent = length(&path);
        journal.note(ALICE, Word::Invited, Some(200)).unwrap();
        let alice_done = length(&path);
        journal.sending(BOB).unwrap();
        let bob_sent = length(&path);
        drop(journal);
        let whole = fs::read(&path).unwrap();

        for cut in 0..=whole.len() {
            fs::write(&path, &whole[..cut]).unwrap();
            let mut journal = Journal::open(&path, &room()).unwrap();
            let cut = cut as u64;
            let alice = match cut {
                _ if cut >= alice_done => Some(Past::Invited),
                _ if cut >= alice_sent => Some(Past::Unknown),
                _ => None,
            };
            assert_eq!(journal.past(&invitee(ALICE)), alice, "cut at {cut}");
            let bob = (cut >= bob_sent).then_some(Past::Unknown);
            assert_eq!(journal.past(&invitee(BOB)), bob, "cut at {cut}");
            // It goes on behind what is left.
            journal.sending("carol@example.com").unwrap();
            drop(journal);
            let journal = Journal::open(&path, &room()).unwrap();
            assert_eq!(journal.past(&invitee("carol@example.com")), Some(Past::Unknown));
            assert_eq!(journal.past(&invitee(ALICE)), alice, "cut at {cut}");
            assert!(length(&path) >= begun, "cut at {cut}");
        }
        fs::remove_file(&path).unwrap();
    }

    #[test]
    fn the_last_word_counts() {
        let path = path("last");
        let mut journal = Journal::open(&path, &room()).unwrap();
        let words = [
            (Word::Invited, Some(200), Past::Invited),
            (Word::Refused, Some(403), Past::Refused),
            (Word::Refused, Some(429), Past::ToInvite),
            (Word::Refused, Some(401), Past::ToInvite),
            (Word::Unknown, Some(504), Past::Unknown),
            (Word::NotSent, None, Past::ToInvite),
        ];
        for (word, status, past) in words {
            journal.sending(ALICE).unwrap();
            journal.note(ALICE, word, status).unwrap();
            drop(journal);
            journal = Journal::open(&path, &room()).unwrap();
            assert_eq!(journal.past(&invitee("Alice@Example.com")), Some(past), "{word:?}");
        }
        fs::remove_file(&path).unwrap();
    }

    #[test]
    fn a_decision_is_kept_until_the_next_word() {
        let path = path("decided");
        let mut journal = Journal::open(&path, &room()).unwrap();
        for text in [BOB, ALICE] {
            journal.sending(text).unwrap();
        }
        for (word, past) in [(Word::Settled, Past::Settled), (Word::Retry, Past::ToInvite)] {
            drop(journal);
            journal = Journal::open_existing(&path).unwrap();
            assert_eq!(journal.room(), room().as_str());
            journal.decide(&invitee(ALICE), word).unwrap();
            let order: Vec<_> = journal.entries().iter().map(|(_, entry)| &*entry.text).collect();
            assert_eq!(order, [BOB, ALICE]);
            drop(journal);
            journal = Journal::open(&path, &room()).unwrap();
            assert_eq!(journal.past(&invitee(ALICE)), Some(past));
            assert_eq!(journal.past(&invitee(BOB)), Some(Past::Unknown));
        }
        journal.sending(ALICE).unwrap();
        drop(journal);
        let journal = Journal::open_existing(&path).unwrap();
        assert_eq!(journal.past(&invitee(ALICE)), Some(Past::Unknown));
        fs::remove_file(&path).unwrap();
    }

    #[test]
    fn nothing_else_is_taken_for_a_journal_or_changed() {
        let path = path("else");
        let other = header(&RoomId::new("!other:node.example").unwrap());
        let damaged = format!("{}\nnonsense\n", header(&room()));
        let unknown =
            format!("{}\n{{\"invitee\":\"a@b.example\",\"outcome\":\"?\"}}\n", header(&room()));
        for (text, wanted) in [
            ("alice@example.com", "no journal of sdn"),
            ("alice@example.com\nbob@example.com\n", "no journal of sdn"),
            ("{\"journal\":\"sdn invite\",\"version\":2}\n", "no journal of sdn"),
            (&format!("{other}\n"), "of another room"),
            (&damaged, "line 2 is damaged"),
            (&unknown, "line 2 is damaged"),
        ] {
            fs::write(&path, text).unwrap();
            let problem = Journal::open(&path, &room()).unwrap_err();
            assert!(problem.contains(wanted), "{problem}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        fs::remove_file(&path).unwrap();
        for problem in [
            Journal::open(&path.join("no-folder"), &room()).unwrap_err(),
            Journal::open_existing(&path).unwrap_err(),
        ] {
            assert!(problem.contains("cannot be used"), "{problem}");
        }
        assert!(!path.exists());
    }

    #[test]
    fn one_at_a_time_has_it() {
        let path = path("one");
        let journal = Journal::open(&path, &room()).unwrap();
        let problem = Journal::open(&path, &room()).unwrap_err();
        assert!(problem.contains("another sdn"), "{problem}");
        drop(journal);
        assert!(Journal::open(&path, &room()).is_ok());
        fs::remove_file(&path).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_no_journal() {
        for device in ["/dev/zero", "/dev/null"] {
            let problem = Journal::open(Path::new(device), &room()).unwrap_err();
            assert!(problem.starts_with("it is no journal"), "{problem}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn others_cannot_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let path = path("mode");
        Journal::open(&path, &room()).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::remove_file(&path).unwrap();
    }
}
