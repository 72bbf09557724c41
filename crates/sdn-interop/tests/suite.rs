//! Both transports and the examples with other HTTP stacks, in the scenarios that every transport
//! must pass.
//!
//! The outcomes are the table in the documentation of `sdn_testkit::suite`; `SDN_BLESS=1` rewrites
//! it.

mod transports;

use std::{env, fs, thread};

use bytes::Bytes;
use http::Request;
use sdn_proto::plain::PlainResponse;
use sdn_proto::{Outgoing, TransportErrorKind};
use sdn_testkit::suite;
use transports::{curl_example, reqwest_blocking_example, reqwest_example};
use transports::{tcp_example, worker_example};

#[test]
fn transports_and_reqwest_pass() {
    let [hyper, blocking, reqwest] = thread::scope(|scope| {
        let hyper = scope.spawn(|| suite::run_with_http2(transports::hyper));
        let blocking = scope.spawn(|| suite::run(transports::blocking));
        let reqwest = scope.spawn(|| suite::run_with_http2(transports::reqwest));
        [hyper, blocking, reqwest].map(|thread| thread.join().unwrap())
    });
    let columns = [("`sdn-hyper`", &hyper), ("`sdn-blocking`", &blocking), ("reqwest", &reqwest)];
    for (name, report) in columns {
        println!("problems of {name}: {}", report.problems().len());
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

/// ureq does not read while it writes, and shows only in its text that a name is unknown.
#[test]
fn callers_agent_passes() {
    suite::run(transports::callers_agent)
        .assert_passed_except(&["its name is unknown, to a GET", EARLY_RESPONSE]);
}

#[test]
fn reqwest_example_invites() {
    reqwest_example::main().unwrap();
}

#[test]
fn blocking_reqwest_example_passes() {
    reqwest_blocking_example::main().unwrap();
    suite::run(transports::reqwest_blocking).assert_passed();
}

const EARLY_RESPONSE: &str = "answers before it has read the request";

const WITHOUT_TLS_OR_KEPT_CONNECTIONS: &[&str] = &[
    "TLS with an added root certificate",
    "TLS: never shakes hands",
    "keeps the connection",
    "closes the kept connection after the next request",
    "closes the kept connection after the next GET",
];

#[test]
fn tcp_example_passes() {
    tcp_example::main().unwrap();
    // It reads only after everything is written.
    let left_out = [WITHOUT_TLS_OR_KEPT_CONNECTIONS, &[EARLY_RESPONSE]].concat();
    suite::run(transports::tcp).assert_passed_except(&left_out);
}

#[test]
fn curl_example_passes() {
    curl_example::main().unwrap();
    suite::run(transports::curl).assert_passed_except(WITHOUT_TLS_OR_KEPT_CONNECTIONS);
}

#[test]
fn worker_enforces_the_limit_itself() {
    let execute = |status, limit| {
        let plain = PlainResponse { status, headers: Vec::new(), body: Bytes::from("0123456789") };
        let outgoing = Outgoing::from_request(Request::new(Bytes::new()), limit);
        worker_example::execute(&|_, _| Ok(plain.clone()), outgoing)
    };
    let error = execute(200, 9).unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::BodyTooLarge { limit: 9 });
    assert_eq!(execute(200, 10).unwrap().body(), "0123456789");
    assert_eq!(execute(502, 9).unwrap().body(), "012345678");
}

#[test]
fn worker_example_only_lacks_kinds() {
    worker_example::main().unwrap();
    let problems = suite::run(transports::worker).problems();
    let count = |text| problems.iter().filter(|problem| problem.contains(text)).count();
    assert_eq!(count(": unknown instead of not sent ("), 11, "{problems:?}");
    assert_eq!(count(": Other instead of TotalTimeout ("), 5, "{problems:?}");
    assert_eq!(problems.len(), 16, "{problems:?}");
}
