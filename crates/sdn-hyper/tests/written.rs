//! Requests that were not written, and responses on connections that broke.

mod frames;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use sdn_hyper::{Client, Http2};
use sdn_proto::{Delivery, Outgoing, TransportErrorKind};
use sdn_testkit::script::{Connection, serve};
use tokio::time::sleep;

fn post(url: &str, body: impl Into<Bytes>) -> Outgoing {
    Outgoing::from_request(Request::post(format!("{url}/")).body(body.into()).unwrap(), 1024)
}

fn with_prior_knowledge(seconds: u64) -> Client {
    let total = Duration::from_secs(seconds);
    Client::builder().http2(Http2::PriorKnowledge).total_timeout(total).build()
}

/// Counts the heads of requests until the client closes the connection.
fn count_heads(connection: &mut Connection, heads: &AtomicUsize) {
    while let Some((kind, _)) = frames::next(connection) {
        if kind == frames::HEADERS {
            heads.fetch_add(1, SeqCst);
        }
    }
}

#[tokio::test]
async fn no_allowed_stream_is_not_sent() {
    let heads = Arc::new(AtomicUsize::new(0));
    let count = heads.clone();
    let server = serve(move |connection| {
        frames::open(connection, frames::MAX_CONCURRENT_STREAMS, 0);
        count_heads(connection, &count);
    });
    let client = with_prior_knowledge(1);
    let url = server.base_url();
    let calls = [(); 3].map(|()| tokio::spawn(client.execute(post(&url, "{}"))));
    for call in calls {
        let error = call.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::NoSlot, "{error:?}");
        assert_eq!(error.delivery(), Delivery::NotSent);
    }
    drop(client);
    sleep(Duration::from_millis(100)).await;
    assert_eq!(heads.load(SeqCst), 0);
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn later_allowed_streams_are_used() {
    let server = serve(|connection| {
        frames::open(connection, frames::MAX_CONCURRENT_STREAMS, 0);
        thread::sleep(Duration::from_millis(200));
        frames::set(connection, frames::MAX_CONCURRENT_STREAMS, 1);
        while let Some((kind, stream)) = frames::next(connection) {
            if kind == frames::DATA {
                let _ = connection.write(frames::response(stream));
            }
        }
    });
    let client = with_prior_knowledge(5);
    let url = server.base_url();
    let calls = [(); 3].map(|()| tokio::spawn(client.execute(post(&url, "{}"))));
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap().status(), 200);
    }
    assert_eq!(server.connections(), 1);
}

/// The server allows as much as it can, and then does not read for a while.
#[tokio::test]
async fn blocked_head_is_not_sent() {
    let heads = Arc::new(AtomicUsize::new(0));
    let count = heads.clone();
    let server = serve(move |connection| {
        const MOST: u32 = u32::MAX >> 1;
        frames::open(connection, frames::INITIAL_WINDOW_SIZE, MOST);
        let more = (MOST - 65535).to_be_bytes();
        let _ = connection.write(frames::frame(frames::WINDOW_UPDATE, 0, 0, &more));
        thread::sleep(Duration::from_millis(2500));
        count_heads(connection, &count);
    });
    let client = with_prior_knowledge(1);
    let blocking = tokio::spawn(client.execute(post(&server.base_url(), vec![b' '; 32 << 20])));
    sleep(Duration::from_millis(500)).await;
    let error = client.execute(post(&server.base_url(), "{}")).await.unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::NoSlot, "{error:?}");
    let error = blocking.await.unwrap().unwrap_err();
    assert_eq!(error.delivery(), Delivery::Unknown, "{error:?}");
    drop(client);
    sleep(Duration::from_secs(2)).await;
    assert_eq!(heads.load(SeqCst), 1, "the second head is not written later either");
}

/// More than a socket accepts at once.
fn long_body() -> Bytes {
    vec![b' '; 8 << 20].into()
}

#[tokio::test]
async fn waiting_response_outlives_its_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            stream.read_exact(&mut [0; 100]).unwrap();
            let body = "x".repeat(500);
            let head = "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n";
            stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
        }
    });
    for _ in 0..40 {
        let client = Client::builder().total_timeout(Duration::from_secs(5)).build();
        let response = client.execute(post(&url, long_body())).await.unwrap();
        assert_eq!((response.status().as_u16(), response.body().len()), (200, 500));
    }
}

#[tokio::test]
async fn waiting_http2_response_outlives_its_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let window =
                [&[0, frames::INITIAL_WINDOW_SIZE][..], &[0x7f, 0xff, 0xff, 0xff]].concat();
            stream.write_all(&frames::frame(frames::SETTINGS, 0, 0, &window)).unwrap();
            // The preface, the client's settings and the beginning of the request's body.
            stream.read_exact(&mut [0; 10_000]).unwrap();
            stream.write_all(&frames::response(1)).unwrap();
        }
    });
    for _ in 0..40 {
        let client = with_prior_knowledge(5);
        let response = client.execute(post(&url, long_body())).await.unwrap();
        assert_eq!((response.status().as_u16(), &response.body()[..]), (200, &b"{}"[..]));
    }
}
