//! Requests that are carried as they are, and the steps of a flow.

use std::net::TcpListener;

use bytes::Bytes;
use http::Request;
use sdn_blocking::{Client, Error};
use sdn_proto::flow::{Flow, PendingInvitations, Step};
use sdn_proto::{AccessToken, Delivery, Node, RoomId, TransportError};
use sdn_testkit::script::{ScriptedServer, response, serve_always, serve_once};

fn ping(base_url: &str) -> Request<Bytes> {
    Request::put(format!("{base_url}/there")).header("x-mine", "kept").body("ping".into()).unwrap()
}

/// Checks that so many pings came unchanged, and nothing else.
fn check_pings(server: &ScriptedServer, count: usize) {
    let requests = server.requests();
    assert_eq!(requests.len(), count);
    for request in requests {
        assert_eq!((&*request.method, &*request.path), ("PUT", "/there"));
        assert_eq!(request.header("x-mine"), Some("kept"));
        assert_eq!(request.body, "ping");
    }
}

#[test]
fn an_answer_is_given_whatever_its_status() {
    let server = serve_once(
        "HTTP/1.1 303 See Other\r\nlocation: /elsewhere\r\ncontent-length: 4\r\nconnection: close\r\n\r\npong",
    );
    let ping = ping(&server.base_url());
    let client = Client::new();
    let response = client.carry(&ping, 4).unwrap();
    assert_eq!((response.status().as_u16(), &response.body()[..]), (303, &b"pong"[..]));
    assert_eq!(response.headers()["location"], "/elsewhere");
    let response = client.carry(&ping, 2).unwrap();
    assert_eq!(response.body(), "po", "cut at the limit");
    check_pings(&server, 2);
}

#[test]
fn a_success_is_whole_or_an_error() {
    let server = serve_always(response("200 OK", "pong"));
    let ping = ping(&server.base_url());
    let client = Client::new();
    assert_eq!(client.carry(&ping, 4).unwrap().body(), "pong");
    let error = client.carry(&ping, 3).unwrap_err();
    assert!(matches!(error, Error::BodyTooLarge { limit: 3 }), "{error:?}");
    assert_eq!(error.delivery(), Delivery::Unknown);
    check_pings(&server, 2);
}

#[test]
fn a_flow_can_be_driven_with_its_errors_at_hand() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let session = Node::new(url).unwrap().session(AccessToken::new("syt_secret").unwrap());
    let mut flow = PendingInvitations::new(session, RoomId::new("!a:b").unwrap());
    let Step::Send(outgoing) = flow.step() else { panic!("{flow:?}") };
    let error = Client::new().carry(outgoing.request(), outgoing.max_response_bytes()).unwrap_err();
    assert!(matches!(error, Error::Connect(_)), "{error:?}");
    flow.failed(error.delivery());
    let Step::Done(Err(failure)) = flow.step() else { panic!("{flow:?}") };
    assert_eq!(failure.to_string(), "it could not be reached");
}

#[test]
fn a_request_that_names_no_server_is_not_sent() {
    let error = Client::new().carry(&ping(""), 4).unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent, "{error:?}");
}
