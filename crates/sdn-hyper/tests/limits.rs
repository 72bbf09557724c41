//! The number of calls to a server at a time, and its kept connections.

use std::future::ready;
use std::mem::take;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use sdn_hyper::{Builder, Client, Http2};
use sdn_proto::{AccessToken, CallError, Delivery, InviteUser, Node, RoomId, Session, UserId};
use sdn_testkit::script::{ScriptedServer, response, serve};
use tokio::io::{AsyncReadExt, duplex};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::sleep;

fn session(url: &str) -> Session {
    Node::new(url).unwrap().session(AccessToken::new("syt_secret").unwrap())
}

fn invite(number: usize) -> InviteUser {
    let user = UserId::new(format!("@user{number}:b")).unwrap();
    InviteUser::new(RoomId::new("!a:b").unwrap(), user)
}

/// Starts this many calls in order.
fn start(client: &Client, url: &str, count: usize) -> Vec<JoinHandle<Result<(), CallError>>> {
    let send = |number| tokio::spawn(client.send(&session(url), &invite(number)));
    (0..count).map(send).collect()
}

/// Counts current items.
#[derive(Clone, Default)]
struct Count {
    now: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Count {
    fn add(&self) {
        self.most.fetch_max(self.now.fetch_add(1, SeqCst) + 1, SeqCst);
    }

    fn remove(&self) {
        self.now.fetch_sub(1, SeqCst);
    }

    async fn becomes(&self, wanted: usize) {
        for _ in 0..200 {
            if self.now.load(SeqCst) == wanted {
                return;
            }
            sleep(Duration::from_millis(10)).await;
        }
        panic!("{} instead of {wanted}", self.now.load(SeqCst));
    }
}

/// A server of HTTP/1.1 that takes a moment for each response, and counts its open connections.
fn slow_server() -> (ScriptedServer, Count) {
    let open = Count::default();
    let counted = open.clone();
    let server = serve(move |connection| {
        counted.add();
        while connection.request().is_some() {
            thread::sleep(Duration::from_millis(20));
            let _ = connection.write(response("200 OK", "{}"));
        }
        counted.remove();
    });
    (server, open)
}

#[tokio::test]
async fn connections_stay_within_the_limit() {
    let (server, open) = slow_server();
    let client = Client::builder().max_connections_per_server(3).max_idle_per_host(1).build();
    for call in start(&client, &server.base_url(), 20) {
        call.await.unwrap().unwrap();
    }
    assert_eq!(open.most.load(SeqCst), 3);
    assert_eq!(server.connections(), 3, "waiting calls take over the connections");
}

/// The connection's driver can run in another thread than the call. A call that begins before the
/// driver has finished the last one opens another connection.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connection_is_kept_between_threads() {
    let server = serve(|connection| {
        while connection.request().is_some() {
            let _ = connection.write(response("200 OK", "{}"));
        }
    });
    let client = Client::new();
    for number in 0..500 {
        client.send(&session(&server.base_url()), &invite(number)).await.unwrap();
    }
    assert!(server.connections() < 50, "{}", server.connections());
}

#[tokio::test]
async fn waiting_calls_go_in_order() {
    let (server, _) = slow_server();
    let client = Client::builder().max_connections_per_server(1).build();
    for call in start(&client, &server.base_url(), 12) {
        call.await.unwrap().unwrap();
    }
    let requests = server.requests();
    assert_eq!(requests.len(), 12);
    for (number, request) in requests.iter().enumerate() {
        let user = format!("@user{number}:b");
        assert!(String::from_utf8_lossy(&request.body).contains(&user), "{number}");
    }
}

/// Time is paused, so that all calls end at the same moment, even on a busy machine.
#[tokio::test(start_paused = true)]
async fn waiting_until_timeout_is_not_sent() {
    let opened = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&opened);
    let client = Client::builder().max_connections_per_server(1).connector(move |_| {
        let (ours, server) = duplex(64 * 1024);
        kept.lock().unwrap().push(server);
        ready(Ok(ours))
    });
    let client = client.total_timeout(Duration::from_millis(500)).build();
    let mut calls = start(&client, "http://127.0.0.1:1", 6).into_iter();
    let error = calls.next().unwrap().await.unwrap().unwrap_err();
    assert_eq!(error.delivery(), Delivery::Unknown, "{error:?}");
    for call in calls {
        let error = call.await.unwrap().unwrap_err();
        assert_eq!(error.delivery(), Delivery::NotSent, "{error:?}");
    }
    let servers = take(&mut *opened.lock().unwrap());
    let mut requests = 0;
    for mut server in servers {
        let mut received = Vec::new();
        server.read_to_end(&mut received).await.unwrap();
        requests += usize::from(!received.is_empty());
    }
    assert_eq!(requests, 1);
}

#[tokio::test]
async fn no_limit_opens_a_connection_each() {
    let (server, open) = slow_server();
    let client = Client::builder().max_connections_per_server(usize::MAX).build();
    for call in start(&client, &server.base_url(), 100) {
        call.await.unwrap().unwrap();
    }
    assert!(open.most.load(SeqCst) > 64, "{}", open.most.load(SeqCst));
}

/// A server of HTTP/2 that responds after this many streams, and counts them.
async fn http2_server(expected: usize) -> (String, Count) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let streams = Count::default();
    let counted = streams.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let counted = counted.clone();
            let service = service_fn(move |_: Request<Incoming>| {
                let counted = counted.clone();
                async move {
                    counted.add();
                    for _ in 0..500 {
                        sleep(Duration::from_millis(10)).await;
                        if counted.most.load(SeqCst) >= expected {
                            break;
                        }
                    }
                    // More would arrive now.
                    sleep(Duration::from_millis(20)).await;
                    counted.remove();
                    Ok::<_, hyper::Error>(Response::new(Full::<Bytes>::from("{}")))
                }
            });
            let mut server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            server.max_concurrent_streams(1000);
            tokio::spawn(async move {
                let _ = server.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    (url, streams)
}

async fn check_most_streams(settings: Builder, expected: usize) {
    let (url, streams) = http2_server(expected).await;
    let client = settings.http2(Http2::PriorKnowledge).build();
    for call in start(&client, &url, 150) {
        call.await.unwrap().unwrap();
    }
    assert_eq!(streams.most.load(SeqCst), expected);
}

#[tokio::test]
async fn streams_stay_within_a_hundred() {
    check_most_streams(Client::builder(), 100).await;
    check_most_streams(Client::builder().max_connections_per_server(1), 100).await;
}

#[tokio::test]
async fn without_limit_server_limits_streams() {
    check_most_streams(Client::builder().max_connections_per_server(usize::MAX), 150).await;
}

#[tokio::test]
async fn surplus_idle_connections_are_closed() {
    let (server, open) = slow_server();
    let client = Client::builder().max_idle_per_host(2).build();
    for call in start(&client, &server.base_url(), 8) {
        call.await.unwrap().unwrap();
    }
    assert_eq!(open.most.load(SeqCst), 8);
    open.becomes(2).await;
}

async fn pass_time(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

#[tokio::test]
async fn old_idle_connections_are_closed() {
    let (server, open) = slow_server();
    let client = Client::new();
    for call in start(&client, &server.base_url(), 3) {
        call.await.unwrap().unwrap();
    }
    open.becomes(3).await;
    pass_time(Duration::from_secs(14)).await;
    client.send(&session(&server.base_url()), &invite(0)).await.unwrap();
    pass_time(Duration::from_secs(2)).await;
    open.becomes(1).await;
    client.send(&session(&server.base_url()), &invite(0)).await.unwrap();
    assert_eq!(server.connections(), 3);
}
