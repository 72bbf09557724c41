//! Kept connections that die without being closed: each loses at most one request.

mod certificate;
mod relay;
mod server;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use http::Response;
use relay::{Lost, Relay};
use sdn_hyper::{Client, Http2};
use sdn_proto::{AccessToken, Delivery, InviteUser, Node, RoomId, Session, UserId};
use server::{Server, serve_tls};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

const HTTP1: &[&str] = &["http/1.1"];
const HTTP2: &[&str] = &["h2"];

struct Stage {
    server: Server,
    relay: Relay,
    client: Client,
}

impl Stage {
    /// A client with a kept connection.
    async fn set(protocols: &[&str]) -> Self {
        let (server, authority) = serve_tls(protocols).await;
        let relay = Relay::to(&server.url);
        let client = Client::builder()
            .total_timeout(Duration::from_secs(3))
            .add_root_certificate(authority)
            .unwrap()
            .build();
        let stage = Stage { server, relay, client };
        stage.invite().await.unwrap();
        assert_eq!(stage.relay.connections(), 1);
        stage
    }

    /// Sends an invitation, and returns its delivery if it fails.
    async fn invite(&self) -> Result<(), Delivery> {
        let result = self.client.send(&session(&self.relay.url()), &invite()).await;
        result.map_err(|error| error.delivery())
    }

    fn arrived(&self) -> usize {
        self.server.seen.lock().unwrap().requests.len()
    }
}

fn session(url: &str) -> Session {
    Node::new(url).unwrap().session(AccessToken::new("syt_secret").unwrap())
}

fn invite() -> InviteUser {
    InviteUser::new(RoomId::new("!a:b").unwrap(), UserId::new("@bob:b").unwrap())
}

async fn one_is_lost(protocols: &[&str], lost: Lost) {
    let stage = Stage::set(protocols).await;
    stage.relay.cut(lost);
    assert_eq!(stage.invite().await, Err(Delivery::Unknown), "{lost:?}");
    for _ in 0..6 {
        assert_eq!(stage.invite().await, Ok(()), "{lost:?}");
    }
    let arrived_silently = usize::from(lost == Lost::Responses);
    assert_eq!(stage.arrived(), 7 + arrived_silently, "{lost:?}");
    assert_eq!(stage.relay.connections(), 2, "{lost:?}");
}

#[tokio::test]
async fn dead_http2_connection_loses_one_request() {
    tokio::join!(
        one_is_lost(HTTP2, Lost::Requests),
        one_is_lost(HTTP2, Lost::Responses),
        one_is_lost(HTTP2, Lost::Both),
    );
}

#[tokio::test]
async fn dead_http1_connection_loses_one_request() {
    tokio::join!(
        one_is_lost(HTTP1, Lost::Requests),
        one_is_lost(HTTP1, Lost::Responses),
        one_is_lost(HTTP1, Lost::Both),
    );
}

#[tokio::test]
async fn dropped_requests_retire_their_connection() {
    for protocols in [HTTP1, HTTP2] {
        let stage = Stage::set(protocols).await;
        stage.relay.cut(Lost::Both);
        timeout(Duration::from_millis(200), stage.invite()).await.unwrap_err();
        for _ in 0..6 {
            assert_eq!(stage.invite().await, Ok(()), "{protocols:?}");
        }
    }
}

/// The status is enough for a response, but the stream has not ended in time.
#[tokio::test]
async fn stalled_error_body_retires_its_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let session = session(&format!("http://{}", listener.local_addr().unwrap()));
    let connections = Arc::new(AtomicUsize::new(0));
    let count = connections.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(answer_without_end(stream));
        }
    });
    let client = Client::builder().http2(Http2::PriorKnowledge);
    let client = client.total_timeout(Duration::from_secs(1)).build();
    for sent in 1..=3 {
        let error = client.send(&session, &invite()).await.unwrap_err();
        assert_eq!(error.api_error().unwrap().status(), 502, "{error:?}");
        assert_eq!(connections.load(Ordering::SeqCst), sent);
    }
}

async fn answer_without_end(stream: TcpStream) {
    let mut connection = h2::server::handshake(stream).await.unwrap();
    let mut bodies = Vec::new();
    while let Some(Ok((_, mut respond))) = connection.accept().await {
        let head = Response::builder().status(502).body(()).unwrap();
        bodies.push(respond.send_response(head, false).unwrap());
    }
}

/// Advances tokio's clock by less than the time that an unused connection is kept. After each step,
/// bytes get a moment to arrive.
async fn pass_time() {
    tokio::time::pause();
    for _ in 0..145 {
        tokio::time::advance(Duration::from_millis(100)).await;
        thread::sleep(Duration::from_millis(5));
        tokio::task::yield_now().await;
    }
    tokio::time::resume();
}

#[tokio::test]
async fn pings_find_a_dead_connection() {
    for lost in [Lost::Requests, Lost::Responses, Lost::Both] {
        let stage = Stage::set(HTTP2).await;
        stage.relay.cut(lost);
        pass_time().await;
        assert_eq!(stage.invite().await, Ok(()), "{lost:?}");
        assert_eq!(stage.relay.connections(), 2, "{lost:?}");
    }
}

#[tokio::test]
async fn pings_leave_a_living_connection() {
    let stage = Stage::set(HTTP2).await;
    pass_time().await;
    assert_eq!(stage.invite().await, Ok(()));
    assert_eq!(stage.relay.connections(), 1);
}
