//! Requests that are carried as they are, and the steps of a flow.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use bytes::Bytes;
use http::Request;
use sdn_blocking::{Client, Error};
use sdn_proto::flow::{Flow, PendingInvitations, Step};
use sdn_proto::{AccessToken, Delivery, Node, RoomId, TransportError};

/// A server that answers every request alike, once it has read its head and the body `ping`.
fn serve(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/there", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\nping") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                request.push(byte[0]);
            }
            let request = String::from_utf8(request).unwrap().to_lowercase();
            assert!(request.starts_with("put /there http/1.1\r\n"), "{request}");
            assert!(request.contains("\r\nx-mine: kept\r\n"), "{request}");
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    url
}

fn ping(url: &str) -> Request<Bytes> {
    Request::put(url).header("x-mine", "kept").body("ping".into()).unwrap()
}

#[test]
fn an_answer_is_given_whatever_its_status() {
    let url = serve(
        "HTTP/1.1 303 See Other\r\nlocation: /elsewhere\r\ncontent-length: 4\r\nconnection: close\r\n\r\npong",
    );
    let client = Client::new();
    let response = client.carry(&ping(&url), 4).unwrap();
    assert_eq!((response.status().as_u16(), &response.body()[..]), (303, &b"pong"[..]));
    assert_eq!(response.headers()["location"], "/elsewhere");
    let response = client.carry(&ping(&url), 2).unwrap();
    assert_eq!(response.body(), "po", "cut at the limit");
}

#[test]
fn a_success_is_whole_or_an_error() {
    let url = serve("HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\npong");
    let client = Client::new();
    assert_eq!(client.carry(&ping(&url), 4).unwrap().body(), "pong");
    let error = client.carry(&ping(&url), 3).unwrap_err();
    assert!(matches!(error, Error::BodyTooLarge { limit: 3 }), "{error:?}");
    assert_eq!(error.delivery(), Delivery::Unknown);
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
    let error = Client::new().carry(&ping("/there"), 4).unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent, "{error:?}");
}
