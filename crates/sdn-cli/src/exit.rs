//! The exit statuses, which scripts rely on.

use std::io;
use std::process::ExitCode;

use crate::output::tell;

/// How a command ended. The greater of two wins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// All were invited.
    #[default]
    Success = 0,
    /// Some were refused, or certainly not sent.
    SomeRefused = 1,
    /// The input is bad; nothing was sent.
    BadInput = 2,
    /// The outcome of some is unknown.
    SomeUnknown = 3,
    /// Somebody has interrupted it, as a shell tells that.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl Exit {
    /// This, or something worse if standard output has failed. A reader who has left is no failure.
    pub(crate) fn unless_unwritten(self, written: io::Result<()>) -> Self {
        match written {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                tell(format_args!("sdn: cannot write to standard output: {error}"));
                self.max(Self::SomeRefused)
            }
            _ => self,
        }
    }
}
