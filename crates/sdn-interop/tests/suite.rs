//! Both transports, and the examples over HTTP stacks that are not ours, in the scenarios that every transport has to pass.
//!
//! The outcomes are the table in the documentation of `sdn_testkit::suite`; with `SDN_BLESS=1` it is written anew.

mod transports;

use std::{env, fs};

use bytes::Bytes;
use http::{Request, Response};
use sdn_proto::Delivery;
use sdn_proto::plain::PlainResponse;
use sdn_testkit::suite::{self, Failure, Report, Setup, Transport};
use transports::{Sender, curl_example, reqwest_blocking_example, reqwest_example};
use transports::{tcp_example, worker_example};

/// A transport, as a function that makes a client.
struct Makes(fn(&Setup) -> Sender);

impl Transport for Makes {
    fn client(&self, setup: &Setup) -> Box<dyn suite::Client> {
        Box::new(Sends((self.0)(setup)))
    }
}

/// A transport that also speaks HTTP/2.
struct MakesHttp2(fn(&Setup) -> Sender);

impl Transport for MakesHttp2 {
    fn client(&self, setup: &Setup) -> Box<dyn suite::Client> {
        Box::new(Sends((self.0)(setup)))
    }

    fn speaks_http2(&self) -> bool {
        true
    }
}

struct Sends(Sender);

impl suite::Client for Sends {
    fn send(&self, request: Request<Bytes>, max: usize) -> Result<Response<Bytes>, Failure> {
        (self.0)(request, max).map_err(|(delivery, error)| Failure::new(delivery, &*error))
    }
}

fn run(make: fn(&Setup) -> Sender) -> Report {
    suite::run(&Makes(make))
}

#[test]
fn every_scenario_ends_as_it_has_to_over_every_transport() {
    let [hyper, blocking, reqwest] = std::thread::scope(|scope| {
        let hyper = scope.spawn(|| suite::run(&MakesHttp2(transports::hyper)));
        let blocking = scope.spawn(|| run(transports::blocking));
        let reqwest = scope.spawn(|| suite::run(&MakesHttp2(transports::reqwest)));
        [hyper, blocking, reqwest].map(|thread| thread.join().unwrap())
    });
    let columns = [("`sdn-hyper`", &hyper), ("`sdn-blocking`", &blocking), ("reqwest", &reqwest)];
    for (name, report) in columns {
        println!("{name}: {} problems", report.problems().len());
        report.assert_passed();
    }
    let table = suite::table(&columns);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../sdn-testkit/src/suite/table.md");
    if env::var_os("SDN_BLESS").is_some() {
        fs::write(path, &table).unwrap();
    }
    let written = fs::read_to_string(path).unwrap();
    assert_eq!(written, table, "the table is out of date: run this test with SDN_BLESS=1");
}

#[test]
fn callers_agent_passes() {
    run(transports::callers_agent).assert_passed();
}

#[test]
fn the_example_over_reqwest_invites() {
    reqwest_example::main().unwrap();
}

#[test]
fn the_example_over_the_blocking_reqwest_invites_and_passes() {
    reqwest_blocking_example::main().unwrap();
    run(transports::reqwest_blocking).assert_passed();
}

const WITHOUT_TLS_OR_KEPT_CONNECTIONS: &[&str] = &[
    "TLS with an added root certificate",
    "TLS: never shakes hands",
    "keeps the connection",
    "closes the kept connection after the next request",
    "closes the kept connection after the next GET",
];

#[test]
fn the_example_over_tcp_invites_and_passes_but_for_what_it_leaves_out() {
    tcp_example::main().unwrap();
    run(transports::tcp).assert_passed_but(WITHOUT_TLS_OR_KEPT_CONNECTIONS);
}

#[test]
fn the_example_over_curl_invites_and_passes_but_for_what_it_leaves_out() {
    curl_example::main().unwrap();
    run(transports::curl).assert_passed_but(WITHOUT_TLS_OR_KEPT_CONNECTIONS);
}

#[test]
fn a_worker_holds_the_limit_if_its_host_does_not() {
    let carry = |status, max_bytes| {
        let plain = PlainResponse { status, headers: Vec::new(), body: Bytes::from("0123456789") };
        worker_example::carry(&|_, _| Ok(plain.clone()), Request::new(Bytes::new()), max_bytes)
    };
    assert_eq!(carry(200, 9).unwrap_err().0, Delivery::Unknown);
    assert_eq!(carry(200, 10).unwrap().body(), "0123456789");
    assert_eq!(carry(502, 9).unwrap().body(), "012345678");
}

#[test]
fn the_example_of_a_worker_invites_and_passes_but_for_what_a_host_does_not_say() {
    worker_example::main().unwrap();
    let problems = run(transports::worker).problems();
    let is_unsaid = |problem: &&String| problem.contains(": unknown instead of not sent (");
    assert_eq!(problems.iter().filter(is_unsaid).count(), 11, "{problems:?}");
    assert_eq!(problems.len(), 11, "{problems:?}");
}
