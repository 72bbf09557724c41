use std::mem;
use std::time::{Duration, SystemTime};

use super::backoff::Backoff;
use super::budget::RetryBudget;
use super::pace::Turn;
use super::queue::Ticket;
use super::rate_limit::retry_delay;
use crate::error::{CallError, TransportErrorKind};

/// The minimum time before a call asks again, while nothing is limited and others are first.
const UNLIMITED: Duration = Duration::from_secs(1);

/// One call among many that share a [`Backoff`]: when to send it, and whether to send it again.
///
/// A transport asks [`next`](Self::next) until it is [`Next::Send`], sends, and passes the result
/// to [`ended`](Self::ended). It keeps the lock around the backoff, the clock and the sleep. After
/// each of these it calls [`Backoff::wake`], and wakes the call with that [`ticket`](Self::ticket).
///
/// Only the budget limits the number of retries, because each refusal makes all calls wait.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use sdn_proto::retry::{Attempt, Backoff, Next};
/// use sdn_proto::{Call, CallError, InviteUser};
///
/// let seconds = Duration::from_secs;
/// let mut backoff = Backoff::new();
/// let mut attempt = Attempt::new(backoff.ticket(), seconds(60));
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
    ticket: Ticket,
    budget: RetryBudget,
    /// The rate limit that ended the last turn, if there was one.
    limited: Option<CallError>,
    /// The wait since the last question.
    waited: Duration,
}

/// What a call does next.
#[derive(Debug)]
pub enum Next {
    /// Send now, then call [`Attempt::ended`].
    Send,
    /// Wait this long, call [`Attempt::waited`], and ask again.
    Sleep(Duration),
    /// Wait until [`Backoff::wake`] returns this call's ticket, but at most this long. Then call
    /// [`Attempt::waited`] with the actual time, and ask again.
    WaitForOther(Duration),
    /// Return this error, because the wait would exceed the budget.
    GiveUp(CallError),
}

impl Attempt {
    /// Begins a call that may wait for `budget` in all. The backoff issued its `ticket`.
    pub fn new(ticket: Ticket, budget: Duration) -> Self {
        let budget = RetryBudget::of_any_number(budget);
        Self { ticket, budget, limited: None, waited: Duration::ZERO }
    }

    /// Returns the ticket of this call.
    pub fn ticket(&self) -> Ticket {
        self.ticket
    }

    /// Asks for a turn. `now` is the time since any fixed moment.
    ///
    /// If the call is dropped while it waits, call [`Backoff::leave`].
    pub fn next(&mut self, backoff: &mut Backoff, now: Duration) -> Next {
        let turn = backoff.ask(self.ticket, now);
        let limited_for = backoff.limited_for(now);
        self.budget.spend(mem::take(&mut self.waited).min(limited_for));
        let left = self.budget.left();
        match turn {
            Turn::Now => Next::Send,
            Turn::After(wait) if wait <= left => Next::Sleep(wait),
            Turn::AfterAnother if limited_for.is_zero() => Next::WaitForOther(left.max(UNLIMITED)),
            Turn::AfterAnother if !left.is_zero() => Next::WaitForOther(left),
            _ => {
                backoff.leave(self.ticket);
                let limited = self.limited.take();
                let error = || CallError::Transport(TransportErrorKind::RateLimited.into());
                Next::GiveUp(limited.unwrap_or_else(error))
            }
        }
    }

    /// Reduces the budget by a wait, or by the part of it after a rate limit.
    pub fn waited(&mut self, time: Duration) {
        self.waited = self.waited.saturating_add(time);
    }

    /// Ends the turn. Returns the result of the call, or `None` if the call must be sent again.
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
