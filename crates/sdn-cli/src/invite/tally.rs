//! The counts of all invitees, and what is left to decide.

use std::path::Path;

use sdn_proto::InviteStatus;

use crate::exit::Exit;
use crate::input::report_some;
use crate::invitee::Invitee;
use crate::journal::command;
use crate::journal::file::Journal;
use crate::output::{printable, report};
use crate::progress::Progress;

/// What happened to all invitees, in this run and before.
#[derive(Debug)]
pub(crate) struct Tally {
    total: usize,
    statuses: Vec<InviteStatus>,
    settled: usize,
    unknown: Vec<String>,
    /// The number of skipped rows of the list.
    invalid: usize,
    /// The number of unknown invitees in the journal that are not in the list.
    others_unknown: usize,
}

impl Tally {
    /// Creates a tally of `total` invitees, none of which is counted yet.
    pub(crate) fn new(total: usize) -> Self {
        let (statuses, unknown) = (Vec::with_capacity(total), Vec::new());
        Self { total, statuses, settled: 0, unknown, invalid: 0, others_unknown: 0 }
    }

    /// Adds the skipped rows of the list.
    pub(crate) fn with_invalid(self, invalid: usize) -> Self {
        Self { invalid, ..self }
    }

    /// Adds the status of an invitee.
    pub(super) fn add(&mut self, status: InviteStatus, invitee: &str) {
        self.statuses.push(status);
        if status == InviteStatus::Unknown {
            self.unknown.push(printable(invitee));
        }
    }

    /// Adds the invitees that the journal excludes, and removes them from those to invite.
    pub(super) fn take_known(&mut self, invitees: &mut Vec<(String, Invitee)>, journal: &Journal) {
        invitees.retain(|(text, invitee)| {
            let state = journal.state(invitee);
            match state.status() {
                _ if state.may_be_sent() => return true,
                Some(status) => self.add(status, text),
                None => self.settled += 1,
            }
            false
        });
        let statuses = journal.entries().into_iter().map(|(_, entry)| entry.state.status());
        let unknown = statuses.filter(|&status| status == Some(InviteStatus::Unknown)).count();
        self.others_unknown = unknown - self.unknown.len();
    }

    /// Returns a progress bar that begins after the counted invitees.
    pub(super) fn progress(&self) -> Progress {
        Progress::of_list(self.added(), self.total)
    }

    fn added(&self) -> usize {
        self.statuses.len() + self.settled
    }

    /// Returns the exit status of all outcomes together.
    pub(super) fn exit(&self) -> Exit {
        let skipped = if self.invalid > 0 { Exit::SomeRefused } else { Exit::Success };
        self.statuses.iter().map(|&status| Exit::from(status)).fold(skipped, Exit::max)
    }

    fn count(&self, status: InviteStatus) -> usize {
        self.statuses.iter().filter(|&&other| other == status).count()
    }

    /// Prints the counts. Invitees that were not added were not sent.
    pub(super) fn print_counts(&self) {
        let not_added = self.total - self.added();
        let others = [
            (self.count(InviteStatus::Refused), "refused"),
            (self.count(InviteStatus::NotSent) + not_added, "not sent"),
            (self.count(InviteStatus::Unknown), "unknown"),
            (self.settled, "settled"),
            (self.invalid, "invalid"),
        ];
        let others = others.into_iter().filter(|(count, _)| *count > 0);
        let others: String = others.map(|(count, word)| format!(", {count} {word}")).collect();
        let invited = self.count(InviteStatus::Invited);
        let total = self.total + self.invalid;
        report(format_args!("sdn: {invited} of {total} invited{others}"));
    }

    /// Prints what is left to decide, and how.
    pub(super) fn print_unresolved(&self, journal: Option<&Path>) {
        let Some(journal) = journal.map(command) else {
            if !self.unknown.is_empty() {
                report(
                    "sdn: some outcomes are unknown; check the room before you invite again, because a \
                     second invitation may send a second mail",
                );
            }
            return;
        };
        if self.count(InviteStatus::Refused) > 0 {
            report(format_args!(
                "sdn: refused invitees are not invited again, because the mail may already have been \
                 sent; check the room, then run {journal} --retry INVITEE for one of them, or --retry \
                 refused for all"
            ));
        }
        if !self.unknown.is_empty() {
            report("sdn: it is unknown whether these were invited:");
            report_some(&self.unknown, "  ");
            report(format_args!(
                "sdn: compare with the room: {journal} --look; then decide: {journal} --settle INVITEE for \
                 each invitation that is there, and --retry INVITEE for the others"
            ));
        }
        if self.others_unknown > 0 {
            let count = self.others_unknown;
            report(format_args!(
                "sdn: {count} invitees who are not in the list any more are unknown too; see {journal}"
            ));
        }
    }
}
