//! Collecting all that is wrong with the input, to tell it at once before anything is sent.

use std::fmt::Display;
use std::time::Duration;

use sdn_proto::InvalidInput;

use crate::args::ServerArgs;
use crate::exit::Exit;
use crate::output::tell;

/// What is wrong with the input, a line each. None holds a token.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<String>);

impl Problems {
    pub(crate) fn add(&mut self, place: impl Display, problem: impl Display) {
        self.0.push(format!("{place}: {problem}"));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keeps a value, or notes what is wrong with it and where it was given.
    pub(crate) fn keep<T>(
        &mut self,
        place: impl Display,
        result: Result<T, impl Display>,
    ) -> Option<T> {
        result.map_err(|problem| self.add(place, problem)).ok()
    }

    /// Keeps a value whose check says which rule it breaks.
    pub(crate) fn check<T>(
        &mut self,
        place: impl Display,
        result: Result<T, InvalidInput>,
    ) -> Option<T> {
        self.keep(place, result.map_err(|error| error.rule()))
    }

    /// Returns the first line, if anything is wrong.
    pub(crate) fn first(&self) -> Option<&str> {
        self.0.first().map(String::as_str)
    }

    /// Gives what was checked if nothing is wrong, or else tells all that is.
    pub(crate) fn finish<T>(self, checked: Option<T>) -> Result<T, Exit> {
        match checked {
            Some(checked) if self.0.is_empty() => Ok(checked),
            _ => {
                tell("sdn: invalid input, nothing was sent:");
                tell_some(&self.0, "  ");
                Err(Exit::BadInput)
            }
        }
    }
}

/// Tells as many lines as anybody reads.
pub(crate) fn tell_some(lines: &[String], indent: &str) {
    const MAX_LINES: usize = 100;
    for line in lines.iter().take(MAX_LINES) {
        tell(format_args!("{indent}{line}"));
    }
    if let Some(more @ 1..) = lines.len().checked_sub(MAX_LINES) {
        tell(format_args!("{indent}and {more} more"));
    }
}

/// Reads `--wait`, or takes so many seconds.
pub(crate) fn wait(args: &ServerArgs, or: u64, problems: &mut Problems) -> Option<Duration> {
    let seconds = match args.wait.as_deref().map_or(Ok(or), str::parse) {
        Ok(seconds @ 0..=86_400) => Ok(Duration::from_secs(seconds)),
        _ => Err("no whole number of seconds from 0 to 86400; give one"),
    };
    problems.keep("--wait", seconds)
}
