//! One situation, with one proxy, protocol and sender.

use std::collections::BTreeMap;
use std::fmt;
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use crate::address;
use crate::node::{Entry, Node};
use crate::place::{Protocol, Software};
use crate::proxy::Proxy;
use crate::senders::{Kind, Outcome, Pending, Sender};
use crate::situation::{Expect, Situation, Status, Step};

/// The time until the node must have received a request.
const PATIENCE: Duration = Duration::from_secs(5);

/// A situation, with its proxy, protocol and sender.
#[derive(Clone, Copy)]
pub(crate) struct Case<'a> {
    pub(crate) situation: &'a Situation,
    pub(crate) software: Software,
    pub(crate) protocol: Protocol,
    pub(crate) sender: Kind,
}

/// The result of a case.
#[derive(Default)]
pub(crate) struct Report {
    /// The outcome of each invitation, of a list's first run, and whether the node has received it.
    pub(crate) outcomes: Vec<(Status, bool)>,
    pub(crate) violations: Vec<String>,
}

impl Case<'_> {
    pub(crate) fn run(self) -> Report {
        let settings = self.situation.settings(self.software).expect("the proxy can be in it");
        let node = Node::start();
        let proxy = Proxy::start(self.software, self.protocol, settings, node.address());
        let sender = self.sender.sender(&proxy.place, self.situation.client);
        let mut run = Run {
            case: self,
            node,
            proxy,
            sender,
            count: 0,
            pending: Vec::new(),
            seen_before: 0,
            frozen: Vec::new(),
            queue: Vec::new(),
            outcomes: Vec::new(),
            violations: Vec::new(),
        };
        for step in &self.situation.steps {
            run.take(step);
        }
        run.finish()
    }
}

/// A case under way. Fields are dropped in this order, so that the proxy outlives its senders.
struct Run<'a> {
    case: Case<'a>,
    pending: Vec<Pending>,
    sender: Box<dyn Sender>,
    proxy: Proxy,
    node: Node,
    /// The number of invitations until now.
    count: usize,
    /// The number that the node had received when the pending ones were started.
    seen_before: usize,
    /// The proxy's stopped processes.
    frozen: Vec<u32>,
    /// Connections that fill the proxy's queue.
    queue: Vec<TcpStream>,
    outcomes: Vec<Outcome>,
    violations: Vec<String>,
}

impl Run<'_> {
    fn take(&mut self, step: &Step) {
        match *step {
            Step::Send(count, expected) => {
                let numbers = self.numbers(count);
                let outcomes = self.sender.send(&self.node, numbers);
                self.add(outcomes, expected, step);
            }
            Step::Start(count) => {
                if self.pending.is_empty() {
                    self.seen_before = self.node.seen();
                }
                let numbers = self.numbers(count);
                self.pending.push(self.sender.start(&self.node, numbers));
            }
            Step::AwaitNode(count) => {
                self.await_node(count.min(self.case.sender.most_at_once()));
            }
            Step::Finish(expected) => {
                let outcomes = self.pending.drain(..).flat_map(|pending| pending()).collect();
                self.add(outcomes, expected, step);
            }
            Step::Pause(duration) => thread::sleep(duration),
            Step::Break(count, ref fault) => self.node.break_next(count, fault),
            Step::KillNode => self.node.gate().close(),
            Step::SilenceNode => self.node.gate().silence(),
            Step::StartNode => self.node.restart(),
            Step::KillProxy => self.proxy.kill(),
            Step::EndProxy => self.proxy.end(),
            Step::DrainProxy => self.proxy.drain(),
            Step::StartProxy => self.proxy.run(),
            Step::ReloadProxy => self.proxy.reload(),
            Step::FreezeProxy => self.frozen = self.proxy.freeze(),
            Step::FillQueue => self.queue = address::fill_queue(self.proxy.place.front),
            Step::ThawProxy => {
                self.queue.clear();
                self.proxy.thaw(&self.frozen);
            }
        }
    }

    fn numbers(&mut self, count: usize) -> Vec<usize> {
        let first = self.count;
        self.count += count;
        (first..self.count).collect()
    }

    fn await_node(&self, count: usize) {
        let deadline = Instant::now() + PATIENCE;
        while self.node.seen() < self.seen_before + count {
            assert!(Instant::now() < deadline, "{count} requests do not arrive");
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn add(&mut self, outcomes: Vec<Outcome>, expected: Expect, step: &Step) {
        let statuses: Vec<_> = outcomes.iter().map(|outcome| outcome.status).collect();
        if !expected.holds(&statuses, self.case.sender == Kind::List) {
            let mut texts = outcomes.iter().map(|outcome| outcome.text.as_str());
            let text = texts.find(|text| !text.is_empty()).unwrap_or_default();
            self.violations.push(format!("{step:?} led to {statuses:?}, such as {text}"));
        }
        self.outcomes.extend(outcomes);
    }

    /// Ends everything, and compares the outcomes with the node's record.
    fn finish(mut self) -> Report {
        let mut of_first_run = None;
        if self.case.sender == Kind::List {
            self.node.restart();
            of_first_run = Some(self.compare());
            self.run_lists_again();
        }
        self.proxy.kill();
        self.node.end();
        let outcomes = self.compare();
        let outcomes = of_first_run.unwrap_or(outcomes);
        Report { outcomes, violations: self.violations }
    }

    /// Runs lists a second time. They may send only invitations that were not sent before.
    fn run_lists_again(&mut self) {
        for again in self.sender.run_again(&self.node) {
            let first = &mut self.outcomes[again.number];
            if first.status != Status::NotSent {
                let text = &first.text;
                self.violations.push(format!("a second run sends again, after {text}"));
            }
            *first = again;
        }
    }

    /// Compares the outcomes with the node's record. Returns each, and whether it arrived.
    fn compare(&mut self) -> Vec<(Status, bool)> {
        self.outcomes.sort_by_key(|outcome| outcome.number);
        let record = self.node.record(self.count);
        let mut problems = BTreeMap::<String, (usize, &str)>::new();
        for (outcome, entry) in self.outcomes.iter().zip(&record) {
            if !agree(outcome, entry) {
                let Entry { seen, in_room, .. } = entry;
                let status = outcome.status;
                let problem =
                    format!("{status:?}, reached the node {seen}×, in the room {in_room}×");
                problems.entry(problem).or_insert((0, &outcome.text)).0 += 1;
            }
        }
        for (problem, (count, text)) in problems {
            self.violations.push(format!("{count} × {problem}, such as {text}"));
        }
        self.check_front(&record);
        let arrived = record.iter().map(|entry| entry.seen > 0);
        self.outcomes.iter().map(|outcome| outcome.status).zip(arrived).collect()
    }

    /// Checks the protocol, because otherwise HTTP/2 might not be tested.
    fn check_front(&mut self, record: &[Entry]) {
        let is_http2 = self.case.protocol == Protocol::Tls && self.case.sender != Kind::Blocking;
        let expected = if is_http2 { "HTTP/2.0" } else { "HTTP/1.1" };
        let mut fronts = record.iter().filter_map(|entry| entry.front.as_deref());
        if let Some(other) = fronts.find(|front| *front != expected) {
            self.violations.push(format!("the client used {other} to the proxy"));
        }
    }
}

/// Returns whether an outcome agrees with the node's record.
fn agree(outcome: &Outcome, entry: &Entry) -> bool {
    let &Entry { seen, in_room, .. } = entry;
    let is_true = match outcome.status {
        Status::Invited => seen == 1 && in_room == 1,
        Status::Refused => in_room == 0,
        Status::NotSent => seen == 0 && in_room == 0,
        Status::Unknown => in_room <= seen,
    };
    // A second request is a second mail.
    is_true && seen <= 1
}

impl fmt::Display for Case<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Case { situation, software, protocol, sender } = self;
        write!(f, "{situation}: {software}, {protocol}, {sender}")
    }
}
