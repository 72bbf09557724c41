//! Agents in place of the client's own.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use sdn_blocking::{Client, Error};
use sdn_proto::{
    AccessToken, ApiErrorKind, CallError, Delivery, InviteUser, Node, RoomId, Session, UserId,
};
use ureq::Agent;

fn session(url: &str) -> Session {
    Node::new(url).unwrap().session(AccessToken::new("syt_secret").unwrap())
}

fn invite() -> InviteUser {
    InviteUser::new(RoomId::new("!a:b").unwrap(), UserId::new("@bob:b").unwrap())
}

/// A server that answers every request alike, and passes the requests on.
fn serve(answer: &'static str) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, requests) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(br#"{"user_id":"@bob:b"}"#) {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                request.push(byte[0]);
            }
            sender.send(String::from_utf8(request).unwrap()).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    (url, requests)
}

#[test]
fn an_agent_that_follows_redirects_does_not_here() {
    let answer = "HTTP/1.1 303 See Other\r\nlocation: /there\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let (url, requests) = serve(answer);
    let client = Client::with_agent(Agent::new_with_defaults());
    let error = client.send(&session(&url), &invite()).unwrap_err();
    assert_eq!(error.api().unwrap().kind(), ApiErrorKind::UnexpectedStatus);
    assert_eq!(error.api().unwrap().status(), 303);
    assert_eq!(requests.try_iter().count(), 1);
}

#[test]
fn an_agent_that_takes_statuses_for_errors_does_not_here() {
    let answer =
        "HTTP/1.1 429 Slow\r\nretry-after: 9\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let (url, _requests) = serve(answer);
    let client = Client::with_agent(Agent::new_with_defaults());
    let error = client.send(&session(&url), &invite()).unwrap_err();
    assert_eq!(error.api().unwrap().status(), 429);
    assert!(error.api().unwrap().retry_after().is_some());
}

#[test]
fn an_agent_keeps_its_own_settings() {
    let (url, requests) = serve("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
    let agent =
        Agent::config_builder().user_agent("mine/1").accept("text/html").build().new_agent();
    Client::with_agent(agent).send(&session(&url), &invite()).unwrap();
    let request = requests.recv().unwrap().to_lowercase();
    assert!(request.contains("\r\nuser-agent: mine/1\r\n"), "{request}");
    assert!(!request.contains("\r\naccept"), "{request}");
}

#[test]
fn an_agent_that_refuses_has_sent_nothing() {
    let agent = Agent::config_builder().https_only(true).build().new_agent();
    let error =
        Client::with_agent(agent).send(&session("http://127.0.0.1:1"), &invite()).unwrap_err();
    assert!(matches!(error, CallError::Transport(Error::Connect(_))), "{error:?}");
    assert_eq!(error.delivery(), Delivery::NotSent);
}
