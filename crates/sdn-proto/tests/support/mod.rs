//! One driver for all tests of flows, and the values and replies that they share.

#![allow(dead_code, unused_imports, reason = "each test file uses some of it")]

use bytes::Bytes;
use http::Response;
use sdn_proto::flow::{Flow, Step};
use sdn_proto::{
    AccessToken, IdAccessToken, Node, RoomId, ServerName, Session, TransportErrorKind,
};

pub(crate) const WHOAMI: &str = "GET node.example /client/v3/account/whoami";
pub(crate) const ACCOUNT: &str = "GET id.example /identity/v2/account";
pub(crate) const TERMS: &str = "GET id.example /identity/v2/terms";
pub(crate) const WAIT: &str = "wait 7s";

/// A reply to a flow.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reply {
    Response(u16, &'static str),
    /// A status and its `location`.
    Redirect(u16, &'static str),
    /// A 429 that asks for seven seconds.
    Limited,
    Failure(TransportErrorKind),
}
pub(crate) use Reply::{Failure, Limited, Redirect};

pub(crate) const ME: Reply = Reply::Response(200, r#"{"user_id":"@alice:node.example"}"#);
pub(crate) const DONE: Reply = Reply::Response(200, "{}");
pub(crate) const FORBIDDEN: Reply =
    Reply::Response(403, r#"{"errcode":"M_FORBIDDEN","error":"no"}"#);
pub(crate) const NOT_FOUND: Reply =
    Reply::Response(404, r#"{"errcode":"M_NOT_FOUND","error":"no"}"#);
pub(crate) const UNSIGNED: Reply =
    Reply::Response(403, r#"{"errcode":"M_TERMS_NOT_SIGNED","error":"no"}"#);
pub(crate) const REJECTED: Reply =
    Reply::Response(401, r#"{"errcode":"M_UNAUTHORIZED","error":"no"}"#);
pub(crate) const POLICIES: Reply = Reply::Response(
    200,
    r#"{"policies":{"p":{"version":"1","en":{"name":"P","url":"https://id.example/p"}}}}"#,
);
/// A proxy's page, which says nothing about the server behind it.
pub(crate) const BAD_GATEWAY: Reply = Reply::Response(502, "<html>");
/// Responses of a proxy without a server.
pub(crate) const PAGES: [Reply; 7] = [
    Reply::Response(500, "<html>"),
    Reply::Response(502, ""),
    Reply::Response(503, r#"{"error":"no"}"#),
    Reply::Response(504, "<html>"),
    Reply::Response(200, "<html>"),
    Reply::Response(200, ""),
    Reply::Response(204, ""),
];
pub(crate) const NOT_SENT: Reply = Failure(TransportErrorKind::Connect);
pub(crate) const UNKNOWN: Reply = Failure(TransportErrorKind::ConnectionLost);

impl Reply {
    pub(crate) fn pass_to(self, flow: &mut impl Flow) {
        let response = match self {
            Self::Response(status, body) => (status, None, body),
            Self::Redirect(status, location) => (status, Some(("location", location)), ""),
            Self::Limited => (429, Some(("retry-after", "7")), "{}"),
            Self::Failure(kind) => return flow.received(Err(kind.into())),
        };
        let (status, header, body) = response;
        let mut response = Response::builder().status(status);
        if let Some((name, value)) = header {
            response = response.header(name, value);
        }
        flow.received(Ok(response.body(Bytes::from_static(body.as_bytes())).unwrap()));
    }
}

/// Runs a flow with one reply after the other. Returns its steps and its outcome.
pub(crate) fn drive<F: Flow>(mut flow: F, replies: &[Reply]) -> (Vec<String>, F::Outcome) {
    let (mut steps, mut replies) = (Vec::new(), replies.iter());
    loop {
        assert!(steps.len() < 20, "the flow does not end: {steps:?}");
        match flow.step() {
            Step::Send(outgoing) => {
                assert!(outgoing.max_response_bytes() >= 64 * 1024);
                assert_eq!(outgoing.request().uri(), outgoing.clone().into_request().uri());
                let request = outgoing.into_request();
                let (host, path) = (request.uri().host().unwrap(), request.uri().path());
                let path = path.replace("/_api", "");
                steps.push(format!("{} {host} {path}", request.method()));
                let reply = replies.next().unwrap_or_else(|| panic!("no reply after {steps:?}"));
                reply.pass_to(&mut flow);
            }
            Step::Wait(delay) => {
                steps.push(format!("wait {delay:?}"));
                flow.waited();
            }
            Step::Done(outcome) => {
                assert_eq!(replies.len(), 0, "the flow ended after {steps:?}");
                return (steps, outcome);
            }
        }
    }
}

pub(crate) fn session() -> Session {
    Node::new("https://node.example").unwrap().session(AccessToken::new("NODE_SECRET").unwrap())
}

pub(crate) fn room_id() -> RoomId {
    RoomId::new("!a:node.example").unwrap()
}

pub(crate) fn id_server() -> ServerName {
    ServerName::new("id.example").unwrap()
}

pub(crate) fn id_token() -> IdAccessToken {
    IdAccessToken::new("IDS_SECRET").unwrap()
}
