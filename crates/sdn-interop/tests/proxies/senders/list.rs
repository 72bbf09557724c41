//! `sdn invite --from`, its journal, and a second run of the same list.

use std::collections::HashMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::sender::{Outcome, Pending, Route, Sender};
use crate::command::sdn;
use crate::node::{self, ID_SERVER, Node};
use crate::place::Place;
use crate::situation::{Status, USUAL_CLIENT};

/// The maximum time of a run.
const LONGEST_RUN: Duration = Duration::from_secs(60);

pub(super) struct Lists {
    folder: PathBuf,
    route: Route,
    second_route: Route,
    lists: Vec<PathBuf>,
}

impl Lists {
    pub(super) fn new(place: &Place, route: Route) -> Self {
        let second_route = Route::new(place, USUAL_CLIENT);
        Self { folder: place.folder.clone(), route, second_route, lists: Vec::new() }
    }
}

impl Sender for Lists {
    fn start(&mut self, node: &Node, numbers: Vec<usize>) -> Pending {
        let list = self.folder.join(format!("people{}.csv", self.lists.len()));
        let rows: String = numbers.iter().map(|&number| node::invitee(number) + "\n").collect();
        fs::write(&list, rows).unwrap();
        self.lists.push(list.clone());
        let run = Run::start(node, &list, &self.route);
        Box::new(move || {
            let mut outcomes = run.finish();
            outcomes.sort_by_key(|outcome| outcome.number);
            assert!(outcomes.iter().map(|outcome| outcome.number).eq(numbers), "rows are missing");
            outcomes
        })
    }

    fn send(&mut self, node: &Node, numbers: Vec<usize>) -> Vec<Outcome> {
        self.start(node, numbers)()
    }

    fn run_again(&mut self, node: &Node) -> Vec<Outcome> {
        let run = |list: &PathBuf| Run::start(node, list, &self.second_route).finish();
        self.lists.iter().flat_map(run).collect()
    }
}

/// A run of the command.
struct Run {
    process: Child,
    list: PathBuf,
}

impl Run {
    fn start(node: &Node, list: &Path, route: &Route) -> Self {
        let mut command = Command::new(sdn());
        command.args(["invite", &node.room, "--json", "--node", &route.url]);
        command.args(["--id-server", ID_SERVER]).arg("--from").arg(list);
        command.args(["--timeout", &route.timeout.as_secs().to_string()]);
        if let Some(authority) = &route.authority {
            command.arg("--ca-file").arg(authority);
        }
        command.env_clear().env("XDG_CONFIG_HOME", list.parent().expect("the folder"));
        command.env("SDN_ACCESS_TOKEN", &node.access_token);
        command.env("SDN_ID_ACCESS_TOKEN", &node.id_token).stdin(Stdio::null());
        // Files, because the output is read after the run.
        command.stdout(File::create(stdout(list)).unwrap());
        command.stderr(File::create(stderr(list)).unwrap());
        Self { process: command.spawn().unwrap(), list: list.to_owned() }
    }

    /// Compares the outcomes of the attempted rows with the journal, and returns them.
    fn finish(mut self) -> Vec<Outcome> {
        let deadline = Instant::now() + LONGEST_RUN;
        let status = loop {
            match self.process.try_wait().unwrap() {
                Some(status) => break status,
                None => assert!(Instant::now() < deadline, "sdn still runs after {LONGEST_RUN:?}"),
            }
            thread::sleep(Duration::from_millis(10));
        };
        let errors = fs::read_to_string(stderr(&self.list)).unwrap();
        assert!(matches!(status.code(), Some(0 | 1 | 3)), "{status}: {errors}");
        let printed = fs::read_to_string(stdout(&self.list)).unwrap();
        let journal = journal(&self.list);
        let outcome = |line| {
            let line: Value = serde_json::from_str(line).unwrap();
            let invitee = line["invitee"].as_str().unwrap();
            let status = status_of(line["outcome"].as_str().unwrap());
            let words = words_for(status);
            let word = journal.get(invitee).map(String::as_str);
            assert!(words.contains(&word), "{line} is printed, but {word:?} is in the journal");
            Outcome { number: node::number_in(invitee), status, text: line.to_string() }
        };
        printed.lines().map(outcome).collect()
    }
}

/// Ends the processes of a situation in every case.
impl Drop for Run {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn stdout(list: &Path) -> PathBuf {
    list.with_extension("stdout")
}

fn stderr(list: &Path) -> PathBuf {
    list.with_extension("stderr")
}

/// Returns the last outcome of each invitee.
fn journal(list: &Path) -> HashMap<String, String> {
    let text = fs::read_to_string(list.with_extension("csv.journal")).unwrap();
    let entry = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        let text = |member: &str| line[member].as_str().map(str::to_owned);
        Some((text("invitee")?, text("outcome")?))
    };
    text.lines().filter_map(entry).collect()
}

fn status_of(outcome: &str) -> Status {
    match outcome {
        "invited" => Status::Invited,
        "refused" => Status::Refused,
        "not_sent" => Status::NotSent,
        "unknown" => Status::Unknown,
        other => panic!("unexpected outcome {other}"),
    }
}

/// Returns the journal's possible entries. It does not have a row that was not attempted.
fn words_for(status: Status) -> &'static [Option<&'static str>] {
    match status {
        Status::Invited => &[Some("invited")],
        Status::Refused => &[Some("refused"), Some("not_sent")],
        Status::NotSent => &[Some("not_sent"), None],
        Status::Unknown => &[Some("unknown")],
    }
}
