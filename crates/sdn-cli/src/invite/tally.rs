//! What became of all of them, and what is left to do.

use super::journal::Past;
use super::outcome::Kind;
use crate::exit::Exit;
use crate::input::tell_some;
use crate::output::{printable, tell};

/// What became of all of them, in this run and before.
#[derive(Debug)]
pub(super) struct Tally {
    pub(super) exit: Exit,
    /// How many were invited, refused, not sent and unknown.
    counts: [usize; 4],
    settled: usize,
    unknown: Vec<String>,
}

impl Default for Tally {
    fn default() -> Self {
        Self { exit: Exit::Success, counts: [0; 4], settled: 0, unknown: Vec::new() }
    }
}

impl Tally {
    pub(super) fn add(&mut self, kind: Kind, text: &str) {
        self.exit = self.exit.max(kind.exit());
        self.counts[kind as usize] += 1;
        if kind == Kind::Unknown {
            self.unknown.push(printable(text));
        }
    }

    pub(super) fn add_past(&mut self, past: Past, text: &str) {
        match past {
            Past::Invited => self.add(Kind::Invited, text),
            Past::Refused => self.add(Kind::Refused, text),
            Past::Unknown => self.add(Kind::Unknown, text),
            Past::Settled => self.settled += 1,
        }
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
        let counts = all.iter().filter(|(count, _)| *count > 0);
        let counts: Vec<_> = counts.map(|(count, word)| format!("{count} {word}")).collect();
        tell(format_args!("sdn: of {total}: {}", counts.join(", ")));
    }

    /// What is left to decide.
    pub(super) fn tell_open(&self, has_journal: bool) {
        let [_, refused, ..] = self.counts;
        if has_journal && refused > 0 {
            tell("sdn: who was refused is not invited again unless you say --retry refused");
        }
        match (self.unknown.is_empty(), has_journal) {
            (true, _) => {}
            (false, false) => tell(
                "sdn: where the outcome is unknown, look into the room before you invite again: \
                 a second invitation may be a second mail",
            ),
            (false, true) => {
                tell("sdn: it is unknown whether these were invited:");
                tell_some(&self.unknown, "  ");
                tell(
                    "sdn: look into the room, and repeat the command with --settle INVITEE for each whose \
                     invitation is there, and --retry INVITEE for the others",
                );
            }
        }
    }
}
