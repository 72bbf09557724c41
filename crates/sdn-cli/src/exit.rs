//! The exit statuses, which scripts rely on.

use std::fmt::Display;
use std::io;
use std::process::ExitCode;

use sdn_proto::InviteStatus;

use crate::output::report;

/// How a command ended. The greater of two wins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// All were invited.
    #[default]
    Success = 0,
    /// Some were refused, or certainly not sent.
    SomeRefused = 1,
    /// The input is invalid; nothing was sent.
    BadInput = 2,
    /// Some outcomes are unknown.
    SomeUnknown = 3,
    /// Ctrl-C was pressed. Shells use this status.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl From<InviteStatus> for Exit {
    fn from(status: InviteStatus) -> Self {
        match status {
            InviteStatus::Invited => Self::Success,
            InviteStatus::Refused | InviteStatus::NotSent => Self::SomeRefused,
            InviteStatus::Unknown => Self::SomeUnknown,
        }
    }
}

impl Exit {
    /// Prints a problem to standard error, and returns this status.
    pub(crate) fn reporting(self, problem: impl Display) -> Self {
        report(format_args!("sdn: {problem}"));
        self
    }

    /// Returns this status, or a worse one if writing to standard output failed. A closed pipe is not
    /// a failure.
    pub(crate) fn unless_unwritten(self, written: io::Result<()>) -> Result<Self, Self> {
        match written {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                let problem = format!("cannot write to standard output: {error}");
                Err(self.max(Self::SomeRefused).reporting(problem))
            }
            _ => Ok(self),
        }
    }
}
