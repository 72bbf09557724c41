//! Both transports, and one that is not ours, in the scenarios that every transport has to pass.
//!
//! The outcomes are the table in the documentation of `sdn_testkit::suite`; with `SDN_BLESS=1` it is written anew.

use std::sync::OnceLock;
use std::{env, fs};

use bytes::Bytes;
use http::{Request, Response};
use sdn_proto::TransportError;
use sdn_testkit::suite::{self, Failure, Setup, Transport};
use tokio::runtime::Runtime;

#[path = "../examples/reqwest.rs"]
mod reqwest_example;

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
