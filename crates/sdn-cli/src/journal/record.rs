//! The lines of a journal: a header, and then a record for each step of an invitation.
//!
//! Each line is a JSON object. In version 2 it ends with a [check value](super::check), which
//! version 1 does not have.

use sdn_proto::ledger::State;
use serde::Deserialize;
use serde_json::Value;

use super::check;
use crate::invitee::Invitee;
use crate::output::json_object;

/// The version of a journal's format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    One = 1,
    Two = 2,
}

impl Version {
    fn line(self, object: &str) -> String {
        match self {
            Self::One => object.to_owned(),
            Self::Two => check::add(object),
        }
    }
}

/// The list that a journal was begun with, and how to read it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Source {
    /// Its path, relative to the journal's folder.
    pub(crate) list: String,
    pub(crate) column: Option<String>,
    pub(crate) delimiter: Option<String>,
}

/// The first line of a journal.
#[derive(Debug, Clone)]
pub(super) struct Header {
    pub(super) version: Version,
    pub(super) room: String,
    /// Missing if an earlier version of the command began the journal.
    pub(super) source: Option<Source>,
}

impl Header {
    pub(super) fn parse(line: &[u8]) -> Result<Self, BadHeader> {
        let header: Value = serde_json::from_slice(line).map_err(|_| BadHeader::Other)?;
        if header["journal"] != JOURNAL {
            return Err(BadHeader::Other);
        }
        let version = match header["version"].as_u64() {
            Some(1) => Version::One,
            Some(2) if check::is_right(line) => Version::Two,
            Some(version @ 3..) => return Err(BadHeader::Newer(version)),
            _ => return Err(BadHeader::Other),
        };
        let room = header["room"].as_str().ok_or(BadHeader::Other)?.to_owned();
        let source = serde_json::from_value(header).ok();
        Ok(Self { version, room, source })
    }

    /// Returns the line without a line break.
    pub(super) fn line(&self) -> String {
        let source = self.source.as_ref();
        let text = |text: &String| Value::from(text.as_str());
        self.version.line(&json_object([
            ("journal", Some(JOURNAL.into())),
            ("version", Some((self.version as u8).into())),
            ("room", Some(text(&self.room))),
            ("list", source.map(|source| text(&source.list))),
            ("column", source.and_then(|source| source.column.as_ref()).map(text)),
            ("delimiter", source.and_then(|source| source.delimiter.as_ref()).map(text)),
        ]))
    }
}

const JOURNAL: &str = "sdn invite";

/// The reason why a line is not a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BadHeader {
    /// It has a version that this program does not know.
    Newer(u64),
    /// It is damaged, or the file is not a journal.
    Other,
}

/// A line about an invitee.
#[derive(Debug, Deserialize)]
pub(super) struct Record {
    pub(super) invitee: String,
    pub(super) outcome: State,
    pub(super) status: Option<u16>,
}

impl Record {
    /// Parses the line.
    pub(super) fn parse(line: &[u8], version: Version) -> Result<(Invitee, Self), Damage> {
        if line.contains(&0) {
            return Err(Damage::Nul);
        }
        if version == Version::Two && !check::is_right(line) {
            return Err(Damage::Check);
        }
        let record: Self = serde_json::from_slice(line).map_err(|_| Damage::Form)?;
        if record.outcome == State::New {
            return Err(Damage::Form);
        }
        let invitee = Invitee::recorded(&record.invitee).map_err(|_| Damage::Form)?;
        Ok((invitee, record))
    }

    /// Returns whether a line is the beginning of a record. Zeros in place of its end are damage.
    pub(super) fn is_cut(line: &[u8], version: Version) -> bool {
        let is_begun = serde_json::from_slice::<Self>(line).is_err_and(|error| error.is_eof());
        is_begun && (version == Version::One || check::is_incomplete(line))
    }

    /// Returns the line without a line break.
    pub(super) fn line(&self, version: Version) -> String {
        version.line(&json_object([
            ("invitee", Some(self.invitee.as_str().into())),
            ("outcome", Some(self.outcome.as_str().into())),
            ("status", self.status.map(Value::from)),
        ]))
    }
}

/// The reason why a line is not a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Damage {
    /// It contains zeros, which file systems leave after a power failure.
    Nul,
    /// Its check value is missing or wrong.
    Check,
    Form,
}
