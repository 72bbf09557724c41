use std::time::{Duration, SystemTime};

use super::rate_limit::delay;
use crate::error::ApiError;

/// A server that keeps asking for short delays is not waited for without end.
const MAX_WAITS: u32 = 10;
/// The most that jitter adds to a delay: a quarter of it, and half a minute.
const JITTER_SHARE: u32 = 4;
const MAX_JITTER: Duration = Duration::from_secs(30);

/// How long, and how often, one caller waits for a server that limits the rate.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use sdn_proto::retry::RetryBudget;
/// use sdn_proto::{Call, InviteUser};
///
/// let response = http::Response::builder().status(429).header("retry-after", "7").body("{}")?;
/// let error = InviteUser::parse_response(&response).unwrap_err();
///
/// let mut budget = RetryBudget::new(Duration::from_secs(10));
/// assert_eq!(budget.wait(&error, UNIX_EPOCH, 0.0), Some(Duration::from_secs(7)));
/// assert_eq!(budget.wait(&error, UNIX_EPOCH, 0.0), None, "seven more would be fourteen");
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct RetryBudget {
    left: Duration,
    waits: u32,
}

impl RetryBudget {
    /// Allows waits of `budget` in all, and ten of them at most.
    pub fn new(budget: Duration) -> Self {
        Self { left: budget, waits: MAX_WAITS }
    }

    /// Allows any number of waits, of `budget` in all.
    pub(super) fn of_any_number(budget: Duration) -> Self {
        Self { left: budget, waits: u32::MAX }
    }

    /// Returns how long to wait before the call is repeated, and takes it from the budget. Returns
    /// `None` if the error is not a rate limit, or the wait would exceed the budget.
    ///
    /// The wait is never shorter than the server asks. `now` is used only if the server gives a date,
    /// and its response has no `Date` of its own. `jitter`, between 0 and 1, is the share of the most
    /// that may be added: a quarter of the delay, and half a minute.
    pub fn wait(&mut self, error: &ApiError, now: SystemTime, jitter: f64) -> Option<Duration> {
        let wait = self.check(error, now, jitter)?;
        self.spend(wait);
        Some(wait)
    }

    /// Like [`wait`](Self::wait), but does not reduce the budget: call [`spend`](Self::spend) with
    /// the time actually waited.
    pub fn check(&mut self, error: &ApiError, now: SystemTime, jitter: f64) -> Option<Duration> {
        self.allow(delay(error, Some(now))?, jitter)
    }

    /// Returns the time that is left.
    pub fn left(&self) -> Duration {
        self.left
    }

    /// Takes a wait from the budget. Returns whether it was within.
    pub fn spend(&mut self, wait: Duration) -> bool {
        let is_within = wait <= self.left;
        self.left = self.left.saturating_sub(wait);
        is_within
    }

    /// Like [`wait`](Self::wait), without a clock and without jitter, as [flows](crate::flow) wait.
    ///
    /// A date is measured from the response's own `Date`, and means five seconds without one.
    pub fn wait_without_clock(&mut self, error: &ApiError) -> Option<Duration> {
        let wait = self.allow(delay(error, None)?, 0.0)?;
        self.spend(wait);
        Some(wait)
    }

    /// Jitter that would exceed the budget is left out.
    fn allow(&mut self, delay: Duration, jitter: f64) -> Option<Duration> {
        if delay > self.left {
            return None;
        }
        self.waits = self.waits.checked_sub(1)?;
        Some(with_jitter(delay, jitter).min(self.left))
    }
}

fn with_jitter(delay: Duration, jitter: f64) -> Duration {
    let most = (delay / JITTER_SHARE).min(MAX_JITTER);
    // Not a number counts as none.
    delay.saturating_add(most.mul_f64(jitter.clamp(0.0, 1.0).max(0.0)))
}
