//! Connections that fail after the request was written, with errors of failed connection attempts.
//!
//! Linux reports "connection refused" for an established connection if a firewall rejects its
//! retransmissions.

mod scripted;

use std::io::{self, ErrorKind};

use scripted::Script;
use sdn_blocking::Client;
use sdn_proto::client::WhoAmI;
use sdn_proto::{AccessToken, Delivery, InviteUser, Node, Outgoing, RoomId, Session, UserId};
use ureq::unversioned::resolver::DefaultResolver;
use ureq::{Agent, Error, Timeout};

/// Errors that usually occur before the connection is open.
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

fn delivery(script: Script, outgoing: Outgoing) -> Delivery {
    client(script).execute(outgoing).unwrap_err().delivery()
}

fn session() -> Session {
    Node::new("http://127.0.0.1").unwrap().session(AccessToken::new("syt_secret").unwrap())
}

fn post() -> Outgoing {
    let invite = InviteUser::new(RoomId::new("!a:b").unwrap(), UserId::new("@bob:b").unwrap());
    Outgoing::new(&invite, &session())
}

fn get() -> Outgoing {
    Outgoing::new(&WhoAmI::new(), &session())
}

#[test]
fn post_failing_after_writing_is_unknown() {
    for error in ERRORS {
        let script = Script { input: Some(""), error };
        assert_eq!(delivery(script, post()), Delivery::Unknown, "{:?}", error());
    }
}

#[test]
fn response_failing_in_body_is_unknown() {
    let input = Some("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{");
    for error in ERRORS {
        for request in [post(), get()] {
            let delivery = delivery(Script { input, error }, request);
            assert_eq!(delivery, Delivery::Unknown, "{:?}", error());
        }
    }
}

#[test]
fn get_refused_after_writing_is_unknown() {
    let script = Script { input: Some(""), error: refused };
    assert_eq!(delivery(script, get()), Delivery::Unknown);
}
