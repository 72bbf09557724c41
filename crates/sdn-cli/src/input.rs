//! Collects all problems of the input, to report them at once before anything is sent.

use std::fmt::Display;
use std::time::Duration;

use sdn_proto::InvalidInput;

use crate::args::ServerArgs;
use crate::exit::Exit;
use crate::output::report;

/// The problems of the input, one line each. No line contains a token.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<String>);

impl Problems {
    pub(crate) fn add(&mut self, place: impl Display, problem: impl Display) {
        self.0.push(format!("{place}: {problem}"));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keeps a value, or records what is wrong with it and where it was given.
    pub(crate) fn keep<T>(
        &mut self,
        place: impl Display,
        result: Result<T, impl Display>,
    ) -> Option<T> {
        result.map_err(|problem| self.add(place, problem)).ok()
    }

    /// Keeps a checked value, or records the rule that it breaks.
    pub(crate) fn check<T>(
        &mut self,
        place: impl Display,
        result: Result<T, InvalidInput>,
    ) -> Option<T> {
        self.keep(place, result.map_err(|error| error.rule()))
    }

    /// Returns the first problem, if there is one.
    pub(crate) fn first(&self) -> Option<&str> {
        self.0.first().map(String::as_str)
    }

    /// Returns the checked value, or reports all problems if there are any.
    pub(crate) fn finish<T>(self, checked: Option<T>) -> Result<T, Exit> {
        match checked {
            Some(checked) if self.0.is_empty() => Ok(checked),
            _ => {
                report("sdn: invalid input, nothing was sent:");
                report_some(&self.0, "  ");
                Err(Exit::BadInput)
            }
        }
    }
}

/// Prints as many lines as anybody reads to standard error.
pub(crate) fn report_some(lines: &[String], indent: &str) {
    const MAX_LINES: usize = 100;
    for line in lines.iter().take(MAX_LINES) {
        report(format_args!("{indent}{line}"));
    }
    if let Some(more @ 1..) = lines.len().checked_sub(MAX_LINES) {
        report(format_args!("{indent}and {more} more"));
    }
}

/// Reads `--wait`, which is `or` seconds if not given.
pub(crate) fn wait(args: &ServerArgs, or: u64, problems: &mut Problems) -> Option<Duration> {
    let seconds = match args.wait.as_deref().map_or(Ok(or), str::parse) {
        Ok(seconds @ 0..=86_400) => Ok(Duration::from_secs(seconds)),
        _ => Err("must be a whole number of seconds from 0 to 86400"),
    };
    problems.keep("--wait", seconds)
}
