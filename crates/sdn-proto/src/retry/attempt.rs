use std::time::{Duration, SystemTime};

use super::backoff::{Backoff, Turn};
use super::budget::RetryBudget;
use super::rate_limit::retry_delay;
use crate::error::{CallError, TransportErrorKind};

/// One call among many that share a [`Backoff`]: when to send it, and whether to send it again.
///
/// A transport asks [`next`](Self::next) until it is [`Next::Send`], sends, and passes the result to
/// [`ended`](Self::ended). It keeps the lock around the backoff, the clock and the sleep.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use sdn_proto::retry::{Attempt, Backoff, Next};
/// use sdn_proto::{Call, CallError, InviteUser};
///
/// let seconds = Duration::from_secs;
/// let (mut backoff, mut attempt) = (Backoff::new(), Attempt::new(seconds(60)));
/// assert!(matches!(attempt.next(&mut backoff, seconds(0)), Next::Send));
///
/// let limit = http::Response::builder().status(429).header("retry-after", "7").body("{}")?;
/// let result = InviteUser::parse_response(&limit).map_err(CallError::from);
/// assert!(attempt.ended(&mut backoff, seconds(1), UNIX_EPOCH, 0.0, result).is_none());
/// let Next::Sleep(wait) = attempt.next(&mut backoff, seconds(1)) else { panic!() };
/// assert_eq!(wait, seconds(7));
/// attempt.waited(wait);
///
/// assert!(matches!(attempt.next(&mut backoff, seconds(8)), Next::Send));
/// let result = attempt.ended(&mut backoff, seconds(9), UNIX_EPOCH, 0.0, Ok(()));
/// assert!(matches!(result, Some(Ok(()))));
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Debug)]
pub struct Attempt {
    budget: RetryBudget,
    /// The rate limit that ended the last turn, if there was one.
    limited: Option<CallError>,
}

/// What a call does next.
#[derive(Debug)]
pub enum Next {
    /// Send now, then call [`Attempt::ended`].
    Send,
    /// Wait this long, call [`Attempt::waited`], and ask again.
    Sleep(Duration),
    /// Wait until the turn of another call ends, but not longer than this. Then call
    /// [`Attempt::waited`] with the time that it took, and ask again.
    WaitForOther(Duration),
    /// Return this error: to wait would exceed the budget.
    GiveUp(CallError),
}

impl Attempt {
    /// Begins a call that may wait for `budget` in all.
    pub fn new(budget: Duration) -> Self {
        Self { budget: RetryBudget::new(budget), limited: None }
    }

    /// Asks for a turn. `now` is the time since any fixed moment.
    pub fn next(&mut self, backoff: &mut Backoff, now: Duration) -> Next {
        match backoff.ask(now) {
            Turn::Now => Next::Send,
            Turn::After(wait) if wait <= self.budget.left() => Next::Sleep(wait),
            Turn::AfterAnother if !self.budget.left().is_zero() => {
                Next::WaitForOther(self.budget.left())
            }
            _ => Next::GiveUp(
                self.limited
                    .take()
                    .unwrap_or(CallError::Transport(TransportErrorKind::RateLimited.into())),
            ),
        }
    }

    /// Takes a wait from the budget.
    pub fn waited(&mut self, time: Duration) {
        self.budget.spend(time);
    }

    /// Ends the turn. Returns the result of the call, or `None` if it is to be sent again.
    ///
    /// `now` is the time since the same moment as in [`next`](Self::next), `clock` the wall clock,
    /// and `jitter` a random number between 0 and 1.
    pub fn ended<T>(
        &mut self,
        backoff: &mut Backoff,
        now: Duration,
        clock: SystemTime,
        jitter: f64,
        result: Result<T, CallError>,
    ) -> Option<Result<T, CallError>> {
        let error = result.as_ref().err().and_then(CallError::api_error);
        let limit = error.and_then(|error| Some((error, retry_delay(error, clock)?)));
        let Some((error, delay)) = limit else {
            backoff.done(result.is_ok());
            return Some(result);
        };
        match self.budget.check(error, clock, jitter) {
            Some(wait) => {
                backoff.limited(now, wait);
                self.limited = result.err();
                None
            }
            None => {
                backoff.limited(now, delay);
                Some(result)
            }
        }
    }
}
