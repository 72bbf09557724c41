//! Four senders that share a backoff, in every possible order of their steps.

use std::collections::HashSet;
use std::time::Duration;

use sdn_proto::retry::{Backoff, Ticket, Turn};

const SECOND: Duration = Duration::from_secs(1);
const COUNT: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Sender {
    New,
    /// Asks next. The flag says whether it is in the queue, because it asked before or was woken.
    Ready(Ticket, bool),
    /// Has a timer.
    Timer(Ticket, Duration),
    /// Asks after it is woken.
    Asleep(Ticket),
    Sending(Ticket),
    Gone,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    TakeTicket,
    Ask,
    TimerEnds,
    Leave,
    Succeed,
    Abandon,
    BeLimited,
}

const STEPS: [Step; 7] = [
    Step::TakeTicket,
    Step::Ask,
    Step::TimerEnds,
    Step::Leave,
    Step::Succeed,
    Step::Abandon,
    Step::BeLimited,
];

#[derive(Clone, Debug)]
struct Scene {
    backoff: Backoff,
    senders: [Sender; COUNT],
    now: Duration,
    closed_until: Duration,
    /// The number of limits that the server will still send.
    limits: usize,
}

impl Scene {
    /// The server has limited a sender, so that the others have to wait.
    fn limited() -> Self {
        let mut backoff = Backoff::new();
        let ticket = backoff.ticket();
        assert_eq!(backoff.ask(ticket, Duration::ZERO), Turn::Now);
        backoff.limited(Duration::ZERO, SECOND);
        let senders = [Sender::New; COUNT];
        Scene { backoff, senders, now: Duration::ZERO, closed_until: SECOND, limits: 2 }
    }

    /// Takes a step of one sender, if that is possible.
    fn after(&self, number: usize, step: Step) -> Option<Scene> {
        let mut next = self.clone();
        next.senders[number] = next.step(self.senders[number], number, step)?;
        if let Some(woken) = next.backoff.wake() {
            let is_woken = |sender: &&mut Sender| sender.waits_with(woken);
            let sender = next.senders.iter_mut().find(is_woken).expect("a sender who waits");
            if let Sender::Asleep(ticket) = *sender {
                *sender = Sender::Ready(ticket, true);
            }
        }
        Some(next)
    }

    fn step(&mut self, sender: Sender, number: usize, step: Step) -> Option<Sender> {
        Some(match (step, sender) {
            // The senders are interchangeable, so their tickets are in the order of their numbers.
            (Step::TakeTicket, Sender::New)
                if number == 0 || self.senders[number - 1] != Sender::New =>
            {
                Sender::Ready(self.backoff.ticket(), false)
            }
            (Step::Ask, Sender::Ready(ticket, _)) => match self.backoff.ask(ticket, self.now) {
                Turn::Now => {
                    assert!(self.now >= self.closed_until, "the server wants silence: {self:?}");
                    let is_before = |sender: &Sender| sender.is_queued_before(ticket);
                    assert!(!self.senders.iter().any(is_before), "another is first: {self:?}");
                    Sender::Sending(ticket)
                }
                Turn::After(wait) => Sender::Timer(ticket, self.now + wait),
                Turn::AfterAnother => Sender::Asleep(ticket),
            },
            (Step::TimerEnds, Sender::Timer(ticket, until)) => {
                self.now = self.now.max(until);
                Sender::Ready(ticket, true)
            }
            (
                Step::Leave,
                Sender::Ready(ticket, _) | Sender::Timer(ticket, _) | Sender::Asleep(ticket),
            ) => {
                self.backoff.leave(ticket);
                Sender::Gone
            }
            (Step::Succeed, Sender::Sending(_)) => {
                self.backoff.done(true);
                Sender::Gone
            }
            (Step::Abandon, Sender::Sending(_)) => {
                self.backoff.done(false);
                Sender::Gone
            }
            (Step::BeLimited, Sender::Sending(ticket)) if self.limits > 0 => {
                self.limits -= 1;
                self.backoff.limited(self.now, SECOND);
                self.closed_until = self.closed_until.max(self.now + SECOND);
                Sender::Ready(ticket, false)
            }
            _ => return None,
        })
    }

    fn check(&self) {
        let sleeps = |sender: &Sender| matches!(sender, Sender::Asleep(_));
        let acts = |sender: &Sender| {
            matches!(sender, Sender::Ready(..) | Sender::Timer(..) | Sender::Sending(_))
        };
        let is_stuck = self.senders.iter().any(sleeps) && !self.senders.iter().any(acts);
        assert!(!is_stuck, "nobody wakes those who sleep: {self:?}");
    }
}

impl Sender {
    fn waits_with(&self, woken: Ticket) -> bool {
        matches!(self, Sender::Ready(ticket, _) | Sender::Timer(ticket, _) | Sender::Asleep(ticket)
            if *ticket == woken)
    }

    fn is_queued_before(&self, later: Ticket) -> bool {
        matches!(self, Sender::Ready(ticket, true) | Sender::Timer(ticket, _) | Sender::Asleep(ticket)
            if *ticket < later)
    }
}

/// Takes every step from every reachable scene. Returns the number of scenes, and of those where
/// all senders have ended.
fn explore(first: Scene) -> (usize, usize) {
    let mut seen = HashSet::from([format!("{first:?}")]);
    let (mut open, mut ends) = (vec![first], 0);
    while let Some(scene) = open.pop() {
        scene.check();
        ends += usize::from(scene.senders.iter().all(|sender| *sender == Sender::Gone));
        for number in 0..COUNT {
            for step in STEPS {
                if let Some(next) = scene.after(number, step) {
                    if seen.insert(format!("{next:?}")) {
                        open.push(next);
                    }
                }
            }
        }
    }
    (seen.len(), ends)
}

#[test]
fn every_interleaving_keeps_the_order() {
    let (scenes, ends) = explore(Scene::limited());
    println!("{scenes} scenes, {ends} ends");
    assert!(scenes > 10_000 && ends > 0, "{scenes} scenes, {ends} ends");
}

#[test]
fn one_turn_wakes_one_sender() {
    let mut backoff = Scene::limited().backoff;
    let tickets: Vec<_> = (0..1000).map(|_| backoff.ticket()).collect();
    assert_eq!(backoff.ask(tickets[0], SECOND), Turn::Now);
    for &ticket in &tickets[1..] {
        assert_eq!(backoff.ask(ticket, SECOND), Turn::AfterAnother);
        assert_eq!(backoff.wake(), None, "nobody has to ask");
    }
    backoff.done(true);
    for &ticket in &tickets[1..] {
        assert_eq!(backoff.wake(), Some(ticket));
        assert_eq!(backoff.wake(), None, "it is awake");
        assert_eq!(backoff.ask(ticket, SECOND), Turn::Now);
        backoff.done(true);
    }
    assert_eq!(backoff.wake(), None);
}
