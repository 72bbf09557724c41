//! What became of all of them, and what is left to do.

use std::path::Path;

use super::outcome::Kind;
use crate::exit::Exit;
use crate::input::tell_some;
use crate::journal::file::{Journal, Past, Word};
use crate::journal::{command, counted};
use crate::output::{printable, tell};

/// What became of all of them, in this run and before.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) exit: Exit,
    /// How many were invited, refused, not sent and unknown.
    counts: [usize; 4],
    settled: usize,
    /// How many of the refused are not invited again by themselves.
    refused_for_good: usize,
    unknown: Vec<String>,
    /// How many are unknown according to the journal, and not in the list.
    others_unknown: usize,
}

impl Tally {
    pub(super) fn add(&mut self, kind: Kind, word: Word, text: &str) {
        self.exit = self.exit.max(kind.exit());
        self.counts[kind as usize] += 1;
        match Past::after(word) {
            Past::Refused => self.refused_for_good += 1,
            Past::Unknown => self.unknown.push(printable(text)),
            _ => {}
        }
    }

    pub(super) fn add_past(&mut self, past: Past, text: &str) {
        match past {
            Past::Invited => self.add(Kind::Invited, Word::Invited, text),
            Past::Refused => self.add(Kind::Refused, Word::Refused, text),
            Past::Unknown => self.add(Kind::Unknown, Word::Unknown, text),
            Past::Settled => self.settled += 1,
            Past::ToInvite => {}
        }
    }

    /// Counts whom the journal knows beyond those added from it.
    pub(super) fn count_others(&mut self, journal: &Journal) {
        let entries = journal.entries();
        let unknown = entries.iter().filter(|(_, entry)| entry.past == Past::Unknown).count();
        self.others_unknown = unknown - self.unknown.len();
    }

    pub(super) fn tell(&self, total: usize) {
        let [invited, refused, not_sent, unknown] = self.counts;
        let told = invited + refused + not_sent + unknown + self.settled;
        let all = [
            (invited, "invited"),
            (refused, "refused"),
            (not_sent + total - told, "not sent"),
            (unknown, "unknown"),
            (self.settled, "settled"),
        ];
        tell(format_args!("sdn: of {total}: {}", counted(&all)));
    }

    /// What is left to decide, and how.
    pub(super) fn tell_open(&self, journal: Option<&Path>) {
        let Some(journal) = journal.map(command) else {
            if !self.unknown.is_empty() {
                tell(
                    "sdn: where the outcome is unknown, look into the room before you invite again: \
                     a second invitation may be a second mail",
                );
            }
            return;
        };
        if self.refused_for_good > 0 {
            tell(format_args!(
                "sdn: who was refused is not invited again, unless you say: {journal} --retry INVITEE, or for all of \
                 them --retry refused; look into the room before, for a node may refuse after a mail has gone"
            ));
        }
        if !self.unknown.is_empty() {
            tell("sdn: it is unknown whether these were invited:");
            tell_some(&self.unknown, "  ");
            tell(format_args!(
                "sdn: look into the room, and decide: {journal} --settle INVITEE for each whose invitation \
                 is there, and --retry INVITEE for the others"
            ));
        }
        if self.others_unknown > 0 {
            let count = self.others_unknown;
            tell(format_args!(
                "sdn: {count} more are unknown, who are no longer in the list; see {journal}"
            ));
        }
    }
}
