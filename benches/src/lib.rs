//! The cases that are measured: the same input for sdn-proto and for its peers.
//!
//! A case measures what a client does for each call. Everything that a client does once is prepared
//! before: the session with its token for sdn-proto, and the list of supported versions for ruma.
//! Values and responses exist before, for all of them.

#![forbid(unsafe_code)]

mod floor;
mod naive;
mod ours;
pub mod report;
mod ruma;
mod signed;
mod tables;

pub use sdn_benches_common::input;
pub use tables::{BUILD, PARSE, SIGNED};

/// Runs the work that it gets, once.
pub type Measure<'a> = &'a mut dyn FnMut(&mut dyn FnMut());

/// Prepares its work, has it measured, and cleans up.
pub type Run = fn(Measure<'_>);

/// Cases of one kind.
pub struct Table {
    /// The name on the command line.
    pub name: &'static str,
    /// In the table's order.
    pub cases: &'static [Case],
}

/// One input, for every library that can use it.
pub struct Case {
    /// The name in the table.
    pub name: &'static str,
    /// The libraries, sdn-proto first.
    pub runs: &'static [(&'static str, Run)],
}

/// Returns the run that three arguments name: a table, the number of a case, and a library.
pub fn named_run(arguments: impl IntoIterator<Item = String>) -> Option<Run> {
    let mut arguments = arguments.into_iter();
    let table = arguments.next()?;
    let table = [BUILD, PARSE, SIGNED].into_iter().find(|known| known.name == table)?;
    let case = table.cases.get(arguments.next()?.parse::<usize>().ok()?)?;
    let by = arguments.next()?;
    case.runs.iter().find(|(name, _)| *name == by).map(|&(_, run)| run)
}
