//! Senders that wait together for a server's rate limit, in virtual time.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use sdn_benches_common::input::REAL;
use sdn_benches_common::report::Result;
use sdn_hyper::{BackoffClient, Client};
use sdn_proto::{AccessToken, InviteUser, Node, RoomId, Session, UserId};
use tokio::runtime::Builder;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// How many senders wait.
pub const WAITING: [usize; 3] = [10, 1_000, 10_000];

/// Calls a second.
const RATE: f64 = 10.0;
const BURST: f64 = 10.0;
const BUDGET: Duration = Duration::from_secs(3600);

/// What all senders cost together.
pub struct Cost {
    /// How often their futures were polled.
    pub polls: usize,
    /// How many requests the server received.
    pub requests: usize,
    pub taken: Duration,
    /// How long the server's rate limit takes at least.
    pub allowed: Duration,
}

/// A server with a token bucket.
struct Bucket {
    start: Instant,
    tokens: f64,
    filled: f64,
    requests: usize,
}

impl Bucket {
    /// Accepts a call, or names the exact delay until the next token.
    fn respond(&mut self) -> Response<Full<Bytes>> {
        let now = self.start.elapsed().as_secs_f64();
        self.tokens = (self.tokens + (now - self.filled) * RATE).min(BURST);
        self.filled = now;
        self.requests += 1;
        let mut response = Response::new(Full::from("{}"));
        // The clock counts nanoseconds.
        if self.tokens >= 1.0 - 1e-6 {
            self.tokens -= 1.0;
        } else {
            let delay = ((1.0 - self.tokens) / RATE * 1000.0).ceil();
            let body = format!(r#"{{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":{delay}}}"#);
            *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            *response.body_mut() = Full::from(body);
        }
        response
    }
}

/// Has so many senders invite at once at a server that accepts 10 calls a second.
pub fn measure(count: usize) -> Result<Cost> {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build()?;
    runtime.block_on(async {
        let start = Instant::now();
        let bucket = Bucket { start, tokens: BURST, filled: 0.0, requests: 0 };
        let bucket = Arc::new(Mutex::new(bucket));
        let polls = send_all(&client(&bucket), count).await?;
        let requests = bucket.lock().unwrap_or_else(PoisonError::into_inner).requests;
        let allowed = Duration::from_secs_f64((count as f64 - BURST).max(0.0) / RATE);
        Ok(Cost { polls, requests, taken: start.elapsed(), allowed })
    })
}

fn client(bucket: &Arc<Mutex<Bucket>>) -> BackoffClient {
    let bucket = Arc::clone(bucket);
    let service = tower::service_fn(move |_: Request<Full<Bytes>>| {
        let response = bucket.lock().unwrap_or_else(PoisonError::into_inner).respond();
        async { Ok::<_, io::Error>(response) }
    });
    Client::with_service(service).with_shared_backoff(BUDGET)
}

async fn send_all(client: &BackoffClient, count: usize) -> Result<usize> {
    let session = Node::new(REAL.node)?.session(AccessToken::new(REAL.access_token)?);
    let invite = InviteUser::new(RoomId::new(REAL.room_id)?, UserId::new(REAL.user_id)?);
    let mut tasks = JoinSet::new();
    for _ in 0..count {
        tasks.spawn(send(client.clone(), session.clone(), invite.clone()));
    }
    tasks.join_all().await.into_iter().sum()
}

/// Sends an invitation, and returns how often its future was polled.
async fn send(client: BackoffClient, session: Session, invite: InviteUser) -> Result<usize> {
    let (mut future, mut polls) = (pin!(client.send(&session, &invite)), 0);
    poll_fn(|context| {
        polls += 1;
        future.as_mut().poll(context)
    })
    .await?;
    Ok(polls)
}
