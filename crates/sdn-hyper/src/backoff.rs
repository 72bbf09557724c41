//! Many senders that wait together when a server limits the rate.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use sdn_proto::retry::{Attempt, Backoff, Next};
use sdn_proto::{Call, CallError};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout};

use crate::client::Client;

/// A client whose clones wait together when the server limits the rate of one of them.
///
/// A call that meets a rate limit is sent again when the server's delay is over, within the budget.
/// Meanwhile no clone sends anything, and after it they start again one by one. Nothing else is ever
/// sent again. Use one for each server and user, because each has limits of its own.
///
/// ```no_run
/// use std::time::Duration;
/// # use sdn_proto::{Session, InviteUser};
/// # async fn run(session: Session, invites: Vec<InviteUser>) {
/// let client = sdn_hyper::Client::new().with_shared_backoff(Duration::from_secs(600));
/// let tasks: Vec<_> = invites
///     .into_iter()
///     .map(|invite| {
///         let (client, session) = (client.clone(), session.clone());
///         tokio::spawn(async move { client.send(&session, &invite).await })
///     })
///     .collect();
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
    turn_ended: Notify,
    start: Instant,
}

impl Client {
    /// Returns a client that waits when the server limits the rate, each call up to `budget` in all.
    pub fn with_shared_backoff(&self, budget: Duration) -> BackoffClient {
        let shared =
            Shared { backoff: Mutex::default(), turn_ended: Notify::new(), start: Instant::now() };
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
    pub async fn send<C: Call>(
        &self,
        server: &C::Server,
        call: &C,
    ) -> Result<C::Output, CallError> {
        let mut attempt = Attempt::new(self.budget);
        loop {
            let turn = self.turn(&mut attempt).await?;
            let result = self.client.send(server, call).await;
            if let Some(result) = turn.end(&mut attempt, result) {
                return result;
            }
        }
    }

    /// Waits for a turn.
    async fn turn(&self, attempt: &mut Attempt) -> Result<RunningTurn<'_>, CallError> {
        loop {
            // Before the question, so that no end is missed between the two.
            let turn_ended = self.shared.turn_ended.notified();
            let asked = Instant::now();
            let next = attempt.next(&mut self.shared.backoff(), self.shared.now());
            match next {
                Next::Send => return Ok(RunningTurn { shared: &self.shared, is_over: false }),
                Next::Sleep(wait) => sleep(wait).await,
                Next::WaitForOther(longest) => drop(timeout(longest, turn_ended).await),
                Next::GiveUp(error) => return Err(error),
            }
            attempt.waited(asked.elapsed());
        }
    }
}

impl Shared {
    fn backoff(&self) -> MutexGuard<'_, Backoff> {
        self.backoff.lock().unwrap_or_else(PoisonError::into_inner)
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
        drop(backoff);
        self.shared.turn_ended.notify_waiters();
        result
    }
}

impl Drop for RunningTurn<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.shared.backoff().done(false);
            self.shared.turn_ended.notify_waiters();
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
