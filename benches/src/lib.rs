//! The cases that are measured: the same input for sdn-proto and for what else does the same.
//!
//! Measured is what a client does for each call. What it does once is prepared before: the session with its token here,
//! the list of supported versions at ruma's; and values and responses are made beforehand for all.

#![forbid(unsafe_code)]

mod floor;
pub mod input;
mod naive;
mod ours;
pub mod report;
mod ruma;
mod signed;
mod tables;

pub use tables::{BUILD, PARSE, SIGNED};

/// Is given the work and runs it, once.
pub type Measure<'a> = &'a mut dyn FnMut(&mut dyn FnMut());

/// Prepares, has its work measured, and cleans up.
pub type Run = fn(Measure<'_>);

/// Cases side by side.
pub struct Table {
    /// As the command line names it.
    pub name: &'static str,
    /// In the table's order.
    pub cases: &'static [Case],
}

/// One input, for all who can do something with it.
pub struct Case {
    /// As the table shows it.
    pub name: &'static str,
    /// Who does it, sdn-proto first.
    pub runs: &'static [(&'static str, Run)],
}

/// The run that three words on the command line name: a table, the number of a case, and who does it.
pub fn named_run(arguments: impl IntoIterator<Item = String>) -> Option<Run> {
    let mut arguments = arguments.into_iter();
    let table = arguments.next()?;
    let table = [BUILD, PARSE, SIGNED].into_iter().find(|known| known.name == table)?;
    let case = table.cases.get(arguments.next()?.parse::<usize>().ok()?)?;
    let who = arguments.next()?;
    case.runs.iter().find(|(name, _)| *name == who).map(|&(_, run)| run)
}
