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
    /// The status when standard output fails while nothing is being sent. A reader who has left is no failure.
    pub(crate) fn after_write_error(error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::Success;
        }
        tell(format_args!("sdn: cannot write to standard output: {error}"));
        Self::SomeRefused
    }
}
