//! Many senders that wait together when a server limits the rate.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use sdn_proto::retry::{Attempt, Backoff, Next};
use sdn_proto::{Call, CallError};

use crate::client::Client;

/// A client whose clones wait together when the server limits the rate of one of them.
///
/// A call that meets a rate limit is sent again when the server's delay is over, within the budget.
/// Meanwhile no clone sends anything. After it they start again one by one, and then keep the pace
/// that the server lets through. Calls are sent in the order in which they were made. Nothing else is
/// ever sent again. Use one for each server and user, because each has limits of its own.
///
/// Until the server limits the rate, up to 64 calls are sent at the same time, and each success lets
/// one more be sent.
///
/// ```no_run
/// use std::time::Duration;
/// # use sdn_proto::{Session, InviteUser};
/// # fn run(session: Session, invites: Vec<InviteUser>) {
/// let client = sdn_blocking::Client::new().with_shared_backoff(Duration::from_secs(600));
/// std::thread::scope(|scope| {
///     for chunk in invites.chunks(100) {
///         let (client, session) = (client.clone(), &session);
///         scope.spawn(move || {
///             chunk.iter().map(|invite| client.send(session, invite)).collect::<Vec<_>>()
///         });
///     }
/// });
/// # }
/// ```
#[derive(Clone)]
pub struct BackoffClient {
    client: Client,
    budget: Duration,
    shared: Arc<Shared>,
}

struct Shared {
    backoff: Mutex<Backoff>,
    woken: Condvar,
    start: Instant,
}

impl Client {
    /// Returns a client that waits when the server limits the rate, each call up to `budget` in all.
    pub fn with_shared_backoff(&self, budget: Duration) -> BackoffClient {
        let shared =
            Shared { backoff: Mutex::default(), woken: Condvar::new(), start: Instant::now() };
        BackoffClient { client: self.clone(), budget, shared: Arc::new(shared) }
    }
}

impl BackoffClient {
    /// Sends a call when it is its turn, and again after a rate limit.
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`]. A rate limit is returned if to wait for its end would exceed the
    /// budget, and [`RateLimited`](sdn_proto::TransportErrorKind::RateLimited) if another call met
    /// one and this call was not sent.
    pub fn send<C: Call>(&self, server: &C::Server, call: &C) -> Result<C::Output, CallError> {
        let mut attempt = Attempt::new(self.shared.backoff().ticket(), self.budget);
        loop {
            let turn = self.turn(&mut attempt)?;
            let result = self.client.send(server, call);
            if let Some(result) = turn.end(&mut attempt, result) {
                return result;
            }
        }
    }

    /// Waits for a turn.
    fn turn(&self, attempt: &mut Attempt) -> Result<RunningTurn<'_>, CallError> {
        let mut backoff = self.shared.backoff();
        loop {
            let asked = Instant::now();
            let next = attempt.next(&mut backoff, self.shared.now());
            self.shared.wake(&mut backoff);
            let wait = match next {
                Next::Send => return Ok(RunningTurn { shared: &self.shared, is_over: false }),
                Next::Sleep(wait) | Next::WaitForOther(wait) => wait,
                Next::GiveUp(error) => return Err(error),
            };
            let woken = self.shared.woken.wait_timeout(backoff, wait);
            backoff = woken.unwrap_or_else(PoisonError::into_inner).0;
            attempt.waited(asked.elapsed());
        }
    }
}

impl Shared {
    fn backoff(&self) -> MutexGuard<'_, Backoff> {
        self.backoff.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes all, so that the one whose turn it is to ask does so.
    fn wake(&self, backoff: &mut Backoff) {
        if backoff.wake().is_some() {
            self.woken.notify_all();
        }
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }
}

/// A turn, which ends at the latest when it is dropped.
struct RunningTurn<'a> {
    shared: &'a Shared,
    is_over: bool,
}

impl RunningTurn<'_> {
    fn end<T>(
        mut self,
        attempt: &mut Attempt,
        result: Result<T, CallError>,
    ) -> Option<Result<T, CallError>> {
        self.is_over = true;
        let now = self.shared.now();
        let mut backoff = self.shared.backoff();
        let result = attempt.ended(&mut backoff, now, SystemTime::now(), jitter(), result);
        self.shared.wake(&mut backoff);
        result
    }
}

impl Drop for RunningTurn<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            let mut backoff = self.shared.backoff();
            backoff.done(false);
            self.shared.wake(&mut backoff);
        }
    }
}

/// Returns a random number between 0 and 1.
fn jitter() -> f64 {
    f64::from(RandomState::new().build_hasher().finish() as u32) / f64::from(u32::MAX)
}

impl fmt::Debug for BackoffClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BackoffClient").field("budget", &self.budget).finish_non_exhaustive()
    }
}
