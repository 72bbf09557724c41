use std::time::Duration;

use super::pace::{Pace, Turn};
use super::queue::{Queue, Ticket};

/// Shared by many senders to one server: they stop when the server limits one of them, then start
/// again one by one, and then send at the pace that the server accepts.
///
/// Senders get their turns in the order of their tickets. It is a plain value. A transport keeps it
/// in a lock, and after each change wakes the one sender that [`wake`](Self::wake) names.
///
/// At first up to 64 may send at the same time, and each success allows one more. After a rate
/// limit, no sender may send until the delay has passed and the others have ended. Then one may,
/// and each success allows one more. Two limits show the server's rate. From then on turns begin at
/// intervals, which slowly become shorter until the next limit. The backoff forgets the rate after
/// a minute without a call.
///
/// Times are measured from any fixed moment.
///
/// ```
/// use std::time::Duration;
/// use sdn_proto::retry::{Backoff, Turn};
///
/// let second = Duration::from_secs(1);
/// let mut backoff = Backoff::new();
/// let (alice, bob) = (backoff.ticket(), backoff.ticket());
/// assert_eq!(backoff.ask(alice, 0 * second), Turn::Now);
/// assert_eq!(backoff.ask(bob, 0 * second), Turn::Now);
/// backoff.limited(0 * second, 7 * second);
/// backoff.limited(1 * second, 7 * second);
/// assert_eq!(backoff.ask(bob, 2 * second), Turn::After(6 * second));
/// assert_eq!(backoff.ask(alice, 2 * second), Turn::After(6 * second));
/// assert_eq!(backoff.ask(bob, 8 * second), Turn::AfterAnother, "alice came first");
/// assert_eq!(backoff.ask(alice, 8 * second), Turn::Now);
/// assert_eq!(backoff.wake(), None, "one begins");
/// backoff.done(true);
/// assert_eq!(backoff.wake(), Some(bob));
/// assert_eq!(backoff.ask(bob, 8 * second), Turn::Now);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Backoff {
    queue: Queue,
    pace: Pace,
}

impl Backoff {
    /// Creates a backoff without a limit.
    pub fn new() -> Self {
        Self::default()
    }

    /// Issues the next ticket. Each sender gets one, and keeps it until its end.
    pub fn ticket(&mut self) -> Ticket {
        self.queue.issue()
    }

    /// Asks for a turn. A sender that does not get one waits in the queue until it asks again and
    /// gets one, or [leaves](Self::leave).
    pub fn ask(&mut self, ticket: Ticket, now: Duration) -> Turn {
        if !self.queue.is_first(ticket) {
            self.queue.sleep(ticket);
            return Turn::AfterAnother;
        }
        let turn = self.pace.ask(now, self.queue.contains(ticket));
        match turn {
            Turn::Now => self.queue.leave(ticket),
            Turn::After(_) => self.queue.stay_awake(ticket),
            Turn::AfterAnother => self.queue.sleep(ticket),
        }
        turn
    }

    /// Removes a sender that no longer waits.
    pub fn leave(&mut self, ticket: Ticket) {
        self.queue.leave(ticket);
    }

    /// Ends a turn.
    ///
    /// Call it for an abandoned turn too, because others wait for it.
    pub fn done(&mut self, is_success: bool) {
        self.pace.done(is_success, !self.queue.is_empty());
    }

    /// Ends a turn with a rate limit: all wait for `delay`, and then start again one by one.
    ///
    /// If the server refuses several turns in a row, all wait longer than the server asks.
    pub fn limited(&mut self, now: Duration, delay: Duration) {
        self.pace.limited(now, delay);
    }

    /// Returns the sender that has to ask again because of the last changes, if there is one.
    ///
    /// Call it after each other method, and wake that sender. It is returned only once.
    #[must_use]
    pub fn wake(&mut self) -> Option<Ticket> {
        if self.pace.is_full() { None } else { self.queue.wake() }
    }

    /// Returns whether nothing is left to remember: no turn runs, nobody waits, and nobody has sent
    /// for a minute. A new backoff is then as good.
    ///
    /// ```
    /// use std::time::Duration;
    /// use sdn_proto::retry::Backoff;
    ///
    /// let mut backoff = Backoff::new();
    /// backoff.limited(Duration::ZERO, Duration::from_secs(600));
    /// assert!(!backoff.is_forgotten(Duration::from_secs(660)));
    /// assert!(backoff.is_forgotten(Duration::from_secs(661)));
    /// ```
    pub fn is_forgotten(&self, now: Duration) -> bool {
        self.queue.is_empty() && self.pace.is_forgotten(now)
    }

    /// Returns how long ago the server first limited the rate, unless the backoff has forgotten it.
    pub(super) fn limited_for(&self, now: Duration) -> Duration {
        self.pace.limited_for(now)
    }
}
