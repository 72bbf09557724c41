//! Thousands of senders and one rate limit, in virtual time.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use sdn_hyper::{BackoffClient, Client};
use sdn_proto::{AccessToken, CallError, InviteUser, Node, RoomId, Session, UserId};
use tokio::task::JoinSet;
use tokio::time::Instant;

const RATE: f64 = 10.0;
const BURST: f64 = 10.0;

/// A server with a token bucket, and its record.
struct Bucket {
    start: Instant,
    tokens: f64,
    filled: f64,
    /// The time of each accepted or refused call.
    calls: Vec<(f64, bool)>,
}

impl Bucket {
    fn new() -> Arc<Mutex<Self>> {
        let start = Instant::now();
        Arc::new(Mutex::new(Bucket { start, tokens: BURST, filled: 0.0, calls: Vec::new() }))
    }

    /// Accepts a call, or returns the exact delay until the next token.
    fn respond(&mut self) -> Response<Full<Bytes>> {
        let now = self.start.elapsed().as_secs_f64();
        self.tokens = (self.tokens + (now - self.filled) * RATE).min(BURST);
        self.filled = now;
        // The clock counts nanoseconds.
        let is_accepted = self.tokens >= 1.0 - 1e-6;
        self.calls.push((now, is_accepted));
        let mut response = Response::new(Full::new(Bytes::from_static(b"{}")));
        if is_accepted {
            self.tokens -= 1.0;
        } else {
            let delay = ((1.0 - self.tokens) / RATE * 1000.0).ceil();
            let body = format!(r#"{{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":{delay}}}"#);
            *response.status_mut() = http::StatusCode::TOO_MANY_REQUESTS;
            *response.body_mut() = Full::new(body.into());
        }
        response
    }

    /// Counts accepted and refused calls after the first minute.
    fn later(&self) -> (usize, usize) {
        let later = self.calls.iter().filter(|(time, _)| *time > 60.0);
        later.fold((0, 0), |(accepted, refused), (_, is_accepted)| match is_accepted {
            true => (accepted + 1, refused),
            false => (accepted, refused + 1),
        })
    }
}

fn client(bucket: &Arc<Mutex<Bucket>>) -> BackoffClient {
    let bucket = Arc::clone(bucket);
    let service = tower::service_fn(move |_: Request<Full<Bytes>>| {
        let response = bucket.lock().unwrap().respond();
        async { Ok::<_, std::io::Error>(response) }
    });
    Client::with_service(service).with_shared_backoff(Duration::from_secs(3600))
}

fn session() -> Session {
    let token = AccessToken::new("syt_secret").unwrap();
    Node::new("https://node.example").unwrap().session(token)
}

fn invite(number: usize) -> InviteUser {
    let user = UserId::new(format!("@user{number}:node.example")).unwrap();
    InviteUser::new(RoomId::new("!a:node.example").unwrap(), user)
}

/// Sends this many invitations at once. Returns the number of failures and of polls.
async fn send_all(client: &BackoffClient, count: usize) -> (usize, usize) {
    let mut tasks = JoinSet::new();
    for number in 0..count {
        let (client, session) = (client.clone(), session());
        tasks.spawn(async move {
            let invite = invite(number);
            let (result, polls) = count_polls(client.send(&session, &invite)).await;
            (usize::from(result.is_err()), polls)
        });
    }
    tasks
        .join_all()
        .await
        .into_iter()
        .fold((0, 0), |(failed, polls), (fails, polled)| (failed + fails, polls + polled))
}

async fn count_polls<F: Future<Output = Result<(), CallError>>>(future: F) -> (F::Output, usize) {
    let (mut future, mut polls) = (pin!(future), 0);
    let result = std::future::poll_fn(|context| {
        polls += 1;
        future.as_mut().poll(context)
    });
    (result.await, polls)
}

#[tokio::test(start_paused = true)]
async fn waiting_senders_keep_the_servers_pace() {
    for count in [10, 1_000, 10_000] {
        let bucket = Bucket::new();
        let start = Instant::now();
        let (failed, polls) = send_all(&client(&bucket), count).await;
        let taken = start.elapsed().as_secs_f64();
        let allowed = (count as f64 - BURST) / RATE;
        let (accepted, refused) = bucket.lock().unwrap().later();
        println!(
            "{count} waiting: {:.1} polls a call, {taken:.1} s where {allowed:.1} are allowed, \
             after a minute {refused} refused and {accepted} accepted",
            polls as f64 / count as f64
        );
        assert_eq!(failed, 0);
        assert!(polls <= 12 * count, "{polls} polls for {count} calls");
        assert!(taken <= 1.1 * allowed, "{taken} s instead of {allowed}");
        assert!(refused as f64 <= 0.12 * accepted as f64, "{refused} refused, {accepted} accepted");
    }
}

#[tokio::test(start_paused = true)]
async fn calls_are_sent_in_order() {
    let order = Arc::new(Mutex::new(Vec::new()));
    let bucket = Bucket::new();
    let service = tower::service_fn({
        let (order, bucket) = (Arc::clone(&order), Arc::clone(&bucket));
        move |request: Request<Full<Bytes>>| {
            let (order, response) = (Arc::clone(&order), bucket.lock().unwrap().respond());
            async move {
                let body = http_body_util::BodyExt::collect(request.into_body()).await.unwrap();
                if response.status() == 200 {
                    order.lock().unwrap().push(body.to_bytes());
                }
                Ok::<_, std::io::Error>(response)
            }
        }
    });
    let client = Client::with_service(service).with_shared_backoff(Duration::from_secs(3600));
    send_all(&client, 300).await;
    let order = order.lock().unwrap();
    let numbers = order.iter().map(|body| {
        let text = String::from_utf8_lossy(body);
        let digits = text.split("@user").nth(1).and_then(|rest| rest.split(':').next());
        digits.unwrap().parse::<usize>().unwrap()
    });
    assert!(numbers.eq(0..300), "{order:?}");
}

#[tokio::test(start_paused = true)]
async fn dropped_waiters_do_not_stop_others() {
    let bucket = Bucket::new();
    let client = client(&bucket);
    let mut tasks = Vec::new();
    for number in 0..500 {
        let (client, session) = (client.clone(), session());
        tasks.push(tokio::spawn(async move { client.send(&session, &invite(number)).await }));
    }
    tokio::time::sleep(Duration::from_secs(5)).await;
    let (dropped, kept): (Vec<_>, Vec<_>) =
        tasks.into_iter().enumerate().partition(|(number, _)| number % 3 != 0);
    for (_, task) in dropped {
        task.abort();
    }
    for (_, task) in kept {
        task.await.unwrap().unwrap();
    }
    let taken = bucket.lock().unwrap().start.elapsed();
    assert!(taken < Duration::from_secs(25), "{taken:?}");
}
