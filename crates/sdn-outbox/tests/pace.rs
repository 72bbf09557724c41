//! The rate of workers, and the node's refusals.

mod postgres;
mod scene;

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use sdn_hyper::Client as HttpClient;
use sdn_testkit::World;

use postgres::Postgres;
use sdn_outbox::Counts;

use scene::{Running, Scene};

/// The node's response time.
const RESPONSE: Duration = Duration::from_millis(50);

/// A node that accepts invitations at a rate, after a burst.
#[derive(Clone)]
struct Node(Arc<Inner>);

struct Inner {
    world: World,
    response: Duration,
    /// The invitations in each second.
    rate: f64,
    burst: f64,
    bucket: Mutex<(f64, Instant)>,
    refusals: AtomicUsize,
}

impl Node {
    fn new(world: &World, response: Duration, rate: f64, burst: f64) -> Self {
        Self(Arc::new(Inner {
            world: world.clone(),
            response,
            rate,
            burst,
            bucket: Mutex::new((burst, Instant::now())),
            refusals: AtomicUsize::new(0),
        }))
    }

    fn client(&self) -> HttpClient {
        let node = self.clone();
        HttpClient::with_service(tower::service_fn(move |request: Request<Full<Bytes>>| {
            let node = node.clone();
            async move {
                let (parts, body) = request.into_parts();
                let body = body.collect().await?.to_bytes();
                let response = node.respond(Request::from_parts(parts, body));
                tokio::time::sleep(node.0.response).await;
                Ok::<_, Infallible>(response.map(Full::new))
            }
        }))
    }

    fn respond(&self, request: Request<Bytes>) -> Response<Bytes> {
        let Inner { world, rate, burst, bucket, refusals, .. } = &*self.0;
        let mut bucket = bucket.lock().unwrap();
        let now = Instant::now();
        let filled = bucket.0 + now.duration_since(bucket.1).as_secs_f64() * rate;
        *bucket = (filled.min(*burst), now);
        if bucket.0 < 1.0 {
            refusals.fetch_add(1, Ordering::Relaxed);
            let delay = ((1.0 - bucket.0) / rate * 1000.0).ceil();
            let body =
                format!(r#"{{"errcode":"M_LIMIT_EXCEEDED","error":"","retry_after_ms":{delay}}}"#);
            return Response::builder().status(429).body(body.into()).unwrap();
        }
        bucket.0 -= 1.0;
        world.handle(request)
    }
}

/// Sends this many with workers that have one invitation in flight each. Returns the time.
async fn send(scene: &Scene, node: &Node, workers: usize, count: usize) -> Duration {
    let Counts { invited, waiting, .. } = scene.counts().await;
    let before = invited + waiting;
    for number in 0..count {
        let number = before + number as u64;
        scene.enqueue(&scene.to_user(&format!("@u{number}:node.example"))).await;
    }
    let begun = Instant::now();
    let workers: Vec<_> = (0..workers)
        .map(|_| Running::start(scene.worker().client(node.client()).in_flight(1)))
        .collect();
    let all = before + count as u64;
    let is_done = async || (scene.counts().await.invited == all).then_some(());
    scene::until("all invited", is_done).await;
    let took = begun.elapsed();
    for worker in workers {
        worker.stop().await.unwrap();
    }
    took
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn four_workers_are_three_times_as_fast() {
    let scene = Scene::set().await;
    let node = Node::new(&scene.world, RESPONSE, f64::INFINITY, f64::INFINITY);
    // A machine that does other work at the same time may need another try.
    for attempt in 1.. {
        let one = send(&scene, &node, 1, 100).await;
        let four = send(&scene, &node, 4, 400).await;
        let ratio = 4.0 * one.as_secs_f64() / four.as_secs_f64();
        println!(
            "100 by one worker in {one:?}, 400 by four in {four:?}: {ratio:.2} times the rate"
        );
        if ratio >= 3.0 {
            break;
        }
        assert!(attempt < 3, "{ratio}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn invitation_costs_three_statements() {
    const COUNT: usize = 200;
    const BATCH: usize = 10;
    let scene = Scene::set().await;
    let node = Node::new(&scene.world, Duration::ZERO, f64::INFINITY, f64::INFINITY);
    for number in 0..COUNT {
        scene.enqueue(&scene.to_user(&format!("@u{number}:node.example"))).await;
    }
    let watcher = postgres::connect(&Postgres::shared().address("postgres")).await;
    let name = scene.client.query_one("SELECT current_database()::text", &[]).await.unwrap();
    let name: String = name.get(0);
    // Each statement is a transaction. A connection reports its own at the latest when it ends.
    let transactions = async || {
        let count = "SELECT xact_commit FROM pg_stat_database WHERE datname = $1";
        let row = watcher.query_one(count, &[&name]).await.unwrap();
        row.get::<_, i64>(0)
    };
    scene.client.query_one("SELECT pg_stat_force_next_flush()", &[]).await.unwrap();
    let before = transactions().await;
    let worker = scene.worker().client(node.client()).in_flight(1).batch(BATCH as u16);
    let worker = Running::start(worker);
    let ended = async || {
        let events = worker.events.lock().unwrap();
        (events.iter().filter(|event| event.starts_with("Ended")).count() == COUNT).then_some(())
    };
    scene::until("all invited", ended).await;
    worker.stop().await.unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let statements = usize::try_from(transactions().await - before).unwrap();
    assert!(statements >= 3 * COUNT, "{statements}: not all are reported");
    // The statements at a worker's start and when it found nothing.
    let once = 12;
    println!("{statements} statements for {COUNT} invitations in {} batches", COUNT / BATCH);
    assert!(statements <= 3 * COUNT + COUNT / BATCH + once, "{statements}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn shared_pace_meets_refusals_of_one() {
    const COUNT: usize = 300;
    let mut results = Vec::new();
    for workers in [1, 4] {
        let scene = Scene::set().await;
        let node = Node::new(&scene.world, Duration::from_millis(5), 15.0, 10.0);
        let took = send(&scene, &node, workers, COUNT).await;
        let refusals = node.0.refusals.load(Ordering::Relaxed);
        println!("{COUNT} by {workers} in {took:?}: {refusals} refused");
        results.push((took, refusals));
    }
    let [(alone, one), (together, four)] = results[..] else { unreachable!() };
    assert!(four as f64 <= 1.3 * one as f64, "{four} instead of {one}");
    assert!(together < alone.mul_f64(1.3), "{together:?} instead of {alone:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn slow_pace_recovers_after_a_pause() {
    let scene = Scene::set().await;
    let node = Node::new(&scene.world, Duration::ZERO, f64::INFINITY, f64::INFINITY);
    scene.enqueue(&scene.to_user("@bob:node.example")).await;
    // As learned from one invitation in a bad moment, after which no turn was used for a while.
    let slow = "UPDATE sdn.sender SET gap = 0.1, limits = 2, learned_from = 1";
    scene.client.batch_execute(slow).await.unwrap();
    send(&scene, &node, 1, 60).await;
    let row = scene.client.query_one("SELECT gap FROM sdn.sender", &[]).await.unwrap();
    let gap: f64 = row.get(0);
    assert!((0.001..0.02).contains(&gap), "{gap}");
}
