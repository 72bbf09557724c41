//! Many senders that wait together when a server limits the rate.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::Response;
use http::uri::Authority;
use sdn_proto::flow::Flow;
use sdn_proto::retry::{Attempt, Backoff, Next, Ticket};
use sdn_proto::{Call, CallError, Outgoing, TransportError, TransportErrorKind};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout};

use crate::client::Client;
use crate::run::drive;
use crate::status::check_status;

/// A client for many senders, which wait together when the server limits the rate of one of them.
///
/// A call that meets a rate limit is sent again when the server's delay is over, within the budget.
/// Meanwhile no clone sends anything to that server. Then they start again one by one, and later
/// send at the pace that the server accepts. Calls are sent in the order in which they were made.
/// No other call is ever sent again. Use one client for each user, because limits differ between
/// users.
///
/// Each server has its own backoff, so a flow that an identity server limits does not stop
/// calls to the node.
///
/// Until a server limits the rate, up to 64 calls are sent to it at the same time, and each success
/// allows one more.
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
    servers: Arc<Servers>,
}

/// The state of each server.
#[derive(Default)]
struct Servers(Mutex<HashMap<Option<Authority>, Arc<Shared>>>);

struct Shared {
    state: Mutex<State>,
    start: Instant,
}

#[derive(Default)]
struct State {
    backoff: Backoff,
    /// The calls that sleep until their turn to ask.
    asleep: BTreeMap<Ticket, Arc<Notify>>,
}

impl Client {
    /// Returns a client that waits when the server limits the rate, each call up to `budget` in
    /// all.
    pub fn with_shared_backoff(&self, budget: Duration) -> BackoffClient {
        BackoffClient { client: self.clone(), budget, servers: Arc::default() }
    }
}

impl BackoffClient {
    /// Sends a call when it is its turn, and again after a rate limit.
    ///
    /// Dropping the future gives its turn to another call. If the call was being sent, it is unknown
    /// whether the server acts, as with [`Client::send`](Client::send).
    ///
    /// # Errors
    ///
    /// The errors of [`Client::send`]. A rate limit is returned if the wait would exceed the
    /// budget. [`RateLimited`](sdn_proto::TransportErrorKind::RateLimited) is returned if another
    /// call met a rate limit and this call was not sent.
    pub async fn send<C: Call>(
        &self,
        server: &C::Server,
        call: &C,
    ) -> Result<C::Output, CallError> {
        let mut place = Place::new(self.servers.at(&Outgoing::new(call, server)), self.budget);
        loop {
            place.wait_for_turn().await?;
            let result = self.client.send(server, call).await;
            if let Some(result) = place.end_turn(result) {
                return result;
            }
        }
    }

    /// Sends a finished request when it is its turn, and again after a rate limit.
    ///
    /// Returns the response with any status, including a rate limit if the wait would exceed the
    /// budget. Otherwise it works like [`Client::execute`].
    ///
    /// # Errors
    ///
    /// The errors of [`Client::execute`], and [`RateLimited`](TransportErrorKind::RateLimited) if
    /// another request met a rate limit and this one was not sent.
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use sdn_proto::Outgoing;
    /// use sdn_proto::http::Request;
    ///
    /// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
    /// let client = sdn_hyper::Client::new().with_shared_backoff(Duration::from_secs(600));
    /// let request = Request::get("https://node.example/_api/client/versions").body("".into())?;
    /// let response = client.execute(Outgoing::from_request(request, 1024)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn execute(&self, outgoing: Outgoing) -> Result<Response<Bytes>, TransportError> {
        let mut place = Place::new(self.servers.at(&outgoing), self.budget);
        let mut limited = None;
        loop {
            match (place.wait_for_turn().await, limited.take()) {
                (Ok(()), _) => {}
                (Err(CallError::Transport(error)), _) => return Err(error),
                (Err(CallError::Api(_)), limited) => {
                    return limited.ok_or_else(|| TransportErrorKind::RateLimited.into());
                }
            }
            let response = self.client.execute(outgoing.clone()).await;
            let checked = match &response {
                Ok(response) => check_status(response).map_err(CallError::Api),
                Err(error) => Err(CallError::Transport(error.clone())),
            };
            if place.end_turn(checked).is_some() {
                return response;
            }
            limited = response.ok();
        }
    }

    /// Runs a flow to its end, as [`Client::run`] does. Each of its requests waits for its turn,
    /// and is sent again after a rate limit.
    ///
    /// The client's budget holds for each request. The flow does not notice these waits, and they
    /// do not reduce its wait budget. A limit that exceeds the client's budget reaches the flow.
    /// Then the flow waits if its own budget allows that, and otherwise it fails. So a flow does
    /// not need a wait budget here.
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use sdn_proto::flow::InviteFlow;
    /// # use sdn_proto::{RoomId, ServerName, Session, ThirdPartyId};
    ///
    /// # async fn run(session: Session, room: RoomId, people: Vec<ThirdPartyId>, id_server: ServerName) {
    /// let client = sdn_hyper::Client::new().with_shared_backoff(Duration::from_secs(600));
    /// for person in people {
    ///     let flow = InviteFlow::new(session.clone(), room.clone(), person, id_server.clone());
    ///     let client = client.clone();
    ///     tokio::spawn(async move { client.run(flow).await });
    /// }
    /// # }
    /// ```
    pub async fn run<F: Flow>(&self, flow: F) -> F::Outcome {
        drive(flow, |outgoing| self.execute(outgoing)).await
    }
}

impl Servers {
    /// Returns the state of a request's server.
    fn at(&self, outgoing: &Outgoing) -> Arc<Shared> {
        let server = outgoing.request().uri().authority().cloned();
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shared) = known.get(&server) {
            return Arc::clone(shared);
        }
        known.retain(|_, shared| Arc::strong_count(shared) > 1 || !shared.is_forgotten());
        Arc::clone(known.entry(server).or_default())
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

    fn is_forgotten(&self) -> bool {
        self.change(|state| state.backoff.is_forgotten(self.now()))
    }
}

impl Default for Shared {
    fn default() -> Self {
        Self { state: Mutex::default(), start: Instant::now() }
    }
}

/// The place of one call in a shared backoff. It is free when it is dropped, or earlier.
struct Place {
    shared: Arc<Shared>,
    attempt: Attempt,
    woken: Arc<Notify>,
    is_sending: bool,
}

impl Place {
    fn new(shared: Arc<Shared>, budget: Duration) -> Self {
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

impl Drop for Place {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn outgoing(number: usize) -> Outgoing {
        let request = http::Request::get(format!("https://{number}.example/"));
        Outgoing::from_request(request.body(Bytes::new()).unwrap(), 1)
    }

    #[tokio::test(start_paused = true)]
    async fn forgotten_servers_are_removed() {
        let servers = Servers::default();
        let used = servers.at(&outgoing(0));
        assert!(Arc::ptr_eq(&used, &servers.at(&outgoing(0))));
        let limit = |state: &mut State| {
            state.backoff.limited(Duration::ZERO, Duration::from_secs(3600));
        };
        servers.at(&outgoing(1)).change(limit);
        servers.at(&outgoing(2));
        let count = || servers.0.lock().unwrap().len();
        assert_eq!(count(), 3);
        tokio::time::advance(Duration::from_secs(61)).await;
        servers.at(&outgoing(3));
        assert_eq!(count(), 3, "only the third was forgotten");
    }
}
