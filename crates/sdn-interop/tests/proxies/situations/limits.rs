//! Timeouts of the proxy, and limits of connections and requests.

use sdn_testkit::Fault;

use super::parts::{CALM, IMPATIENT, MANY, ms, situation};
use crate::place::Protocol;
use crate::situation::Expect::{All, Any, No, One};
use crate::situation::Status::{Invited, NotSent, Unknown};
use crate::situation::Step::*;
use crate::situation::{Expect, Situation, Step};

pub(super) fn all() -> Vec<Situation> {
    [timeouts(), connections(), requests()].into_iter().flatten().collect()
}

/// The node takes this long to respond to many requests at the same time.
fn slow(milliseconds: u64, expected: Expect) -> [Step; 4] {
    let fault = Fault::AnswerLate(ms(milliseconds));
    [Break(MANY, fault), Start(MANY), Finish(expected), StartNode]
}

fn timeouts() -> Vec<Situation> {
    let at_the_limit = (496..504).flat_map(|pause| [Send(1, Any), Pause(ms(pause))]);
    let keep_alive = |name, steps: Vec<Step>| Situation {
        haproxy: Some(&[("defaults", "timeout http-keep-alive 500ms")]),
        nginx: Some(&[("http", "keepalive_timeout 500ms;")]),
        ..situation(name, steps)
    };
    let idle = || Pause(ms(1000));
    vec![
        keep_alive(
            "keep-alive timeout: kept connections are closed",
            vec![CALM, idle(), Start(MANY), Finish(All(Invited)), idle(), CALM],
        ),
        keep_alive("keep-alive timeout: requests at that moment", at_the_limit.collect()),
        Situation {
            haproxy: Some(&[("defaults", "timeout client 1s")]),
            nginx: Some(&[("http", "send_timeout 1s;")]),
            ..situation(
                "client timeout: the response is later",
                [&slow(1500, No(NotSent))[..], &[CALM]].concat(),
            )
        },
        Situation {
            haproxy: Some(&[("server", "maxconn 1"), ("defaults", "timeout queue 200ms")]),
            nginx: Some(&[("upstream", "max_conns=1")]),
            lists: false,
            ..situation(
                "queue timeout: the node has one connection",
                [&slow(600, One(Unknown))[..], &[CALM]].concat(),
            )
        },
    ]
}

fn connections() -> Vec<Situation> {
    vec![
        Situation {
            haproxy: Some(&[
                ("frontend", "maxconn 2"),
                ("defaults", "timeout http-keep-alive 100ms"),
            ]),
            nginx: None,
            client: IMPATIENT,
            lists: false,
            ..situation(
                "connection limit: further connections wait",
                [&slow(700, One(Invited))[..], &[Pause(ms(500)), Send(2, One(Invited))]].concat(),
            )
        },
        Situation {
            haproxy: None,
            nginx: Some(&[("events", "worker_connections 10;")]),
            lists: false,
            ..situation(
                "connection limit: further connections are closed",
                [&slow(500, Any)[..], &[CALM]].concat(),
            )
        },
        Situation {
            haproxy: None,
            nginx: Some(&[
                ("http", "limit_conn_zone $binary_remote_addr zone=all:1m;"),
                ("location", "limit_conn all 2;"),
            ]),
            lists: false,
            ..situation(
                "connection limit: further requests are answered",
                [&slow(500, One(Unknown))[..], &[CALM]].concat(),
            )
        },
    ]
}

fn requests() -> Vec<Situation> {
    vec![
        Situation {
            haproxy: Some(&[("defaults", "option httpclose")]),
            nginx: Some(&[("http", "keepalive_requests 3;")]),
            ..situation(
                "request limit: connections end after a few",
                [CALM, Start(3 * MANY), Finish(No(Unknown)), Send(MANY, No(Unknown))],
            )
        },
        Situation {
            haproxy: Some(&[("global", "tune.h2.max-concurrent-streams 1")]),
            nginx: Some(&[("http", "http2_max_concurrent_streams 1;")]),
            protocols: &[Protocol::Tls],
            ..situation(
                "stream limit: one at a time",
                [&slow(100, One(Invited))[..], &[CALM]].concat(),
            )
        },
    ]
}
