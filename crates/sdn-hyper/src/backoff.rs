//! Many senders that wait together when a server limits the rate.

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use sdn_proto::retry::{Attempt, Backoff, Next, Ticket};
use sdn_proto::{Call, CallError};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout};

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
    state: Mutex<State>,
    start: Instant,
}

#[derive(Default)]
struct State {
    backoff: Backoff,
    /// The calls that sleep until it is their turn to ask.
    asleep: BTreeMap<Ticket, Arc<Notify>>,
}

impl Client {
    /// Returns a client that waits when the server limits the rate, each call up to `budget` in all.
    pub fn with_shared_backoff(&self, budget: Duration) -> BackoffClient {
        let shared = Shared { state: Mutex::default(), start: Instant::now() };
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
        let mut place = Place::new(&self.shared, self.budget);
        loop {
            place.wait_for_turn().await?;
            let result = self.client.send(server, call).await;
            if let Some(result) = place.end_turn(result) {
                return result;
            }
        }
    }
}

impl Shared {
    /// Changes the state, and wakes the call that has to ask because of that.
    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let result = change(&mut state);
        let woken = state.backoff.wake();
        let woken = woken.and_then(|ticket| state.asleep.remove(&ticket));
        drop(state);
        if let Some(woken) = woken {
            woken.notify_one();
        }
        result
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }
}

/// The place of one call among those that share a backoff. It is free at the latest when it is
/// dropped.
struct Place<'a> {
    shared: &'a Shared,
    attempt: Attempt,
    woken: Arc<Notify>,
    is_sending: bool,
}

impl<'a> Place<'a> {
    fn new(shared: &'a Shared, budget: Duration) -> Self {
        let ticket = shared.change(|state| state.backoff.ticket());
        let attempt = Attempt::new(ticket, budget);
        Self { shared, attempt, woken: Arc::default(), is_sending: false }
    }

    async fn wait_for_turn(&mut self) -> Result<(), CallError> {
        loop {
            let asked = Instant::now();
            match self.ask() {
                Next::Send => return Ok(()),
                Next::Sleep(wait) => sleep(wait).await,
                Next::WaitForOther(longest) => {
                    let _ = timeout(longest, self.woken.notified()).await;
                }
                Next::GiveUp(error) => return Err(error),
            }
            self.attempt.waited(asked.elapsed());
        }
    }

    fn ask(&mut self) -> Next {
        let Self { shared, attempt, woken, is_sending } = self;
        shared.change(|state| {
            let next = attempt.next(&mut state.backoff, shared.now());
            *is_sending = matches!(next, Next::Send);
            match next {
                Next::WaitForOther(_) => state.asleep.insert(attempt.ticket(), woken.clone()),
                _ => state.asleep.remove(&attempt.ticket()),
            };
            next
        })
    }

    fn end_turn<T>(&mut self, result: Result<T, CallError>) -> Option<Result<T, CallError>> {
        self.is_sending = false;
        let Self { shared, attempt, .. } = self;
        let clock = SystemTime::now();
        shared.change(|state| {
            attempt.ended(&mut state.backoff, shared.now(), clock, jitter(), result)
        })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let ticket = self.attempt.ticket();
        self.shared.change(|state| match self.is_sending {
            true => state.backoff.done(false),
            false => {
                state.backoff.leave(ticket);
                state.asleep.remove(&ticket);
            }
        });
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
