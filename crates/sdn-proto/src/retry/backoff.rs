use std::time::Duration;

/// A backoff lasts no longer, whatever the server says: it may have had a bad moment.
const MAX_CLOSED: Duration = Duration::from_secs(24 * 60 * 60);

/// What many senders to one server share: all stop when the server limits one of them, and then start
/// again one by one.
///
/// At first any number may send. After a rate limit none may until the delay is over. Then one may,
/// and after each success twice as many. Times are measured from any fixed moment.
///
/// ```
/// use std::time::Duration;
/// use sdn_proto::retry::{Backoff, Turn};
///
/// let second = Duration::from_secs(1);
/// let mut backoff = Backoff::new();
/// assert_eq!(backoff.ask(0 * second), Turn::Now);
/// assert_eq!(backoff.ask(0 * second), Turn::Now);
/// backoff.limited(0 * second, 7 * second);
/// backoff.limited(1 * second, 7 * second);
/// assert_eq!(backoff.ask(2 * second), Turn::After(6 * second));
/// assert_eq!(backoff.ask(8 * second), Turn::Now);
/// assert_eq!(backoff.ask(8 * second), Turn::AfterAnother);
/// backoff.done(true);
/// assert_eq!(backoff.ask(8 * second), Turn::Now);
/// ```
#[derive(Debug, Clone)]
pub struct Backoff {
    closed_until: Duration,
    sending: usize,
    /// How many of them began before the last limit: their success does not widen it.
    outdated: usize,
    /// How many may send at the same time.
    width: usize,
}

/// When a sender may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Now: send, then call [`Backoff::done`] or [`Backoff::limited`].
    Now,
    /// After this long: ask again then.
    After(Duration),
    /// When the turn of another sender has ended: ask again then.
    AfterAnother,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { closed_until: Duration::ZERO, sending: 0, outdated: 0, width: usize::MAX }
    }
}

impl Backoff {
    /// Creates a backoff that nothing limits yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for a turn.
    pub fn ask(&mut self, now: Duration) -> Turn {
        match self.closed_until.checked_sub(now) {
            Some(left) if !left.is_zero() => Turn::After(left),
            _ if self.sending >= self.width => Turn::AfterAnother,
            _ => {
                self.sending += 1;
                Turn::Now
            }
        }
    }

    /// Ends a turn. After a success, twice as many may send.
    ///
    /// Call it for an abandoned turn too: others wait for it.
    pub fn done(&mut self, is_success: bool) {
        self.sending = self.sending.saturating_sub(1);
        if self.outdated > 0 {
            self.outdated -= 1;
        } else if is_success {
            self.width = self.width.saturating_mul(2);
        }
    }

    /// Ends a turn with a rate limit: all wait for `delay`, and then start again one by one.
    pub fn limited(&mut self, now: Duration, delay: Duration) {
        self.done(false);
        self.closed_until = self.closed_until.max(now.saturating_add(delay.min(MAX_CLOSED)));
        self.width = 1;
        self.outdated = self.sending;
    }
}
