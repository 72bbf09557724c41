//! Counts the invitees of a journal's list that are not in the journal.

use std::collections::HashSet;
use std::path::Path;

use sdn_proto::ledger::State;

use super::file::{Journal, Source};
use crate::args::ListArgs;
use crate::list;
use crate::output::{printable, report};

/// Prints the name of the list that a journal belongs to, and how many of its invitees were not
/// tried.
pub(super) fn print(path: &Path, journal: &Journal) {
    let Some(source) = journal.source().cloned().or_else(|| next_to(path)) else { return };
    let name = printable(&source.list);
    let list = path.with_file_name(&source.list);
    let args =
        ListArgs { column: source.column, delimiter: source.delimiter, ..ListArgs::default() };
    match list::valid(&args, &list) {
        Ok(invitees) => {
            let invitees: HashSet<_> = invitees.into_iter().collect();
            let untried = invitees.iter().filter(|invitee| journal.state(invitee) == State::New);
            let (all, untried) = (invitees.len(), untried.count());
            match untried {
                0 => report(format_args!("sdn: all {all} in the list {name} were tried")),
                _ => report(format_args!(
                    "sdn: {untried} of {all} in the list {name} were not tried"
                )),
            }
        }
        Err(problem) => report(format_args!("sdn: the list {name} cannot be read now: {problem}")),
    }
}

/// Returns the list next to a journal that does not name one.
fn next_to(path: &Path) -> Option<Source> {
    let list = path.file_name()?.to_str()?.strip_suffix(".journal")?.to_owned();
    let is_there = path.with_file_name(&list).is_file();
    is_there.then_some(Source { list, column: None, delimiter: None })
}
