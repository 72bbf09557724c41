//! The journal and Ctrl-C, which both depend on whether an invitation is being sent.

use std::{io, mem};

use sdn_proto::InviteStatus;

use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::invitee::Invitee;
use crate::journal::file::Journal;

/// Records each invitation in the journal, if there is one, and stops after Ctrl-C.
#[derive(Debug)]
pub(super) struct Log {
    journal: Option<Journal>,
    interrupt: Interrupt,
    is_under_way: bool,
}

impl Log {
    pub(super) fn new(journal: Option<Journal>, interrupt: Interrupt) -> Self {
        Self { journal, interrupt, is_under_way: false }
    }

    /// Records that an invitation is about to be sent.
    pub(super) fn sending(&mut self, invitee: &Invitee, text: &str) -> Result<(), Exit> {
        // Set busy before the check, so that a Ctrl-C is either seen here or handled as busy.
        self.interrupt.set_busy(true);
        self.check_interrupt()?;
        self.is_under_way = true;
        self.record(|journal| journal.begin(invitee, text))
    }

    /// Records how an invitation ended, if it was being sent.
    pub(super) fn ended(
        &mut self,
        invitee: &Invitee,
        text: &str,
        status: InviteStatus,
        http_status: Option<u16>,
    ) -> Result<(), Exit> {
        if mem::take(&mut self.is_under_way) {
            self.record(|journal| journal.finish(invitee, text, status, http_status))?;
        }
        Ok(())
    }

    /// Records that the current invitation, if any, had no effect, because a long wait follows.
    pub(super) fn record_not_sent(&mut self, invitee: &Invitee, text: &str) -> Result<(), Exit> {
        self.ended(invitee, text, InviteStatus::NotSent, None)?;
        self.set_idle();
        self.check_interrupt()
    }

    /// Lets Ctrl-C end the process during a long wait. The current invitation, if any, remains unknown.
    pub(super) fn waiting(&mut self) -> Result<(), Exit> {
        self.set_idle();
        self.check_interrupt()
    }

    /// Lets Ctrl-C end the process at once until the next invitation.
    pub(super) fn set_idle(&self) {
        self.interrupt.set_busy(false);
    }

    /// Ends the run if Ctrl-C was pressed.
    pub(super) fn check_interrupt(&mut self) -> Result<(), Exit> {
        if self.interrupt.is_asked() {
            self.sync()?;
            return Err(Exit::Interrupted);
        }
        Ok(())
    }

    pub(super) fn sync(&mut self) -> Result<(), Exit> {
        self.record(|journal| journal.sync())
    }

    fn record(&mut self, write: impl FnOnce(&mut Journal) -> io::Result<()>) -> Result<(), Exit> {
        self.journal.as_mut().map_or(Ok(()), write).map_err(|error| {
            Exit::SomeUnknown.reporting(format_args!(
                "cannot write the journal, so nothing more is sent: {error}"
            ))
        })
    }
}
