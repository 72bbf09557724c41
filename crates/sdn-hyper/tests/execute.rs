//! Finished requests, and flows.

use std::net::TcpListener;

use http::Request;
use sdn_hyper::Client;
use sdn_proto::flow::{RevokeError, RevokeFlow};
use sdn_proto::id::InviteToken;
use sdn_proto::{AccessToken, CallError, Delivery, Node, Outgoing, RoomId, TransportErrorKind};
use sdn_testkit::script::{ScriptedServer, response, serve_always, serve_once};

fn ping(base_url: &str, max_response_bytes: usize) -> Outgoing {
    let request = Request::put(format!("{base_url}/there")).header("x-mine", "kept");
    Outgoing::from_request(request.body("ping".into()).unwrap(), max_response_bytes)
}

/// Checks that exactly this many pings arrived, unchanged.
fn check_pings(server: &ScriptedServer, count: usize) {
    let requests = server.requests();
    assert_eq!(requests.len(), count);
    for request in requests {
        assert_eq!((&*request.method, &*request.path), ("PUT", "/there"));
        assert_eq!(request.header("x-mine"), Some("kept"));
        assert_eq!(request.body, "ping");
    }
}

#[tokio::test]
async fn response_is_returned_with_any_status() {
    let server = serve_once(
        "HTTP/1.1 303 See Other\r\nlocation: /elsewhere\r\ncontent-length: 4\r\nconnection: close\r\n\r\npong",
    );
    let (client, url) = (Client::new(), server.base_url());
    let response = client.execute(ping(&url, 4)).await.unwrap();
    assert_eq!((response.status().as_u16(), &response.body()[..]), (303, &b"pong"[..]));
    assert_eq!(response.headers()["location"], "/elsewhere");
    let response = client.execute(ping(&url, 2)).await.unwrap();
    assert_eq!(response.body(), "po", "cut at the limit");
    check_pings(&server, 2);
}

#[tokio::test]
async fn success_beyond_limit_is_error() {
    let server = serve_always(response("200 OK", "pong"));
    let (client, url) = (Client::new(), server.base_url());
    assert_eq!(client.execute(ping(&url, 4)).await.unwrap().body(), "pong");
    let error = client.execute(ping(&url, 3)).await.unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::BodyTooLarge { limit: 3 }, "{error:?}");
    assert_eq!(error.delivery(), Delivery::Unknown);
    check_pings(&server, 2);
}

#[tokio::test]
async fn flow_error_keeps_its_cause() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let session = Node::new(url).unwrap().session(AccessToken::new("syt_secret").unwrap());
    let (room_id, token) = (RoomId::new("!a:b").unwrap(), InviteToken::new("tok").unwrap());
    let error = Client::new().run(RevokeFlow::new(session, room_id, token)).await.unwrap_err();
    let RevokeError::Before(CallError::Transport(error)) = error else { panic!("{error:?}") };
    assert_eq!(error.kind(), TransportErrorKind::Connect, "{error:?}");
    assert!(std::error::Error::source(&error).is_some(), "{error:?}");
}

#[tokio::test]
async fn request_without_server_is_not_sent() {
    let error = Client::new().execute(ping("", 4)).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent, "{error:?}");
}
