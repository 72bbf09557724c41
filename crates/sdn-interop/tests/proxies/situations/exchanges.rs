//! The node breaks exchanges, or the proxy responds instead of the node.

use std::time::Duration;

use http::StatusCode;
use sdn_testkit::Fault;

use super::parts::{CALM, IMPATIENT, MANY, ms, situation};
use crate::place::Settings;
use crate::situation::Expect::{All, No, One};
use crate::situation::Status::{Invited, Refused, Unknown};
use crate::situation::Step::*;
use crate::situation::{Expect, Situation};

pub(super) fn all() -> Vec<Situation> {
    let mut situations = closed();
    situations.extend(late());
    situations.extend(nonsense());
    situations.extend(answered_by_proxy());
    situations
}

fn broken(name: &'static str, fault: Fault, expected: Expect) -> Situation {
    situation(name, [CALM, Break(MANY, fault), Start(MANY), Finish(expected), StartNode, CALM])
}

/// The node closes connections.
fn closed() -> Vec<Situation> {
    let unhandled = Fault::CloseAfterRequest { handled: false };
    let handled = Fault::CloseAfterRequest { handled: true };
    let silently = Fault::CloseAfterAnswer { announced: false };
    let announced = Fault::CloseAfterAnswer { announced: true };
    let finish = Finish(All(Unknown));
    vec![
        situation("nothing fails", [Start(MANY), Finish(All(Invited)), CALM]),
        broken("the node closes before the request", Fault::CloseBeforeRequest, All(Unknown)),
        broken("the node closes after the request, and does not act", unhandled, All(Unknown)),
        broken("the node closes after the request", handled.clone(), All(Unknown)),
        situation(
            "the node closes a new connection after the request",
            [Break(MANY, handled.clone()), Start(MANY), finish, StartNode, CALM],
        ),
        Situation {
            haproxy: None,
            nginx: Some(&[("location", "proxy_request_buffering off;")]),
            ..broken("the node closes after an unbuffered request", handled, All(Unknown))
        },
        broken("the node closes after the response", silently, One(Invited)),
        broken("the node announces that it closes", announced, All(Invited)),
    ]
}

/// The node responds late, or never.
fn late() -> Vec<Situation> {
    let silent = Fault::Stall { handled: true };
    let acts_late = Fault::HandleLate(ms(1500));
    vec![
        Situation {
            haproxy: Some(&[("defaults", "timeout server 300ms")]),
            nginx: Some(&[("location", "proxy_read_timeout 300ms;")]),
            ..broken("server timeout: the node is silent", silent.clone(), All(Unknown))
        },
        Situation {
            client: IMPATIENT,
            ..broken("total timeout: the node is silent", silent, All(Unknown))
        },
        Situation {
            client: IMPATIENT,
            ..broken("total timeout: the node acts later", acts_late, All(Unknown))
        },
        Situation {
            client: IMPATIENT,
            ..broken("total timeout: the body trickles", Fault::TrickleBody, All(Unknown))
        },
    ]
}

/// The node sends something that is not its response.
fn nonsense() -> Vec<Situation> {
    let garbage = Fault::Garbage { bytes: b"SSH-2.0-OpenSSH_9.6\r\n".to_vec(), handled: true };
    let page = Fault::Page { status: StatusCode::BAD_GATEWAY, handled: true };
    vec![
        broken("the response is cut", Fault::Truncate, All(Unknown)),
        broken("the response is not HTTP", garbage, All(Unknown)),
        broken("the headers never end", Fault::EndlessHeaders, All(Unknown)),
        broken("the body never ends", Fault::EndlessBody, All(Unknown)),
        broken("the node is a gateway that answers 502", page, All(Unknown)),
        broken("the node limits the rate", Fault::LimitExceeded(Duration::ZERO), No(Unknown)),
    ]
}

fn answered_by_proxy() -> Vec<Situation> {
    let answered = |name, haproxy: Settings, nginx: Settings, status| Situation {
        haproxy: Some(haproxy),
        nginx: Some(nginx),
        ..situation(name, [Start(MANY), Finish(All(status))])
    };
    vec![
        answered(
            "the proxy answers 403",
            &[("frontend", "http-request deny")],
            &[("location", "deny all;")],
            Refused,
        ),
        answered(
            "the proxy redirects",
            &[("frontend", "http-request redirect location https://no-such-name.invalid/")],
            &[("location", "return 302 https://no-such-name.invalid/;")],
            Refused,
        ),
        answered(
            "the proxy answers 503",
            &[("frontend", "http-request deny deny_status 503")],
            &[("location", "return 503;")],
            Unknown,
        ),
    ]
}
