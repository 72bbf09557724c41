//! What became of each invitee, recorded so that a run can be interrupted anywhere and continued.
//!
//! Before an invitation is sent, `sending` is recorded and seen onto the disk. So an invitee who is not in the journal
//! was certainly not invited, and the outcome of one whose last word is `sending` is unknown.

use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use sdn_proto::ledger::{Decision, State};
use sdn_proto::{InviteStatus, RoomId};

use super::problem::Problem;
use super::read::Contents;
pub(crate) use super::read::Entry;
pub(crate) use super::record::Source;
use super::record::{Record, Version};
use super::rewrite::rewrite;
use crate::disk;
use crate::invitee::Invitee;

/// An open journal. Nobody else has it open.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    /// How long the file is, as far as we know.
    length: u64,
    contents: Contents,
    /// Whether lines can be appended: the version is 2, and the last line is whole and has its break.
    is_ready: bool,
}

impl Journal {
    /// Opens the journal of a room, or begins it with what it says about its list. One of version 1 is rewritten as version 2.
    ///
    /// # Errors
    ///
    /// One line that says what is wrong, and what to do.
    pub(crate) fn open(
        path: &Path,
        room_id: &RoomId,
        source: Option<&Source>,
    ) -> Result<Self, String> {
        let file = disk::options().create(true).truncate(false).open(path);
        Self::locked(path, file, Some(room_id), source)
            .and_then(|mut journal| {
                journal.make_ready().map_err(Problem::Unwritable)?;
                Ok(journal)
            })
            .map_err(|problem| problem.describe(path))
    }

    /// Opens a journal that is there, of the room or of whichever, and does not change it.
    ///
    /// # Errors
    ///
    /// One line that says what is wrong, and what to do.
    pub(crate) fn open_existing(path: &Path, room_id: Option<&RoomId>) -> Result<Self, String> {
        let file = disk::options().open(path);
        Self::locked(path, file, room_id, None).map_err(|problem| problem.describe(path))
    }

    fn locked(
        path: &Path,
        file: io::Result<File>,
        room_id: Option<&RoomId>,
        source: Option<&Source>,
    ) -> Result<Self, Problem> {
        let file = file.map_err(Problem::Unusable)?;
        // What is not a file may be read without end, and keeps nothing.
        if !file.metadata().map_err(Problem::Unusable)?.is_file() {
            return Err(Problem::NotAFile);
        }
        disk::lock(&file).map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock => Problem::Busy,
            _ => Problem::Unusable(error),
        })?;
        // The lock belongs to the file and not to its name, which by now may lead to a rewritten journal.
        let metadata = file.metadata().map_err(Problem::Unusable)?;
        let named = fs::metadata(path).map_err(Problem::Unusable)?;
        if !disk::is_same_file(&metadata, &named) {
            return Err(Problem::Busy);
        }
        let contents = Contents::read(&file, room_id, source)?;
        let (path, length) = (path.to_owned(), metadata.len());
        Ok(Self { path, file, length, contents, is_ready: false })
    }

    /// Makes the file one to which lines can be appended.
    fn make_ready(&mut self) -> io::Result<()> {
        if self.is_ready {
            return Ok(());
        }
        self.check_untouched()?;
        let Contents { header, lines, length, is_unbroken, .. } = &self.contents;
        if header.version == Version::One {
            self.file = rewrite(&self.file, &self.contents, &self.path, || self.check_untouched())?;
            self.length = self.file.metadata()?.len();
        } else {
            if self.length != *length {
                self.file.set_len(*length)?;
                self.length = *length;
            }
            if *lines == 0 {
                let header = header.line();
                self.append(&header)?;
            } else if *is_unbroken {
                self.append("")?;
            }
            self.sync()?;
            disk::sync_directory(&self.path)?;
        }
        self.is_ready = true;
        Ok(())
    }

    /// Whose journal it is.
    pub(crate) fn room(&self) -> &str {
        &self.contents.header.room
    }

    /// Returns the list that it was begun with, if it says so.
    pub(crate) fn source(&self) -> Option<&Source> {
        self.contents.header.source.as_ref()
    }

    /// Returns the state of an invitee.
    pub(crate) fn state(&self, invitee: &Invitee) -> State {
        self.contents.state(invitee)
    }

    /// Returns an invitee as it was given last, if the journal has it.
    pub(crate) fn text(&self, invitee: &Invitee) -> Option<&str> {
        self.contents.entries.get(invitee).map(|entry| &*entry.text)
    }

    /// Returns all that is known, in the order of the first lines.
    pub(crate) fn entries(&self) -> Vec<(&Invitee, &Entry)> {
        let mut entries: Vec<_> = self.contents.entries.iter().collect();
        entries.sort_by_key(|(_, entry)| entry.line);
        entries
    }

    /// Records that an invitation is about to be sent. After that, not even a power failure loses it.
    pub(crate) fn begin(&mut self, invitee: &Invitee, text: &str) -> io::Result<()> {
        let state = self.state(invitee).begin().map_err(io::Error::other)?;
        self.record(invitee, text, state, None)?;
        self.sync()
    }

    /// Records how an invitation ended. The next [`begin`](Self::begin) or [`sync`](Self::sync)
    /// writes it to the disk.
    pub(crate) fn finish(
        &mut self,
        invitee: &Invitee,
        text: &str,
        status: InviteStatus,
        http_status: Option<u16>,
    ) -> io::Result<()> {
        let state = self.state(invitee).finish(status).map_err(io::Error::other)?;
        self.record(invitee, text, state, http_status)
    }

    /// Records what a person has decided about an invitee, who is given as `text`.
    pub(crate) fn decide(
        &mut self,
        invitee: &Invitee,
        text: &str,
        decision: Decision,
    ) -> io::Result<()> {
        let state = self.state(invitee).decide(decision).map_err(io::Error::other)?;
        self.record(invitee, text, state, None)
    }

    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn record(
        &mut self,
        invitee: &Invitee,
        text: &str,
        state: State,
        http_status: Option<u16>,
    ) -> io::Result<()> {
        let record = Record { invitee: text.to_owned(), outcome: state, status: http_status };
        self.make_ready()?;
        self.append(&record.line(Version::Two))?;
        self.contents.lines += 1;
        let (line, text) = (self.contents.lines, record.invitee);
        self.contents.set(invitee, Entry { line, text, state, http_status });
        Ok(())
    }

    fn append(&mut self, line: &str) -> io::Result<()> {
        self.check_untouched()?;
        self.file.seek(SeekFrom::Start(self.length))?;
        self.file.write_all(format!("{line}\n").as_bytes())?;
        self.length += line.len() as u64 + 1;
        Ok(())
    }

    /// Fails if somebody else has written to the file, or has put another in its place, as editors do: what we record then
    /// would not be found again. Its time is not compared: over a network it may change when what we wrote gets there.
    fn check_untouched(&self) -> io::Result<()> {
        let is_untouched = fs::metadata(&self.path).is_ok_and(|there| {
            there.len() == self.length
                && self.file.metadata().is_ok_and(|ours| disk::is_same_file(&ours, &there))
        });
        if is_untouched { Ok(()) } else { Err(io::Error::other(TOUCHED)) }
    }
}

const TOUCHED: &str = "another program has changed or removed it; compare it with the outcomes printed here, and settle \
     each invitee who is missing in it with `sdn journal --settle`, or they are invited again";

#[cfg(test)]
mod tests;
