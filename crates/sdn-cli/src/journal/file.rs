//! The file with the state of each invitation, so that a run can be interrupted anywhere and
//! resumed.
//!
//! It is a store as [`sdn_proto::ledger`] describes it: before an invitation is sent, `sending` is
//! recorded and synced to the disk. So an invitee who is not in the journal was certainly not
//! invited. If the last record of an invitee is `sending`, the outcome is unknown.

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

/// An open journal. No other process has it open.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    /// The length of the file, if no other program has changed it.
    length: u64,
    contents: Contents,
    /// Whether lines can be appended: the version is 2, and the last line has its line break.
    is_ready: bool,
}

impl Journal {
    /// Opens the journal of a room, or begins one that names its list. Version 1 is rewritten as
    /// version 2.
    ///
    /// # Errors
    ///
    /// Returns one line that says what is wrong and what to do.
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

    /// Opens an existing journal without changing it. Without `room_id`, it can be of any room.
    ///
    /// # Errors
    ///
    /// Returns one line that says what is wrong and what to do.
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
        // A device may be read without end, and stores nothing.
        if !file.metadata().map_err(Problem::Unusable)?.is_file() {
            return Err(Problem::NotAFile);
        }
        disk::lock(&file).map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock => Problem::Busy,
            _ => Problem::Unusable(error),
        })?;
        // The lock belongs to the file, and its name may belong to a rewritten journal by now.
        let metadata = file.metadata().map_err(Problem::Unusable)?;
        let named = fs::metadata(path).map_err(Problem::Unusable)?;
        if !disk::is_same_file(&metadata, &named) {
            return Err(Problem::Busy);
        }
        let contents = Contents::read(&file, room_id, source)?;
        let (path, length) = (path.to_owned(), metadata.len());
        Ok(Self { path, file, length, contents, is_ready: false })
    }

    /// Prepares the file, so that lines can be appended.
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

    /// Returns the ID of the room that the journal belongs to.
    pub(crate) fn room(&self) -> &str {
        &self.contents.header.room
    }

    /// Returns the list that it was begun with, if it names one.
    pub(crate) fn source(&self) -> Option<&Source> {
        self.contents.header.source.as_ref()
    }

    /// Returns the state of an invitee.
    pub(crate) fn state(&self, invitee: &Invitee) -> State {
        self.contents.state(invitee)
    }

    /// Returns an invitee as last given, if it is in the journal.
    pub(crate) fn text(&self, invitee: &Invitee) -> Option<&str> {
        self.contents.entries.get(invitee).map(|entry| &*entry.text)
    }

    /// Returns all entries, in the order of their first lines.
    pub(crate) fn entries(&self) -> Vec<(&Invitee, &Entry)> {
        let mut entries: Vec<_> = self.contents.entries.iter().collect();
        entries.sort_by_key(|(_, entry)| entry.line);
        entries
    }

    /// Records that an invitation is about to be sent, and syncs that to the disk.
    pub(crate) fn begin(&mut self, invitee: &Invitee, text: &str) -> io::Result<()> {
        let state = self.state(invitee).begin().map_err(io::Error::other)?;
        self.record(invitee, text, state, None)?;
        self.sync()
    }

    /// Records how an invitation ended. The next [`begin`](Self::begin) or [`sync`](Self::sync)
    /// syncs that to the disk.
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

    /// Records what a person has decided about an invitee. `text` is the invitee as given.
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

    /// Fails if another program has changed or replaced the file, because new records would be
    /// lost.
    ///
    /// The file's time is not compared: in a network file system it may change later than the
    /// content.
    fn check_untouched(&self) -> io::Result<()> {
        let is_untouched = fs::metadata(&self.path).is_ok_and(|there| {
            there.len() == self.length
                && self.file.metadata().is_ok_and(|ours| disk::is_same_file(&ours, &there))
        });
        if is_untouched { Ok(()) } else { Err(io::Error::other(TOUCHED)) }
    }
}

const TOUCHED: &str = "another program has changed or removed it; compare it with the results above, \
     and settle each missing invitee with `sdn journal --settle`. Otherwise they are invited again";

#[cfg(test)]
mod tests;
