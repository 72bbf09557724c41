//! Both transports, and the examples over HTTP stacks that are not ours, in the scenarios that every transport has to pass.
//!
//! The outcomes are the table in the documentation of `sdn_testkit::suite`; with `SDN_BLESS=1` it is written anew.

#![expect(clippy::duplicate_mod, reason = "each example has its scene")]

use std::cell::RefCell;
use std::sync::OnceLock;
use std::{env, fs};

use bytes::Bytes;
use http::{Request, Response};
use sdn_proto::plain::PlainResponse;
use sdn_proto::{Delivery, TransportError};
use sdn_testkit::suite::{self, Failure, Setup, Transport};
use tokio::runtime::Runtime;

#[path = "../examples/curl.rs"]
mod curl_example;

#[path = "../examples/reqwest.rs"]
mod reqwest_example;

#[path = "../examples/reqwest_blocking.rs"]
mod reqwest_blocking_example;

#[path = "../examples/tcp/main.rs"]
mod tcp_example;

#[path = "../examples/worker.rs"]
mod worker_example;

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().unwrap())
}

/// A client, as a function.
struct Sends<F>(F);

impl<F> suite::Client for Sends<F>
where
    F: Fn(Request<Bytes>, usize) -> Result<Response<Bytes>, Failure>,
{
    fn send(&self, request: Request<Bytes>, max: usize) -> Result<Response<Bytes>, Failure> {
        (self.0)(request, max)
    }
}

struct Hyper;

impl Transport for Hyper {
    fn client(&self, setup: &Setup) -> Box<dyn suite::Client> {
        let mut builder = sdn_hyper::Client::builder()
            .connect_timeout(setup.connect_timeout)
            .total_timeout(setup.total_timeout);
        if let Some(pem) = &setup.root_certificate {
            builder = builder.add_root_certificate(pem).unwrap();
        }
        let client = builder.build();
        Box::new(Sends(move |request, max| {
            let result = runtime().block_on(client.carry(&request, max));
            result.map_err(|error| Failure::new(error.delivery(), &error))
        }))
    }

    fn speaks_http2(&self) -> bool {
        true
    }
}

struct Blocking;

impl Transport for Blocking {
    fn client(&self, setup: &Setup) -> Box<dyn suite::Client> {
        let mut builder = sdn_blocking::Client::builder()
            .connect_timeout(setup.connect_timeout)
            .total_timeout(setup.total_timeout);
        if let Some(pem) = &setup.root_certificate {
            builder = builder.add_root_certificate(pem).unwrap();
        }
        let client = builder.build();
        Box::new(Sends(move |request, max| {
            let result = client.carry(&request, max);
            result.map_err(|error| Failure::new(error.delivery(), &error))
        }))
    }
}

/// A well-known client, as an embedder would use it.
struct Reqwest;

impl Transport for Reqwest {
    fn client(&self, setup: &Setup) -> Box<dyn suite::Client> {
        let mut builder = reqwest_example::builder(setup.connect_timeout, setup.total_timeout);
        if let Some(pem) = &setup.root_certificate {
            let certificate = reqwest::Certificate::from_pem(pem.as_bytes()).unwrap();
            builder = builder.add_root_certificate(certificate);
        }
        let client = builder.build().unwrap();
        Box::new(Sends(move |request, max| {
            let result = runtime().block_on(reqwest_example::carry(&client, request, max));
            let response = result.map_err(|error| Failure::new(error.delivery(), &error))?;
            Ok(response.map(Bytes::from))
        }))
    }
}

struct ReqwestBlocking;

impl Transport for ReqwestBlocking {
    fn client(&self, setup: &Setup) -> Box<dyn suite::Client> {
        let total = setup.total_timeout;
        let mut builder = reqwest_blocking_example::builder(setup.connect_timeout, total);
        if let Some(pem) = &setup.root_certificate {
            let certificate = reqwest::Certificate::from_pem(pem.as_bytes()).unwrap();
            builder = builder.add_root_certificate(certificate);
        }
        let client = builder.build().unwrap();
        Box::new(Sends(move |request, max| {
            let result = reqwest_blocking_example::carry(&client, request, max, total);
            let response = result.map_err(|(delivery, error)| Failure::new(delivery, &*error))?;
            Ok(response.map(Bytes::from))
        }))
    }
}

struct Tcp;

impl Transport for Tcp {
    fn client(&self, setup: &Setup) -> Box<dyn suite::Client> {
        let (connect, total) = (setup.connect_timeout, setup.total_timeout);
        Box::new(Sends(move |request, max| {
            let result = tcp_example::carry(&request, max, connect, total);
            let response = result.map_err(|(delivery, error)| Failure::new(delivery, &error))?;
            Ok(response.map(Bytes::from))
        }))
    }
}

struct Curl;

impl Transport for Curl {
    fn client(&self, setup: &Setup) -> Box<dyn suite::Client> {
        let mut handle = curl_example::handle(setup.connect_timeout, setup.total_timeout).unwrap();
        if let Some(pem) = &setup.root_certificate {
            // Without TLS it does not know the option.
            let _ = handle.ssl_cainfo_blob(pem.as_bytes());
        }
        let handle = RefCell::new(handle);
        Box::new(Sends(move |request, max| {
            let result = curl_example::carry(&mut handle.borrow_mut(), request, max);
            result.map_err(|(delivery, error)| Failure::new(delivery, &*error))
        }))
    }
}

struct Worker;

impl Transport for Worker {
    fn client(&self, setup: &Setup) -> Box<dyn suite::Client> {
        let mut builder = sdn_blocking::Client::builder()
            .connect_timeout(setup.connect_timeout)
            .total_timeout(setup.total_timeout);
        if let Some(pem) = &setup.root_certificate {
            builder = builder.add_root_certificate(pem).unwrap();
        }
        let host = builder.build();
        Box::new(Sends(move |request, max| {
            let fetch = |plain, max| worker_example::fetch(&host, plain, max);
            worker_example::carry(&fetch, request, max).map_err(|(delivery, problem)| {
                Failure::new(delivery, &std::io::Error::other(problem))
            })
        }))
    }
}

#[test]
fn every_scenario_ends_as_it_has_to_over_every_transport() {
    let [hyper, blocking, reqwest] = std::thread::scope(|scope| {
        let hyper = scope.spawn(|| suite::run(&Hyper));
        let blocking = scope.spawn(|| suite::run(&Blocking));
        let reqwest = scope.spawn(|| suite::run(&Reqwest));
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
fn the_example_over_reqwest_invites() {
    reqwest_example::main().unwrap();
}

#[test]
fn the_example_over_the_blocking_reqwest_invites_and_passes() {
    reqwest_blocking_example::main().unwrap();
    suite::run(&ReqwestBlocking).assert_passed();
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
    suite::run(&Tcp).assert_passed_but(WITHOUT_TLS_OR_KEPT_CONNECTIONS);
}

#[test]
fn the_example_over_curl_invites_and_passes_but_for_what_it_leaves_out() {
    curl_example::main().unwrap();
    suite::run(&Curl).assert_passed_but(WITHOUT_TLS_OR_KEPT_CONNECTIONS);
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
    let problems = suite::run(&Worker).problems();
    let is_unsaid = |problem: &&String| problem.contains(": unknown instead of not sent (");
    assert_eq!(problems.iter().filter(is_unsaid).count(), 11, "{problems:?}");
    assert_eq!(problems.len(), 11, "{problems:?}");
}
