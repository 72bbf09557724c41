//! What became of each invitee, noted so that a run can be interrupted anywhere and gone on with.
//!
//! A line of JSON says what an invitee's outcome is now; the last one counts. Before an invitation is sent, `sending` is
//! noted and seen onto the disk. So whoever is not in the journal was certainly not invited, and of whom the last word is
//! `sending`, the outcome is unknown.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;

use fs4::TryLockError;
use sdn_proto::RoomId;
use serde::Deserialize;
use serde_json::Value;

use super::outcome::Kind;
use crate::invitee::Invitee;
use crate::output::json_object;

/// An open journal. Nobody else has it open.
#[derive(Debug)]
pub(super) struct Journal {
    file: File,
    past: HashMap<Invitee, Past>,
}

/// What is known of an invitee from before. Who was certainly not invited has no past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Past {
    Invited,
    Refused,
    Unknown,
    /// It was refused or unknown, and somebody has said that nothing is to be done about it.
    Settled,
}

impl Past {
    /// Whether somebody has to decide what to do.
    fn is_open(self) -> bool {
        matches!(self, Self::Refused | Self::Unknown)
    }
}

/// About whom something is decided.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Which {
    Refused,
    Unknown,
    One(Invitee),
}

#[derive(Deserialize)]
struct Note {
    invitee: String,
    outcome: String,
    status: Option<u16>,
}

impl Journal {
    /// Opens the journal of a room, or begins it.
    ///
    /// # Errors
    ///
    /// One line that says what is wrong, and what to do.
    pub(super) fn open(path: &Path, room_id: &RoomId) -> Result<Self, String> {
        let unusable = |error: io::Error| format!("it cannot be used: {error}");
        let file = options().open(path).map_err(unusable)?;
        match fs4::FileExt::try_lock(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err("another sdn is at work with it".to_owned());
            }
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
        }
        let mut journal = Self { file, past: HashMap::new() };
        if journal.read(room_id)? == 0 {
            journal.write(&header(room_id)).and_then(|()| journal.sync()).map_err(unusable)?;
            see_entry_onto_disk(path);
        }
        Ok(journal)
    }

    /// Reads what is there, drops the last line if it was cut short, and gives the length of the rest.
    fn read(&mut self, room_id: &RoomId) -> Result<u64, String> {
        let unusable = |error: io::Error| format!("it cannot be used: {error}");
        let mut reader = BufReader::new(&self.file);
        let (mut length, mut line) = (0, Vec::new());
        for number in 1.. {
            line.clear();
            let count = reader.read_until(b'\n', &mut line).map_err(unusable)?;
            let text = line.strip_suffix(b"\n");
            match (number, text) {
                (1, Some(text)) => match room_of(text) {
                    Some(room) if room == room_id.as_str() => {}
                    Some(_) => {
                        return Err(
                            "it is that of another room; name another with --journal".to_owned()
                        );
                    }
                    None => return Err(NO_JOURNAL.to_owned()),
                },
                (1, None) if header(room_id).as_bytes().starts_with(&line) => break,
                (1, None) => return Err(NO_JOURNAL.to_owned()),
                (_, None) => break,
                (_, Some(text)) => {
                    let (invitee, past) = understand(text)
                        .ok_or_else(|| format!("line {number} is damaged; mend it"))?;
                    match past {
                        Some(past) => self.past.insert(invitee, past),
                        None => self.past.remove(&invitee),
                    };
                }
            }
            length += count as u64;
        }
        // A cut line was not yet on the disk, so what it announced did not begin.
        self.file.set_len(length).map_err(unusable)?;
        Ok(length)
    }

    pub(super) fn past(&self, invitee: &Invitee) -> Option<Past> {
        self.past.get(invitee).copied()
    }

    /// Notes that an invitation is about to be sent. Once this has returned, not even a power failure loses it.
    pub(super) fn sending(&mut self, invitee: &str) -> io::Result<()> {
        self.note(invitee, "sending", None)?;
        self.sync()
    }

    /// Notes how that went. The next [`sending`](Self::sending) or [`sync`](Self::sync) sees it onto the disk.
    pub(super) fn sent(
        &mut self,
        invitee: &str,
        kind: Kind,
        status: Option<u16>,
    ) -> io::Result<()> {
        self.note(invitee, kind.name(), status)
    }

    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// Notes that nothing is to be done any more, and tells how many that concerns.
    pub(super) fn settle(
        &mut self,
        which: &Which,
        invitees: &[(String, Invitee)],
    ) -> io::Result<usize> {
        let concerned = self.concerned(which, invitees);
        for (text, invitee) in &concerned {
            self.note(text, "settled", None)?;
            self.past.insert(invitee.clone(), Past::Settled);
        }
        self.sync()?;
        Ok(concerned.len())
    }

    /// Forgets what became of them for this run, and tells how many that concerns. An invited one is never concerned.
    pub(super) fn retry(&mut self, which: &Which, invitees: &[(String, Invitee)]) -> usize {
        let concerned = self.concerned(which, invitees);
        for (_, invitee) in &concerned {
            self.past.remove(invitee);
        }
        concerned.len()
    }

    fn concerned(&self, which: &Which, invitees: &[(String, Invitee)]) -> Vec<(String, Invitee)> {
        let is_concerned = |(_, invitee): &&(String, Invitee)| match which {
            Which::One(one) => invitee == one && self.past(one).is_some_and(Past::is_open),
            Which::Refused => self.past(invitee) == Some(Past::Refused),
            Which::Unknown => self.past(invitee) == Some(Past::Unknown),
        };
        invitees.iter().filter(is_concerned).cloned().collect()
    }

    fn note(&mut self, invitee: &str, outcome: &str, status: Option<u16>) -> io::Result<()> {
        self.write(&json_object([
            ("invitee", Some(invitee.into())),
            ("outcome", Some(outcome.into())),
            ("status", status.map(Value::from)),
        ]))
    }

    fn write(&mut self, line: &str) -> io::Result<()> {
        self.file.write_all(format!("{line}\n").as_bytes())
    }
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

const NO_JOURNAL: &str = "it is no journal of sdn; name another with --journal";

fn understand(line: &[u8]) -> Option<(Invitee, Option<Past>)> {
    let note: Note = serde_json::from_slice(line).ok()?;
    let past = match (&*note.outcome, note.status) {
        ("invited", _) => Some(Past::Invited),
        ("settled", _) => Some(Past::Settled),
        ("sending" | "unknown", _) => Some(Past::Unknown),
        // A node that limits its rate has done nothing.
        ("not_sent", _) | ("refused", Some(429)) => None,
        ("refused", _) => Some(Past::Refused),
        _ => return None,
    };
    Some((Invitee::parse(&note.invitee).ok()?, past))
}

/// It holds addresses, so others on the machine are not to read it.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
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
        journal.sent(ALICE, Kind::Invited, Some(200)).unwrap();
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
            (Kind::Invited, Some(200), Some(Past::Invited)),
            (Kind::Refused, Some(403), Some(Past::Refused)),
            (Kind::Refused, Some(429), None),
            (Kind::Unknown, Some(504), Some(Past::Unknown)),
            (Kind::NotSent, None, None),
        ];
        for (kind, status, past) in words {
            journal.sending(ALICE).unwrap();
            journal.sent(ALICE, kind, status).unwrap();
            drop(journal);
            journal = Journal::open(&path, &room()).unwrap();
            assert_eq!(journal.past(&invitee("Alice@Example.com")), past, "{kind:?}");
        }
        fs::remove_file(&path).unwrap();
    }

    #[test]
    fn who_was_invited_is_never_invited_again() {
        let path = path("again");
        let mut journal = Journal::open(&path, &room()).unwrap();
        let all = [ALICE, BOB].map(|text| (text.to_owned(), invitee(text)));
        for (text, kind) in [(ALICE, Kind::Invited), (BOB, Kind::Refused)] {
            journal.sending(text).unwrap();
            journal.sent(text, kind, None).unwrap();
        }
        drop(journal);
        let mut journal = Journal::open(&path, &room()).unwrap();
        assert_eq!(journal.retry(&Which::One(invitee(ALICE)), &all), 0);
        assert_eq!(journal.settle(&Which::One(invitee(ALICE)), &all).unwrap(), 0);
        assert_eq!(journal.retry(&Which::Unknown, &all), 0);
        assert_eq!(journal.settle(&Which::Refused, &all).unwrap(), 1);
        assert_eq!(journal.retry(&Which::Refused, &all), 0);
        drop(journal);
        let journal = Journal::open(&path, &room()).unwrap();
        assert_eq!(journal.past(&invitee(ALICE)), Some(Past::Invited));
        assert_eq!(journal.past(&invitee(BOB)), Some(Past::Settled));
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
        let problem = Journal::open(&path.join("no-folder"), &room()).unwrap_err();
        assert!(problem.contains("cannot be used"), "{problem}");
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
    fn others_cannot_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let path = path("mode");
        Journal::open(&path, &room()).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::remove_file(&path).unwrap();
    }
}
