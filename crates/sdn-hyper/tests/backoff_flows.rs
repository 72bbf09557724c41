//! Flows and finished requests through a shared backoff, in virtual time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use sdn_hyper::{BackoffClient, Client};
use sdn_proto::client::WhoAmI;
use sdn_proto::flow::{IdentityServerAt, InviteFlow, RevokeError, RevokeFlow, Revoked};
use sdn_proto::id::InviteToken;
use sdn_proto::{
    AccessToken, ApiError, Delivery, IdentityServer, Node, Outgoing, RoomId, ServerName, Session,
    ThirdPartyId, TransportErrorKind, UserId,
};
use sdn_testkit::World;
use tokio::task::JoinSet;
use tokio::time::Instant;

const ALICE: &str = "@alice:node.example";
const NODE: &str = "node.example";
const ID_SERVER: &str = "id.example";

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

fn limit(delay: Duration) -> Response<Bytes> {
    let body = r#"{"errcode":"M_LIMIT_EXCEEDED"}"#;
    let response = Response::builder().status(429).header("retry-after", delay.as_secs());
    response.body(Bytes::from_static(body.as_bytes())).unwrap()
}

/// Returns a client over a function that responds to a request.
fn client(
    respond: impl Fn(Request<Bytes>) -> Response<Bytes> + Send + Sync + 'static,
    budget: Duration,
) -> BackoffClient {
    let respond = Arc::new(respond);
    let service = tower::service_fn(move |request: Request<Full<Bytes>>| {
        let respond = Arc::clone(&respond);
        async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            Ok::<_, std::io::Error>(respond(Request::from_parts(head, body)).map(Full::new))
        }
    });
    Client::with_service(service).with_shared_backoff(budget)
}

/// Accepts one request per interval, and a burst of five.
struct Bucket {
    interval: Duration,
    full: Instant,
    refused: usize,
}

impl Bucket {
    fn new(interval: Duration) -> Self {
        Self { interval, full: Instant::now(), refused: 0 }
    }

    /// Returns how long to wait, unless a request is accepted.
    fn check(&mut self) -> Option<Duration> {
        let now = Instant::now();
        let full = self.full.max(now) + self.interval;
        let wait = full.saturating_duration_since(now + 5 * self.interval);
        if wait.is_zero() {
            self.full = full;
            return None;
        }
        self.refused += 1;
        Some(wait)
    }
}

struct Stage {
    world: World,
    session: Session,
    room: RoomId,
}

impl Stage {
    fn set() -> Self {
        let world = World::new();
        world.add_identity_server(ID_SERVER);
        let token = AccessToken::new(world.add_user(ALICE)).unwrap();
        let room = RoomId::new(world.create_room(ALICE)).unwrap();
        let session = Node::new(format!("https://{NODE}")).unwrap().session(token);
        Self { world, session, room }
    }

    fn invite(&self, number: usize) -> InviteFlow {
        let name = ServerName::new(ID_SERVER).unwrap();
        let at = IdentityServerAt::Server { base: IdentityServer::at(&name), name };
        let address = ThirdPartyId::email(format!("user{number}@example.com")).unwrap();
        let flow = InviteFlow::new(self.session.clone(), self.room.clone(), address, at);
        flow.with_user_id(UserId::new(ALICE).unwrap())
    }
}

#[tokio::test(start_paused = true)]
async fn flows_keep_each_servers_pace() {
    const COUNT: usize = 300;
    let stage = Stage::set();
    let intervals = [(NODE, Duration::from_secs(1)), (ID_SERVER, Duration::from_millis(100))];
    let buckets = intervals.map(|(name, interval)| (name, Bucket::new(interval)));
    let buckets = Arc::new(Mutex::new(HashMap::from(buckets)));
    let client = client(
        {
            let (world, buckets) = (stage.world.clone(), Arc::clone(&buckets));
            move |request| {
                let name = request.uri().host().unwrap();
                let wait = buckets.lock().unwrap().get_mut(name).unwrap().check();
                match wait {
                    None => world.handle(request),
                    Some(wait) => limit(wait + Duration::from_millis(999)),
                }
            }
        },
        seconds(3600),
    );
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for number in 0..COUNT {
        let (client, flow) = (client.clone(), stage.invite(number));
        tasks.spawn(async move { client.run(flow).await });
    }
    for outcome in tasks.join_all().await {
        outcome.unwrap();
    }
    let requests = stage.world.requests().len();
    let refused: Vec<_> = intervals.map(|(name, _)| buckets.lock().unwrap()[name].refused).into();
    let taken = start.elapsed().as_secs();
    println!("{requests} requests in {taken} s; refused: {refused:?}");
    // A flow sends two requests to the node: the OpenID token and the invitation.
    assert!((590..=720).contains(&taken), "{taken} s");
    assert!(refused.iter().all(|refused| *refused <= 120), "{refused:?}");
    assert_eq!(stage.world.mails(ID_SERVER).len(), COUNT, "each was invited once");
}

/// Creates a room with an invitation, at a node that refuses the first requests with these delays.
fn revoke(delays: &[u64]) -> (BackoffRun, RevokeFlow) {
    let stage = Stage::set();
    let requests = Arc::new(Mutex::new(Vec::new()));
    let delays = delays.to_vec();
    let respond = {
        let requests = Arc::clone(&requests);
        move |request: Request<Bytes>| {
            let mut requests = requests.lock().unwrap();
            requests.push(request.uri().path().to_owned());
            match delays.get(requests.len() - 1) {
                Some(&delay) => limit(seconds(delay)),
                None => {
                    let status = Response::builder().status(StatusCode::NOT_FOUND);
                    status.body(r#"{"errcode":"M_NOT_FOUND","error":""}"#.into()).unwrap()
                }
            }
        }
    };
    let token = InviteToken::new("tok").unwrap();
    let flow = RevokeFlow::new(stage.session, stage.room, token);
    (BackoffRun { respond: Box::new(respond), requests, start: Instant::now() }, flow)
}

struct BackoffRun {
    respond: Box<dyn Fn(Request<Bytes>) -> Response<Bytes> + Send + Sync>,
    requests: Arc<Mutex<Vec<String>>>,
    start: Instant,
}

impl BackoffRun {
    /// Runs the flow with this budget of the client. Returns its outcome, the seconds that it took
    /// and the number of requests.
    async fn run(
        self,
        budget: Duration,
        flow: RevokeFlow,
    ) -> (Result<Revoked, RevokeError>, u64, usize) {
        let outcome = client(self.respond, budget).run(flow).await;
        (outcome, self.start.elapsed().as_secs(), self.requests.lock().unwrap().len())
    }
}

#[tokio::test(start_paused = true)]
async fn shared_wait_spends_no_flow_budget() {
    let (run, flow) = revoke(&[30, 30]);
    let (outcome, taken, requests) = run.run(seconds(90), flow.with_wait_budget(seconds(1))).await;
    assert_eq!(outcome.unwrap(), Revoked::NotFound);
    assert!((60..=90).contains(&taken), "{taken} s");
    assert_eq!(requests, 3);
}

#[tokio::test(start_paused = true)]
async fn limit_beyond_budget_reaches_flow() {
    let (run, flow) = revoke(&[30]);
    let (outcome, taken, requests) = run.run(seconds(10), flow.with_wait_budget(seconds(60))).await;
    assert_eq!(outcome.unwrap(), Revoked::NotFound, "the flow waited itself");
    assert_eq!((taken, requests), (30, 2));

    let (run, flow) = revoke(&[30]);
    let (outcome, taken, requests) = run.run(seconds(10), flow).await;
    let error = outcome.unwrap_err();
    assert_eq!(error.api_error().map(ApiError::status), Some(StatusCode::TOO_MANY_REQUESTS));
    assert_eq!((taken, requests), (0, 1), "the flow has no budget");
}

#[tokio::test(start_paused = true)]
async fn limited_response_is_returned() {
    let client = client(|_| limit(seconds(30)), seconds(10));
    let outgoing = || {
        let request = Request::get(format!("https://{NODE}/there")).body(Bytes::new());
        Outgoing::from_request(request.unwrap(), 100)
    };
    let response = client.execute(outgoing()).await.unwrap();
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    let error = client.execute(outgoing()).await.unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::RateLimited);
    assert_eq!(error.delivery(), Delivery::NotSent);
}

#[tokio::test(start_paused = true)]
async fn limit_leaves_other_servers() {
    let respond = |request: Request<Bytes>| match request.uri().host() {
        Some(NODE) => limit(seconds(3600)),
        _ => Response::new(r#"{"user_id":"@alice:other.example"}"#.into()),
    };
    let client = client(respond, seconds(60));
    let session = |host: &str| {
        let token = AccessToken::new("syt_secret").unwrap();
        Node::new(format!("https://{host}")).unwrap().session(token)
    };
    for _ in 0..2 {
        client.send(&session(NODE), &WhoAmI::new()).await.unwrap_err();
        client.send(&session("other.example"), &WhoAmI::new()).await.unwrap();
    }
}
