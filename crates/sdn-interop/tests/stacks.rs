//! The examples' ways to carry requests, in the scenarios that every transport has to pass.

use bytes::Bytes;
use http::{Request, Response};
use sdn_testkit::suite::{self, Failure, Report, Setup, Transport};

#[expect(dead_code, reason = "an example has a main")]
#[path = "../examples/tcp.rs"]
mod tcp;

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
