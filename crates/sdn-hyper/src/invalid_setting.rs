//! Settings that cannot be used.

use std::error::Error;
use std::fmt;

/// An invalid setting. Its text names the setting and the problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidSetting {
    field: &'static str,
    problem: &'static str,
}

impl InvalidSetting {
    pub(crate) fn new(field: &'static str, problem: &'static str) -> Self {
        Self { field, problem }
    }
}

impl fmt::Display for InvalidSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.problem)
    }
}

impl Error for InvalidSetting {}
