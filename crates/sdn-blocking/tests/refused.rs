//! Connections that fail after the request was written, with errors of failed connection attempts.
//!
//! Linux reports "connection refused" of an established connection if a firewall rejects its
//! retransmissions.

mod scripted;

use std::io::{self, ErrorKind};

use bytes::Bytes;
use http::Request;
use scripted::Script;
use sdn_blocking::Client;
use sdn_proto::{Delivery, TransportError};
use ureq::unversioned::resolver::DefaultResolver;
use ureq::{Agent, Error, Timeout};

/// Errors that mostly come up before there is a connection.
const ERRORS: [fn() -> Error; 7] = [
    refused,
    || io::Error::other("failed to lookup address information: Try again").into(),
    || Error::HostNotFound,
    || Error::ConnectionFailed,
    || Error::Timeout(Timeout::Connect),
    || Error::Tls("no TLS"),
    || rustls::Error::DecryptError.into(),
];

fn refused() -> Error {
    io::Error::from(ErrorKind::ConnectionRefused).into()
}

fn client(script: Script) -> Client {
    let config = Agent::config_builder().build();
    Client::with_agent(Agent::with_parts(config, script, DefaultResolver::default()))
}

fn delivery(script: Script, request: &Request<Bytes>) -> Delivery {
    client(script).carry(request, 1024).unwrap_err().delivery()
}

fn post() -> Request<Bytes> {
    Request::post("http://127.0.0.1/").body("ping".into()).unwrap()
}

fn get() -> Request<Bytes> {
    Request::get("http://127.0.0.1/").body(Bytes::new()).unwrap()
}

#[test]
fn post_failing_after_writing_is_unknown() {
    for error in ERRORS {
        let script = Script { input: Some(""), error };
        assert_eq!(delivery(script, &post()), Delivery::Unknown, "{:?}", error());
    }
}

#[test]
fn response_failing_in_body_is_unknown() {
    let input = Some("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{");
    for error in ERRORS {
        for request in [post(), get()] {
            let delivery = delivery(Script { input, error }, &request);
            assert_eq!(delivery, Delivery::Unknown, "{:?}", error());
        }
    }
}

#[test]
fn get_refused_after_writing_is_unknown() {
    let script = Script { input: Some(""), error: refused };
    assert_eq!(delivery(script, &get()), Delivery::Unknown);
}
