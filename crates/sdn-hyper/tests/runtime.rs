//! The client among tasks and runtimes.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use sdn_hyper::Client;
use sdn_proto::{AccessToken, InviteUser, Node, RoomId, Session, UserId};

fn session(url: &str) -> Session {
    Node::new(url).unwrap().session(AccessToken::new("syt_secret").unwrap())
}

fn invite() -> InviteUser {
    InviteUser::new(RoomId::new("!a:b").unwrap(), UserId::new("@bob:b").unwrap())
}

/// A server that answers one request per connection, then closes it without having said so, and counts the requests.
fn serve_once_each() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let requests = Arc::new(AtomicUsize::new(0));
    let counter = requests.clone();
    thread::spawn(move || {
        for stream in listener.incoming() {
            answer(stream.unwrap());
            counter.fetch_add(1, Ordering::SeqCst);
        }
    });
    (url, requests)
}

fn answer(mut stream: TcpStream) {
    let mut request = Vec::new();
    while !request.ends_with(br#"{"user_id":"@bob:b"}"#) {
        let mut byte = [0];
        if stream.read(&mut byte).unwrap() == 0 {
            return;
        }
        request.push(byte[0]);
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").unwrap();
}

#[test]
fn what_was_not_written_to_a_closed_connection_is_sent_on_another() {
    // Between the calls this runtime stands still, so that the client finds out only when it wants to write.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (url, requests) = serve_once_each();
    let client = Client::new();
    for _ in 0..5 {
        runtime.block_on(client.send(&session(&url), &invite())).unwrap();
        thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(requests.load(Ordering::SeqCst), 5);
}

#[tokio::test]
async fn a_call_can_be_spawned() {
    fn is_free<T: Send + 'static>(value: T) -> T {
        value
    }
    let (url, _) = serve_once_each();
    let call = {
        let client = Client::new();
        is_free(client.send(&session(&url), &invite()))
    };
    tokio::spawn(call).await.unwrap().unwrap();
}

#[tokio::test]
async fn nothing_is_sent_before_the_call_is_awaited() {
    let (url, requests) = serve_once_each();
    drop(Client::new().send(&session(&url), &invite()));
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(requests.load(Ordering::SeqCst), 0);
}
