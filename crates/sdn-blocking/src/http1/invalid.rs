//! Responses that are not HTTP.

use std::error::Error;
use std::fmt;
use std::io::{self, ErrorKind};

/// What is wrong with a response. It repeats nothing of the response.
#[derive(Debug, PartialEq)]
pub(super) struct Invalid(pub(super) &'static str);

impl Invalid {
    /// Returns whether this is the cause of an error.
    pub(super) fn is_cause_of(error: &io::Error) -> bool {
        error.get_ref().is_some_and(|cause| cause.is::<Self>())
    }
}

impl From<Invalid> for io::Error {
    fn from(invalid: Invalid) -> Self {
        io::Error::new(ErrorKind::InvalidData, invalid)
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for Invalid {}
