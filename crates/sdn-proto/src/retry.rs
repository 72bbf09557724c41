//! When and how long to wait for a server that limits its rate, decided without a clock and without randomness.
//!
//! [`Patience`] decides for one call, within a budget. [`Pace`] is shared by many senders to one server: when one of them is
//! limited, all wait, and then they start again slowly. Both are told what time it is and what jitter to add.

use std::time::{Duration, SystemTime};

use http::StatusCode;

use crate::error::{ApiError, ErrorCode, RetryAfter};

/// When a server limits the rate without saying for how long.
const DEFAULT_DELAY: Duration = Duration::from_secs(5);
/// A server that keeps asking for short delays is not waited for without end.
const MAX_WAITS: u32 = 10;
/// A pace is closed no longer, whatever the server says: it may have had a bad moment.
const MAX_CLOSED: Duration = Duration::from_secs(24 * 60 * 60);
/// The most that jitter adds to a delay: a quarter of it, and half a minute.
const JITTER_SHARE: u32 = 4;
const MAX_JITTER: Duration = Duration::from_secs(30);

/// How long, and how often, one caller waits for a server that limits its rate.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use sdn_proto::retry::Patience;
/// use sdn_proto::{Call, InviteUser};
///
/// let answer = http::Response::builder().status(429).header("retry-after", "7").body("{}")?;
/// let error = InviteUser::parse_response(&answer).unwrap_err();
///
/// let mut patience = Patience::new(Duration::from_secs(10));
/// assert_eq!(patience.wait(&error, UNIX_EPOCH, 0.0), Some(Duration::from_secs(7)));
/// assert_eq!(patience.wait(&error, UNIX_EPOCH, 0.0), None, "seven more would be fourteen");
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Patience {
    left: Duration,
    waits: u32,
}

impl Patience {
    /// Waits no longer than `budget` in all, and ten times at the most.
    pub fn new(budget: Duration) -> Self {
        Self { left: budget, waits: MAX_WAITS }
    }

    /// How long to wait before the call is repeated; `None` if the error is no rate limit, or to wait would take too long.
    ///
    /// It is never shorter than the server asks. `now` is compared with a delay that the server gives as a date. `jitter`,
    /// between 0 and 1, is how much of the most that may be added is: a quarter of the delay, and half a minute.
    pub fn wait(&mut self, error: &ApiError, now: SystemTime, jitter: f64) -> Option<Duration> {
        let wait = self.allows(error, now, jitter)?;
        self.spend(wait);
        Some(wait)
    }

    /// The same for who tells with [`spend`](Self::spend) how long it took in the end: it counts, and takes no time yet.
    pub fn allows(&mut self, error: &ApiError, now: SystemTime, jitter: f64) -> Option<Duration> {
        self.allow(delay(error, Some(now))?, jitter)
    }

    /// How long it still waits.
    pub fn left(&self) -> Duration {
        self.left
    }

    /// Tells of a wait, for whatever reason; says whether it was within the budget.
    pub fn spend(&mut self, wait: Duration) -> bool {
        let is_within = wait <= self.left;
        self.left = self.left.saturating_sub(wait);
        is_within
    }

    /// The same as [`wait`](Self::wait) for who has no clock, and takes the server's from its answer if that tells.
    pub(crate) fn wait_by(
        &mut self,
        error: &ApiError,
        now: Option<SystemTime>,
    ) -> Option<Duration> {
        let wait = self.allow(delay(error, now)?, 0.0)?;
        self.spend(wait);
        Some(wait)
    }

    /// What jitter would add beyond the budget is left out.
    fn allow(&mut self, delay: Duration, jitter: f64) -> Option<Duration> {
        if delay > self.left {
            return None;
        }
        self.waits = self.waits.checked_sub(1)?;
        Some(with_jitter(delay, jitter).min(self.left))
    }
}

/// Whether an error says that the server limits the rate.
pub fn is_rate_limit(error: &ApiError) -> bool {
    error.status() == StatusCode::TOO_MANY_REQUESTS
        || error.code() == Some(&ErrorCode::LimitExceeded)
}

/// How long the server wants to be left alone, if the error is a rate limit; five seconds if it does not say.
pub fn delay_of(error: &ApiError, now: SystemTime) -> Option<Duration> {
    delay(error, Some(now))
}

fn delay(error: &ApiError, now: Option<SystemTime>) -> Option<Duration> {
    is_rate_limit(error).then(|| match (error.retry_after(), now) {
        (Some(RetryAfter::Delay(delay)), _) => delay,
        (Some(at @ RetryAfter::At(_)), Some(now)) => at.delay_from(now),
        _ => DEFAULT_DELAY,
    })
}

fn with_jitter(delay: Duration, jitter: f64) -> Duration {
    let most = (delay / JITTER_SHARE).min(MAX_JITTER);
    // Not a number counts as none.
    delay.saturating_add(most.mul_f64(jitter.clamp(0.0, 1.0).max(0.0)))
}

/// The pace of many senders to one server: as a whole they stop when it limits one, and start again one by one.
///
/// At first any number may send. After a rate limit nobody may until the delay is over; then one may, and after each success
/// twice as many. Time is what has passed since any moment of your choice.
///
/// ```
/// use std::time::Duration;
/// use sdn_proto::retry::{Pace, Turn};
///
/// let second = Duration::from_secs(1);
/// let mut pace = Pace::new();
/// assert_eq!(pace.ask(0 * second), Turn::Now);
/// assert_eq!(pace.ask(0 * second), Turn::Now);
/// pace.limited(0 * second, 7 * second);
/// pace.limited(1 * second, 7 * second);
/// assert_eq!(pace.ask(2 * second), Turn::After(6 * second));
/// assert_eq!(pace.ask(8 * second), Turn::Now);
/// assert_eq!(pace.ask(8 * second), Turn::AfterAnother);
/// pace.done(true);
/// assert_eq!(pace.ask(8 * second), Turn::Now);
/// ```
#[derive(Debug, Clone)]
pub struct Pace {
    closed_until: Duration,
    sending: usize,
    /// How many of them began before the last limit: their success says nothing of what may be sent now.
    outdated: usize,
    /// How many may send at the same time.
    width: usize,
}

/// When a sender may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Now: send, and then tell [`Pace::done`] or [`Pace::limited`].
    Now,
    /// After so long: ask again then.
    After(Duration),
    /// When another has ended: ask again then.
    AfterAnother,
}

impl Default for Pace {
    fn default() -> Self {
        Self { closed_until: Duration::ZERO, sending: 0, outdated: 0, width: usize::MAX }
    }
}

impl Pace {
    /// A pace that nothing limits yet.
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

    /// Tells that a turn has ended, and whether with a success; after one, twice as many may send.
    ///
    /// Tell it also when a turn is given up, or others would wait for it.
    pub fn done(&mut self, is_success: bool) {
        self.sending = self.sending.saturating_sub(1);
        if self.outdated > 0 {
            self.outdated -= 1;
        } else if is_success {
            self.width = self.width.saturating_mul(2);
        }
    }

    /// Tells that a turn has ended with a rate limit: all are to wait for `delay`, and then start again one by one.
    pub fn limited(&mut self, now: Duration, delay: Duration) {
        self.done(false);
        self.closed_until = self.closed_until.max(now.saturating_add(delay.min(MAX_CLOSED)));
        self.width = 1;
        self.outdated = self.sending;
    }
}
