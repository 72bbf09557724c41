//! Runs the examples, and puts their ways to carry requests through the scenarios that every transport has to pass. The one
//! over reqwest has its column in `suite.rs`.

#![expect(clippy::duplicate_mod, reason = "each example has its scene")]

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use sdn_testkit::suite::{self, Failure, Report, Setup, Transport};

#[path = "../examples/tcp.rs"]
mod tcp;

#[path = "../examples/reqwest_blocking.rs"]
mod reqwest_blocking;

struct ReqwestBlocking;

impl Transport for ReqwestBlocking {
    fn client(&self, setup: &Setup) -> Box<dyn suite::Client> {
        let mut builder = reqwest_blocking::builder(setup.connect_timeout, setup.total_timeout);
        if let Some(pem) = &setup.root_certificate {
            let certificate = reqwest::Certificate::from_pem(pem.as_bytes()).unwrap();
            builder = builder.add_root_certificate(certificate);
        }
        Box::new(ReqwestBlockingClient(builder.build().unwrap(), setup.total_timeout))
    }
}

struct ReqwestBlockingClient(reqwest::blocking::Client, Duration);

impl suite::Client for ReqwestBlockingClient {
    fn send(&self, request: Request<Bytes>, max: usize) -> Result<Response<Bytes>, Failure> {
        let result = reqwest_blocking::carry(&self.0, request, max, self.1);
        let response = result.map_err(|(delivery, error)| Failure::new(delivery, &*error))?;
        Ok(response.map(Bytes::from))
    }
}

#[test]
fn reqwest_blocking() {
    reqwest_blocking::main().unwrap();
    suite::run(&ReqwestBlocking).assert_passed();
}

struct Tcp;

struct TcpClient(Setup);

impl Transport for Tcp {
    fn client(&self, setup: &Setup) -> Box<dyn suite::Client> {
        Box::new(TcpClient(setup.clone()))
    }
}

impl suite::Client for TcpClient {
    fn send(&self, request: Request<Bytes>, max: usize) -> Result<Response<Bytes>, Failure> {
        let result = tcp::carry(&request, max, self.0.total_timeout);
        let response = result.map_err(|(delivery, error)| Failure::new(delivery, &error))?;
        Ok(response.map(Bytes::from))
    }
}

/// All but what the stack does not do at all.
fn assert_passed_but(report: &Report, left_out: &[&str]) {
    let is_left_out = |problem: &String| left_out.iter().any(|name| problem.starts_with(name));
    let (expected, problems): (Vec<_>, Vec<_>) =
        report.problems().into_iter().partition(is_left_out);
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert_eq!(expected.len(), left_out.len(), "{expected:?}");
}

#[test]
fn tcp() {
    tcp::main().unwrap();
    assert_passed_but(
        &suite::run(&Tcp),
        &[
            "TLS with an added root",
            "TLS: never shakes hands",
            "keeps the connection",
            "closes the kept connection after",
        ],
    );
}
