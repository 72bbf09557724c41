//! The numbers of outcomes of each kind.

use std::collections::BTreeMap;

use crate::run::{Case, Report};
use crate::situation::Status;

/// Counts of outcomes that arrived and of those that did not, for each status.
#[derive(Default)]
struct Counts([[usize; 2]; Status::ALL.len()]);

impl Counts {
    fn add(&mut self, status: Status, arrived: bool) {
        self.0[status as usize][usize::from(arrived)] += 1;
    }
}

/// A table of all cases.
#[derive(Default)]
pub(crate) struct Table {
    /// In the order of the situations.
    situations: Vec<(String, Counts)>,
    senders: BTreeMap<String, Counts>,
    total: Counts,
    cases: usize,
}

impl Table {
    pub(crate) fn add(&mut self, case: &Case<'_>, report: &Report) {
        self.cases += 1;
        let row = format!("{}: {}", case.software, case.situation);
        if self.situations.last().is_none_or(|(name, _)| *name != row) {
            self.situations.push((row, Counts::default()));
        }
        let (_, situation) = self.situations.last_mut().expect("a row was added");
        let sender = format!("{}, {}", case.sender, case.protocol);
        let sender = self.senders.entry(sender).or_default();
        for &(status, arrived) in &report.outcomes {
            situation.add(status, arrived);
            sender.add(status, arrived);
            self.total.add(status, arrived);
        }
    }

    pub(crate) fn print(&self) {
        println!("arrived at the node + not arrived; of lists, the outcomes of the first run");
        print_cells("", Status::ALL.map(|status| format!("{status:?}")));
        self.situations.iter().for_each(|(name, counts)| print_row(name, counts));
        self.senders.iter().for_each(|(name, counts)| print_row(name, counts));
        print_row(&format!("total of {} cases", self.cases), &self.total);
    }
}

fn print_row(name: &str, Counts(counts): &Counts) {
    print_cells(
        name,
        counts.map(|[absent, arrived]| match absent + arrived {
            0 => "-".to_owned(),
            _ => format!("{arrived}+{absent}"),
        }),
    );
}

fn print_cells(name: &str, [invited, refused, not_sent, unknown]: [String; Status::ALL.len()]) {
    println!("{name:<64}{invited:>9}{refused:>9}{not_sent:>9}{unknown:>10}");
}
