//! Many senders and one rate limit: all of them stop, wait and start again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use sdn_hyper::{BackoffClient, Client};
use sdn_proto::{
    AccessToken, ApiError, CallError, Delivery, InviteUser, Node, RoomId, Session,
    TransportErrorKind, UserId,
};
use sdn_testkit::{Fault, Server, World};
use tokio::time::Instant;

struct Stage {
    world: World,
    server: Server,
    session: Session,
    room: RoomId,
}

impl Stage {
    fn set() -> Self {
        let world = World::new();
        let token = world.add_user("@alice:node.example");
        let room = RoomId::new(world.create_room("@alice:node.example")).unwrap();
        let server = world.serve().unwrap();
        let session = Node::new(server.base_url()).unwrap();
        let session = session.session(AccessToken::new(token).unwrap());
        Stage { world, server, session, room }
    }

    fn invite(&self, number: usize) -> InviteUser {
        let user = UserId::new(format!("@user{number}:node.example")).unwrap();
        InviteUser::new(self.room.clone(), user)
    }

    /// Sends this many invitations at once.
    async fn send_all(&self, client: &BackoffClient, count: usize) -> Vec<Result<(), CallError>> {
        let tasks: Vec<_> = (0..count)
            .map(|number| {
                let (client, session) = (client.clone(), self.session.clone());
                let invite = self.invite(number);
                tokio::spawn(async move { client.send(&session, &invite).await })
            })
            .collect();
        let mut results = Vec::new();
        for task in tasks {
            results.push(task.await.unwrap());
        }
        results
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn senders_stop_and_start_together() {
    let stage = Stage::set();
    stage.world.limit_invitations(5, Duration::from_secs(4));
    let client = Client::new().with_shared_backoff(Duration::from_secs(60));
    let start = Instant::now();
    let lift = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        // Earlier requests arrived before the limit was known. No request arrives until the delay
        // is over.
        let before = stage.world.requests().len();
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(stage.world.requests().len(), before, "the server wanted silence");
        stage.world.limit_invitations(usize::MAX, Duration::ZERO);
        before
    };
    let (results, before) = tokio::join!(stage.send_all(&client, 64), lift);
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert!(start.elapsed() >= Duration::from_secs(4));
    assert!(before <= 64, "each was sent once before the limit was known");
    assert!(stage.world.requests().len() <= before + 64 - 5, "and once after");
    assert_eq!(stage.world.events(stage.room.as_str()).len(), 3 + 64, "each arrived once");
}

#[tokio::test]
async fn after_a_limit_one_goes_first() {
    let stage = Stage::set();
    stage.world.limit_invitations(0, Duration::from_millis(10));
    let client = Client::new().with_shared_backoff(Duration::from_secs(8));
    let results = stage.send_all(&client, 8).await;
    assert!(results.iter().all(Result::is_err), "it never ends");
    // All eight at once, and then one by one, so far fewer than eight for each second.
    let requests = stage.world.requests().len();
    assert!((9..8 + 16).contains(&requests), "{requests}");
}

#[tokio::test]
async fn ten_year_limit_is_an_error() {
    let stage = Stage::set();
    stage.world.limit_invitations(0, Duration::from_secs(10 * 365 * 24 * 3600));
    let client = Client::new().with_shared_backoff(Duration::from_secs(600));
    let start = Instant::now();
    let error = client.send(&stage.session, &stage.invite(0)).await.unwrap_err();
    assert_eq!(error.api_error().map(ApiError::status).unwrap(), 429);
    let error = client.send(&stage.session, &stage.invite(1)).await.unwrap_err();
    assert!(
        matches!(error, CallError::Transport(ref error) if error.kind() == TransportErrorKind::RateLimited),
        "{error:?}"
    );
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert!(start.elapsed() < Duration::from_secs(3));
    assert_eq!(stage.world.requests().len(), 1);
}

/// The next call must wait a second and the one after it an hour. Both arrive before either gets a
/// response.
fn limit_two(stage: &Stage) {
    for delay in ["1", "3600"] {
        let answer = Response::builder().status(429).header("retry-after", delay);
        stage.world.respond_next(answer.body(Bytes::new()).unwrap());
        stage.server.fault_next(Fault::AnswerLate(Duration::from_secs(1)));
    }
}

#[tokio::test]
async fn limited_call_returns_its_limit() {
    let stage = Stage::set();
    limit_two(&stage);
    let client = Client::new().with_shared_backoff(Duration::from_secs(5));
    for result in stage.send_all(&client, 2).await {
        let error = result.unwrap_err();
        assert_eq!(error.api_error().map(ApiError::status).unwrap(), 429, "{error:?}");
        assert_eq!(error.delivery(), Delivery::Answered);
    }
    assert_eq!(stage.world.requests().len(), 2);
}

#[tokio::test]
async fn others_turn_is_waited_within_budget() {
    let stage = Stage::set();
    let client = Client::new().with_shared_backoff(Duration::from_millis(200));
    let send = |number| {
        let (client, session, invite) =
            (client.clone(), stage.session.clone(), stage.invite(number));
        tokio::spawn(async move { client.send(&session, &invite).await })
    };
    stage.server.fault_next(Fault::LimitExceeded(Duration::from_secs(1)));
    send(0).await.unwrap().unwrap_err();
    tokio::time::sleep(Duration::from_millis(1100)).await;

    stage.server.fault_next(Fault::Stall { handled: true });
    let hanging = send(1);
    while stage.world.requests().is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let waiting = tokio::time::timeout(Duration::from_secs(20), send(2)).await;
    let error = waiting.expect("the budget is over").unwrap().unwrap_err();
    assert!(
        matches!(error, CallError::Transport(ref error) if error.kind() == TransportErrorKind::RateLimited),
        "{error:?}"
    );
    assert_eq!(stage.world.requests().len(), 1);

    hanging.abort();
    hanging.await.unwrap_err();
    assert!(send(3).await.unwrap().is_ok(), "the turn is free");
}

#[tokio::test]
async fn only_limited_calls_are_repeated() {
    let stage = Stage::set();
    let client = Client::new().with_shared_backoff(Duration::from_secs(5));
    stage.server.fault_next(Fault::CloseAfterRequest { handled: true });
    let error = client.send(&stage.session, &stage.invite(0)).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::Unknown);
    let answer = Response::builder().status(503).header("retry-after", "1");
    stage.world.respond_next(answer.body(Bytes::new()).unwrap());
    client.send(&stage.session, &stage.invite(1)).await.unwrap_err();
    assert_eq!(stage.world.requests().len(), 2);
}

#[tokio::test]
async fn dropped_sender_frees_its_turn() {
    let hangs = Arc::new(AtomicUsize::new(0));
    let service = tower::service_fn({
        let hangs = hangs.clone();
        move |_: Request<Full<Bytes>>| {
            let number = hangs.fetch_add(1, Ordering::SeqCst);
            async move {
                match number {
                    0 => Ok(Response::builder().status(429).header("retry-after", "0")),
                    1 => std::future::pending().await,
                    _ => Ok(Response::builder().status(200)),
                }
                .map(|answer| answer.body(Full::new(Bytes::from_static(b"{}"))).unwrap())
                .map_err(|error: std::io::Error| error)
            }
        }
    });
    let client = Client::with_service(service).with_shared_backoff(Duration::from_secs(5));
    let stage = Stage::set();
    let (first, invite) = (stage.invite(0), stage.invite(1));
    let hanging = client.send(&stage.session, &first);
    assert!(tokio::time::timeout(Duration::from_millis(100), hanging).await.is_err());
    assert_eq!(
        hangs.load(Ordering::SeqCst),
        2,
        "limited, and then hanging, on the only turn there is"
    );
    let sent = tokio::time::timeout(Duration::from_secs(2), client.send(&stage.session, &invite));
    sent.await.expect("the turn is free").unwrap();
}
