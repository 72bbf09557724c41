//! Many senders that slow down together when a server limits its rate.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use sdn_proto::retry::{Pace, Patience, Turn, delay_of};
use sdn_proto::{Call, CallError};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::client::Client;
use crate::error::Error;

/// A client whose clones slow down together when the server limits the rate of one of them.
///
/// A call that is answered with a rate limit is sent again when the server's delay is over, within the budget; meanwhile no
/// clone sends anything, and after it they start again one by one. Nothing else is ever sent again. Use one for each server
/// and user: limits are theirs.
///
/// ```no_run
/// use std::time::Duration;
/// # use sdn_proto::{Session, InviteUser};
/// # async fn run(session: Session, invites: Vec<InviteUser>) {
/// let client = sdn_hyper::Client::new().paced(Duration::from_secs(600));
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
pub struct Paced {
    client: Client,
    budget: Duration,
    shared: Arc<Shared>,
}

struct Shared {
    pace: Mutex<Pace>,
    /// Somebody's turn has ended.
    ended: Notify,
    start: Instant,
}

impl Client {
    /// A client that waits when the server limits the rate, each call no longer than `budget` in all.
    pub fn paced(&self, budget: Duration) -> Paced {
        let shared = Shared { pace: Mutex::default(), ended: Notify::new(), start: Instant::now() };
        Paced { client: self.clone(), budget, shared: Arc::new(shared) }
    }
}

impl Paced {
    /// Sends a call when it is its turn, and again after a rate limit.
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`]; a rate limit is the answer's error if to wait for its end would take too long, and
    /// [`Error::NoTurn`] if another call was limited and this one was not sent.
    pub async fn send<C: Call>(
        &self,
        server: &C::Server,
        call: &C,
    ) -> Result<C::Output, CallError<Error>> {
        let mut patience = Patience::new(self.budget);
        // The rate limit that was answered before, if there was one.
        let mut limited = None;
        loop {
            let Some(turn) = self.turn(&mut patience).await else {
                return Err(limited.unwrap_or(CallError::Transport(Error::NoTurn)));
            };
            let result = self.client.send(server, call).await;
            let error = result.as_ref().err().and_then(CallError::api);
            let now = SystemTime::now();
            let Some((error, delay)) = error.and_then(|error| Some((error, delay_of(error, now)?)))
            else {
                turn.done(result.is_ok());
                return result;
            };
            match patience.allows(error, now, jitter()) {
                Some(wait) => {
                    turn.limited(wait);
                    limited = result.err();
                }
                None => {
                    turn.limited(delay);
                    return result;
                }
            }
        }
    }

    /// Waits for a turn; `None` if that would take too long.
    async fn turn(&self, patience: &mut Patience) -> Option<MyTurn<'_>> {
        loop {
            // Before the question, so that no end is missed between the two.
            let ended = self.shared.ended.notified();
            let asked = Instant::now();
            let turn = self.shared.pace().ask(self.shared.now());
            match turn {
                Turn::Now => return Some(MyTurn { shared: &self.shared, is_over: false }),
                Turn::After(wait) => {
                    if wait > patience.left() {
                        return None;
                    }
                    tokio::time::sleep(wait).await;
                    patience.spend(asked.elapsed());
                }
                Turn::AfterAnother => {
                    let _ = tokio::time::timeout(patience.left(), ended).await;
                    if !patience.spend(asked.elapsed()) {
                        return None;
                    }
                }
            }
        }
    }
}

impl Shared {
    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }
}

/// A turn, which ends at the latest when it is dropped.
struct MyTurn<'a> {
    shared: &'a Shared,
    is_over: bool,
}

impl MyTurn<'_> {
    fn done(mut self, is_success: bool) {
        self.end(|pace| pace.done(is_success));
    }

    fn limited(mut self, delay: Duration) {
        let now = self.shared.now();
        self.end(|pace| pace.limited(now, delay));
    }

    fn end(&mut self, tell: impl FnOnce(&mut Pace)) {
        self.is_over = true;
        tell(&mut self.shared.pace());
        self.shared.ended.notify_waiters();
    }
}

impl Drop for MyTurn<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.end(|pace| pace.done(false));
        }
    }
}

/// Between 0 and 1, another each time.
fn jitter() -> f64 {
    f64::from(RandomState::new().build_hasher().finish() as u32) / f64::from(u32::MAX)
}

impl fmt::Debug for Paced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Paced").field("budget", &self.budget).finish_non_exhaustive()
    }
}
