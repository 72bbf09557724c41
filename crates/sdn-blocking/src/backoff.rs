//! Many senders that wait together when a server limits the rate.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http::Response;
use http::uri::Authority;
use sdn_proto::flow::Flow;
use sdn_proto::retry::{Attempt, Backoff, Next};
use sdn_proto::{Call, CallError, Outgoing, TransportError, TransportErrorKind};

use crate::client::Client;
use crate::run::drive;
use crate::status::check_status;

/// A client for many senders, which wait together when the server limits the rate of one of them.
///
/// A call that meets a rate limit is sent again when the server's delay is over, within the budget.
/// Meanwhile no clone sends anything to that server. Then they start again one by one, and later
/// send at the pace that the server accepts. Calls are sent in the order in which they were made.
/// No other call is ever sent again. Use one client for each user, because each user has separate
/// limits.
///
/// Each server has a separate backoff, so a flow that an identity server limits does not stop calls
/// to the node.
///
/// Until a server limits the rate, up to 64 calls are sent to it at the same time, and each success
/// allows one more.
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
    servers: Arc<Servers>,
}

/// The state of each server.
#[derive(Default)]
struct Servers(Mutex<HashMap<Option<Authority>, Arc<Shared>>>);

struct Shared {
    backoff: Mutex<Backoff>,
    woken: Condvar,
    start: Instant,
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
    /// # Errors
    ///
    /// The errors of [`Client::send`]. A rate limit is returned if the wait would exceed the
    /// budget. [`RateLimited`](sdn_proto::TransportErrorKind::RateLimited) is returned if another
    /// call met a rate limit and this call was not sent.
    pub fn send<C: Call>(&self, server: &C::Server, call: &C) -> Result<C::Output, CallError> {
        let outgoing = Outgoing::new(call, server);
        self.repeat(&outgoing, || self.client.send(server, call))
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
    /// let client = sdn_blocking::Client::new().with_shared_backoff(Duration::from_secs(600));
    /// let request = Request::get("https://node.example/_api/client/versions").body("".into())?;
    /// let response = client.execute(Outgoing::from_request(request, 1024))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn execute(&self, outgoing: Outgoing) -> Result<Response<Bytes>, TransportError> {
        let mut last = None;
        let result = self.repeat(&outgoing, || {
            let response = self.client.execute(outgoing.clone())?;
            let checked = check_status(&response);
            last = Some(response);
            Ok(checked?)
        });
        match result {
            Err(CallError::Transport(error)) => Err(error),
            _ => last.ok_or_else(|| TransportErrorKind::Other.into()),
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
    /// # fn run(session: Session, room: RoomId, people: Vec<ThirdPartyId>, id_server: ServerName) {
    /// let client = sdn_blocking::Client::new().with_shared_backoff(Duration::from_secs(600));
    /// std::thread::scope(|scope| {
    ///     for person in people {
    ///         let flow = InviteFlow::new(session.clone(), room.clone(), person, id_server.clone());
    ///         let client = client.clone();
    ///         scope.spawn(move || client.run(flow));
    ///     }
    /// });
    /// # }
    /// ```
    pub fn run<F: Flow>(&self, flow: F) -> F::Outcome {
        drive(flow, |outgoing| self.execute(outgoing))
    }

    /// Sends a request, and again after each rate limit, within the budget.
    fn repeat<T>(
        &self,
        outgoing: &Outgoing,
        mut exchange: impl FnMut() -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let shared = self.servers.at(outgoing);
        let mut attempt = Attempt::new(shared.backoff().ticket(), self.budget);
        loop {
            let turn = shared.turn(&mut attempt)?;
            let result = exchange();
            if let Some(result) = turn.end(&mut attempt, result) {
                return result;
            }
        }
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
    /// Waits for a turn.
    fn turn(&self, attempt: &mut Attempt) -> Result<RunningTurn<'_>, CallError> {
        let mut backoff = self.backoff();
        loop {
            let asked = Instant::now();
            let next = attempt.next(&mut backoff, self.now());
            self.wake(&mut backoff);
            let wait = match next {
                Next::Send => return Ok(RunningTurn { shared: self, is_over: false }),
                Next::Sleep(wait) | Next::WaitForOther(wait) => wait,
                Next::GiveUp(error) => return Err(error),
            };
            let woken = self.woken.wait_timeout(backoff, wait);
            backoff = woken.unwrap_or_else(PoisonError::into_inner).0;
            attempt.waited(asked.elapsed());
        }
    }

    fn backoff(&self) -> MutexGuard<'_, Backoff> {
        self.backoff.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes all, so that the sender that has to ask does so.
    fn wake(&self, backoff: &mut Backoff) {
        if backoff.wake().is_some() {
            self.woken.notify_all();
        }
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn is_forgotten(&self) -> bool {
        self.backoff().is_forgotten(self.now())
    }
}

impl Default for Shared {
    fn default() -> Self {
        Self { backoff: Mutex::default(), woken: Condvar::new(), start: Instant::now() }
    }
}

/// A turn, which ends when it is dropped, or earlier.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn outgoing(number: usize) -> Outgoing {
        let request = http::Request::get(format!("https://{number}.example/"));
        Outgoing::from_request(request.body(Bytes::new()).unwrap(), 1)
    }

    #[test]
    fn forgotten_servers_are_removed() {
        let servers = Servers::default();
        let used = servers.at(&outgoing(0));
        assert!(Arc::ptr_eq(&used, &servers.at(&outgoing(0))));
        let limited = servers.at(&outgoing(1));
        limited.backoff().limited(Duration::ZERO, Duration::from_secs(3600));
        drop(limited);
        servers.at(&outgoing(2));
        let count = || servers.0.lock().unwrap().len();
        assert_eq!(count(), 3);

        let past = Instant::now().checked_sub(Duration::from_secs(61)).unwrap();
        let fresh = Shared { start: past, ..Shared::default() };
        assert!(fresh.is_forgotten());
        servers.0.lock().unwrap().insert(None, Arc::new(fresh));
        servers.at(&outgoing(3));
        assert_eq!(count(), 4, "only the forgotten one was removed");
    }
}
