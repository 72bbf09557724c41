//! The client in tasks and runtimes.

use std::thread;
use std::time::Duration;

use sdn_hyper::Client;
use sdn_proto::{AccessToken, InviteUser, Node, RoomId, Session, UserId};
use sdn_testkit::script::{ScriptedServer, response, serve_once};

fn session(url: &str) -> Session {
    Node::new(url).unwrap().session(AccessToken::new("syt_secret").unwrap())
}

fn invite() -> InviteUser {
    InviteUser::new(RoomId::new("!a:b").unwrap(), UserId::new("@bob:b").unwrap())
}

/// A server that closes each connection after the first response without an announcement.
fn serve_once_each() -> ScriptedServer {
    serve_once(response("200 OK", "{}"))
}

#[test]
fn unwritten_request_uses_another_connection() {
    // This runtime does not run between the calls, so the client notices the end only when it
    // writes.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let server = serve_once_each();
    let client = Client::new();
    for _ in 0..5 {
        runtime.block_on(client.send(&session(&server.base_url()), &invite())).unwrap();
        thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(server.requests().len(), 5);
}

#[tokio::test]
async fn call_can_be_spawned() {
    fn is_free<T: Send + 'static>(value: T) -> T {
        value
    }
    let server = serve_once_each();
    let call = {
        let client = Client::new();
        is_free(client.send(&session(&server.base_url()), &invite()))
    };
    tokio::spawn(call).await.unwrap().unwrap();
}

#[tokio::test]
async fn nothing_is_sent_before_first_poll() {
    let server = serve_once_each();
    drop(Client::new().send(&session(&server.base_url()), &invite()));
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(server.requests().len(), 0);
}
