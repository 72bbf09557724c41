use std::collections::BTreeSet;

/// A call's place in the queue of a [`Backoff`](super::Backoff).
///
/// The call keeps it until its end, so a refused call goes before later ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(u64);

/// The waiting calls, in the order of their tickets. Only the first asks; the others sleep.
#[derive(Debug, Clone, Default)]
pub(super) struct Queue {
    issued: u64,
    waiting: BTreeSet<Ticket>,
    /// The call that asks again by itself, because it was woken or has a timer.
    awake: Option<Ticket>,
}

impl Queue {
    pub(super) fn issue(&mut self) -> Ticket {
        self.issued += 1;
        Ticket(self.issued)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn contains(&self, ticket: Ticket) -> bool {
        self.waiting.contains(&ticket)
    }

    /// Returns whether no earlier call waits.
    pub(super) fn is_first(&self, ticket: Ticket) -> bool {
        self.waiting.first().is_none_or(|&first| ticket <= first)
    }

    /// Adds a call that sleeps until it is woken.
    pub(super) fn sleep(&mut self, ticket: Ticket) {
        self.waiting.insert(ticket);
        self.awake.take_if(|awake| *awake == ticket);
    }

    /// Adds a call that asks again by itself.
    pub(super) fn stay_awake(&mut self, ticket: Ticket) {
        self.waiting.insert(ticket);
        self.awake = Some(ticket);
    }

    pub(super) fn leave(&mut self, ticket: Ticket) {
        self.waiting.remove(&ticket);
    }

    /// Returns the first call, unless it is awake already.
    pub(super) fn wake(&mut self) -> Option<Ticket> {
        let first = self.waiting.first().copied().filter(|first| self.awake != Some(*first))?;
        self.awake = Some(first);
        Some(first)
    }
}
