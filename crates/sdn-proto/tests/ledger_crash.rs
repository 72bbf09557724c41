//! Whatever crashes where, nobody is invited twice and nobody is forgotten.
//!
//! The model has a node, a store that loses writes which were not synced, senders that can stop
//! anywhere, and a person who looks at the room. All small models are explored completely, and
//! larger ones at random. Each rule for stores that the ledger's documentation states is also
//! broken once, which has to be noticed.

use std::collections::HashSet;

use proptest::prelude::*;
use sdn_proto::InviteStatus::{self, Invited, NotSent, Refused, Unknown};
use sdn_proto::ledger::{Decision, State};

/// What a store records of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Row {
    state: State,
    /// The number of the last attempt to send it.
    attempt: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Sender {
    Idle,
    /// It has written that it begins, which is not durable yet.
    Begun(Attempt),
    /// It may send.
    Ready(Attempt),
    /// The request is over, and its outcome is not recorded yet.
    Over(Attempt, InviteStatus),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Attempt {
    row: usize,
    number: u8,
}

/// What a node does with a request: whether it invites, and what the sender learns.
const RESPONSES: [(bool, InviteStatus); 6] = [
    (true, Invited),
    (false, Refused),
    // Some nodes fail after they have sent the mail.
    (true, Refused),
    (false, NotSent),
    (true, Unknown),
    (false, Unknown),
];

#[derive(Debug, Clone, Copy)]
enum Step {
    Begin {
        sender: usize,
        row: usize,
    },
    Sync {
        sender: usize,
    },
    Send {
        sender: usize,
        response: usize,
    },
    Finish {
        sender: usize,
    },
    /// A sender stops, and another one takes its place.
    Stop {
        sender: usize,
    },
    /// The store keeps only so many of the writes that were not synced.
    Crash {
        kept: usize,
    },
    Resume {
        row: usize,
    },
    Decide {
        row: usize,
    },
}

/// Which rules are kept. Without one of them, something has to go wrong.
#[derive(Debug, Clone, Copy)]
struct Rules {
    syncs_before_sending: bool,
    numbers_attempts: bool,
    waits_for_senders: bool,
    /// Resumed invitations are unknown. Otherwise they are sent again.
    resumes_as_unknown: bool,
}

const ALL_RULES: Rules = Rules {
    syncs_before_sending: true,
    numbers_attempts: true,
    waits_for_senders: true,
    resumes_as_unknown: true,
};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Scene {
    durable: Vec<Row>,
    /// The writes that were not synced, the first one first.
    pending: Vec<(usize, Row)>,
    senders: Vec<Sender>,
    /// How often the node has invited each.
    invited: Vec<u8>,
}

impl Scene {
    fn new(rows: usize, senders: usize) -> Self {
        Self {
            durable: vec![Row { state: State::New, attempt: 0 }; rows],
            pending: Vec::new(),
            senders: vec![Sender::Idle; senders],
            invited: vec![0; rows],
        }
    }

    fn row(&self, row: usize) -> Row {
        let last = self.pending.iter().rev().find(|(written, _)| *written == row);
        last.map_or(self.durable[row], |(_, last)| *last)
    }

    fn write(&mut self, row: usize, state: State) {
        self.pending.push((row, Row { state, ..self.row(row) }));
    }

    fn sync(&mut self) {
        for (row, written) in self.pending.drain(..) {
            self.durable[row] = written;
        }
    }

    /// Whether a request for the row may be under way.
    fn is_being_sent(&self, row: usize) -> bool {
        self.senders.iter().any(|sender| {
            matches!(sender, Sender::Begun(attempt) | Sender::Ready(attempt) if attempt.row == row)
        })
    }

    /// Takes a step. Returns whether it was possible.
    fn take(&mut self, step: Step, rules: Rules) -> bool {
        self.try_take(step, rules).is_some()
    }

    fn try_take(&mut self, step: Step, rules: Rules) -> Option<()> {
        match step {
            Step::Begin { sender, row } => {
                if self.senders[sender] != Sender::Idle {
                    return None;
                }
                let Row { state, attempt } = self.row(row);
                let (state, number) = (state.begin().ok()?, attempt + 1);
                self.pending.push((row, Row { state, attempt: number }));
                let attempt = Attempt { row, number };
                self.senders[sender] = match rules.syncs_before_sending {
                    true => Sender::Begun(attempt),
                    false => Sender::Ready(attempt),
                };
            }
            Step::Sync { sender } => {
                let Sender::Begun(attempt) = self.senders[sender] else { return None };
                self.sync();
                self.senders[sender] = Sender::Ready(attempt);
            }
            Step::Send { sender, response } => {
                let Sender::Ready(attempt) = self.senders[sender] else { return None };
                let (invites, status) = RESPONSES[response];
                self.invited[attempt.row] += u8::from(invites);
                self.senders[sender] = Sender::Over(attempt, status);
            }
            Step::Finish { sender } => {
                let Sender::Over(attempt, status) = self.senders[sender] else { return None };
                self.senders[sender] = Sender::Idle;
                let row = self.row(attempt.row);
                let is_last = row.attempt == attempt.number || !rules.numbers_attempts;
                if let (Ok(state), true) = (row.state.finish(status), is_last) {
                    self.write(attempt.row, state);
                }
            }
            Step::Stop { sender } => {
                if self.senders[sender] == Sender::Idle {
                    return None;
                }
                self.senders[sender] = Sender::Idle;
            }
            Step::Crash { kept } => {
                if kept > self.pending.len() {
                    return None;
                }
                self.pending.truncate(kept);
                self.sync();
                // A sender that waits for its write gets an error, even if the write was kept.
                for index in 0..self.senders.len() {
                    if matches!(self.senders[index], Sender::Begun(_)) {
                        self.senders[index] = Sender::Idle;
                    }
                }
            }
            Step::Resume { row } => {
                let Row { state, .. } = self.row(row);
                let is_too_early = rules.waits_for_senders && self.is_being_sent(row);
                if state != State::Sending || is_too_early {
                    return None;
                }
                let state = if rules.resumes_as_unknown { state.resume() } else { State::New };
                self.write(row, state);
            }
            Step::Decide { row } => {
                let Row { state, .. } = self.row(row);
                if !state.needs_decision() {
                    return None;
                }
                let is_in_room = self.invited[row] > 0;
                let decision = if is_in_room { Decision::Settle } else { Decision::Retry };
                self.write(row, state.decide(decision).unwrap());
            }
        }
        Some(())
    }

    /// Returns what is wrong, if anything is.
    fn problem(&self) -> Option<String> {
        for (row, &invited) in self.invited.iter().enumerate() {
            if invited > 1 {
                return Some(format!("{row} was invited {invited} times"));
            }
            for Row { state, .. } in [self.row(row), self.durable[row]] {
                if state.may_be_sent() && invited > 0 {
                    return Some(format!("{row} was invited, and is {state}"));
                }
                if state == State::Ended(Invited) && invited == 0 {
                    return Some(format!("{row} was not invited, and is {state}"));
                }
            }
        }
        self.forgotten().map(|row| format!("{row} was forgotten"))
    }

    /// Returns an invitation that is never sent, although all senders, the node and a person do
    /// from now on what they should.
    fn forgotten(&self) -> Option<usize> {
        let mut scene = self.clone();
        scene.senders.fill(Sender::Idle);
        let accepted = RESPONSES.iter().position(|response| *response == (true, Invited)).unwrap();
        let sender = 0;
        for row in 0..scene.durable.len() {
            for step in [
                Step::Resume { row },
                Step::Decide { row },
                Step::Begin { sender, row },
                Step::Sync { sender },
                Step::Send { sender, response: accepted },
                Step::Finish { sender },
            ] {
                scene.take(step, ALL_RULES);
            }
        }
        scene.invited.iter().position(|&invited| invited == 0)
    }

    /// Returns every step that may be possible.
    fn steps(&self) -> Vec<Step> {
        let rows = 0..self.durable.len();
        let mut steps: Vec<_> = (0..=self.pending.len()).map(|kept| Step::Crash { kept }).collect();
        for row in rows.clone() {
            steps.extend([Step::Resume { row }, Step::Decide { row }]);
        }
        for sender in 0..self.senders.len() {
            steps.extend([Step::Sync { sender }, Step::Finish { sender }, Step::Stop { sender }]);
            steps.extend((0..RESPONSES.len()).map(|response| Step::Send { sender, response }));
            steps.extend(rows.clone().map(|row| Step::Begin { sender, row }));
        }
        steps
    }
}

/// Takes every step from every scene that can be reached with at most so many attempts for each
/// invitation. Returns the number of scenes.
fn explore(first: Scene, attempts: u8, rules: Rules) -> Result<usize, String> {
    let mut seen = HashSet::from([first.clone()]);
    let mut open = vec![first];
    while let Some(scene) = open.pop() {
        if let Some(problem) = scene.problem() {
            return Err(problem);
        }
        for step in scene.steps() {
            let mut next = scene.clone();
            let is_new = next.take(step, rules)
                && (0..next.durable.len()).all(|row| next.row(row).attempt <= attempts)
                && seen.insert(next.clone());
            if is_new {
                open.push(next);
            }
        }
    }
    Ok(seen.len())
}

#[test]
fn small_models_lose_and_repeat_nothing() {
    for (rows, senders, attempts) in [(1, 1, 5), (1, 2, 4), (1, 3, 3), (2, 1, 2), (2, 2, 1)] {
        let scenes = explore(Scene::new(rows, senders), attempts, ALL_RULES).unwrap();
        println!("{rows} invitations, {senders} senders, {attempts} attempts: {scenes} scenes");
        assert!(scenes > 100, "{scenes} scenes");
    }
}

#[test]
fn broken_rule_is_noticed() {
    for (rules, problem) in [
        (Rules { syncs_before_sending: false, ..ALL_RULES }, "was invited"),
        (Rules { numbers_attempts: false, ..ALL_RULES }, "was invited"),
        (Rules { waits_for_senders: false, ..ALL_RULES }, "was invited"),
        (Rules { resumes_as_unknown: false, ..ALL_RULES }, "was invited"),
    ] {
        let found = explore(Scene::new(1, 2), 3, rules).unwrap_err();
        assert!(found.contains(problem), "{rules:?}: {found}");
        println!("{rules:?}: {found}");
    }
}

fn step() -> impl Strategy<Value = Step> {
    let (row, sender) = (0..ROWS, 0..SENDERS);
    prop_oneof![
        4 => (sender.clone(), row.clone()).prop_map(|(sender, row)| Step::Begin { sender, row }),
        4 => sender.clone().prop_map(|sender| Step::Sync { sender }),
        4 => (sender.clone(), 0..RESPONSES.len())
            .prop_map(|(sender, response)| Step::Send { sender, response }),
        4 => sender.clone().prop_map(|sender| Step::Finish { sender }),
        1 => sender.prop_map(|sender| Step::Stop { sender }),
        1 => (0..8_usize).prop_map(|kept| Step::Crash { kept }),
        1 => row.clone().prop_map(|row| Step::Resume { row }),
        1 => row.prop_map(|row| Step::Decide { row }),
    ]
}

const ROWS: usize = 5;
const SENDERS: usize = 3;

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn many_senders_lose_and_repeat_nothing(steps in proptest::collection::vec(step(), 0..150)) {
        let mut scene = Scene::new(ROWS, SENDERS);
        for step in steps {
            scene.take(step, ALL_RULES);
            prop_assert_eq!(scene.problem(), None, "{:?}", step);
        }
    }
}
