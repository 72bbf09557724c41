use std::time::{Duration, SystemTime};

use super::rate_limit::delay;
use crate::error::ApiError;

/// Ends the waits for a server that keeps asking for short delays.
const MAX_WAITS: u32 = 10;
/// The maximum that jitter adds to a delay: a quarter of it, at most half a minute.
const JITTER_SHARE: u32 = 4;
const MAX_JITTER: Duration = Duration::from_secs(30);

/// The total time and number of one caller's waits for a server that limits the rate.
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
    /// Allows at most ten waits, of `budget` in all.
    pub fn new(budget: Duration) -> Self {
        Self { left: budget, waits: MAX_WAITS }
    }

    /// Allows any number of waits, of `budget` in all.
    pub(super) fn of_any_number(budget: Duration) -> Self {
        Self { left: budget, waits: u32::MAX }
    }

    /// Returns how long to wait before a retry, and reduces the budget. Returns `None` if the error
    /// is not a rate limit, or the wait would exceed the budget.
    ///
    /// The wait is never shorter than the server asks. `now` is used only if the server sends a
    /// date to wait for, and its response has no `Date` header. `jitter`, between 0 and 1, is a
    /// share of the maximum that is added: a quarter of the delay, at most half a minute.
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

    /// Reduces the budget by a wait. Returns whether the budget was large enough.
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

    /// Cuts jitter that would exceed the budget.
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
    // NaN counts as 0.
    delay.saturating_add(most.mul_f64(jitter.clamp(0.0, 1.0).max(0.0)))
}
