//! Every way to send a request that is tested: both transports, and the examples.

#![allow(dead_code, reason = "each test uses its part")]
#![allow(clippy::duplicate_mod, reason = "each example has its scene")]

use std::cell::RefCell;
use std::error::Error;
use std::sync::OnceLock;

use bytes::Bytes;
use http::{Request, Response};
use sdn_proto::{Delivery, TransportError};
use sdn_testkit::suite::Setup;
use tokio::runtime::Runtime;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

#[path = "../../examples/curl.rs"]
pub(crate) mod curl_example;

#[path = "../../examples/reqwest.rs"]
pub(crate) mod reqwest_example;

#[path = "../../examples/reqwest_blocking.rs"]
pub(crate) mod reqwest_blocking_example;

#[path = "../../examples/tcp/main.rs"]
pub(crate) mod tcp_example;

#[path = "../../examples/worker.rs"]
pub(crate) mod worker_example;

/// Why there is no response, and what is known of the request.
pub(crate) type Failed = (Delivery, Box<dyn Error>);

/// A client, as a function of a request and the greatest length of a response's body.
pub(crate) type Sender = Box<dyn Fn(Request<Bytes>, usize) -> Result<Response<Bytes>, Failed>>;

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().unwrap())
}

fn failed(error: impl TransportError + 'static) -> Failed {
    (error.delivery(), Box::new(error))
}

pub(crate) fn hyper(setup: &Setup) -> Sender {
    let mut builder = sdn_hyper::Client::builder()
        .connect_timeout(setup.connect_timeout)
        .total_timeout(setup.total_timeout);
    if let Some(pem) = &setup.root_certificate {
        builder = builder.add_root_certificate(pem).unwrap();
    }
    let client = builder.build();
    Box::new(move |request, max| runtime().block_on(client.carry(&request, max)).map_err(failed))
}

fn blocking_client(setup: &Setup) -> sdn_blocking::Client {
    let mut builder = sdn_blocking::Client::builder()
        .connect_timeout(setup.connect_timeout)
        .total_timeout(setup.total_timeout);
    if let Some(pem) = &setup.root_certificate {
        builder = builder.add_root_certificate(pem).unwrap();
    }
    builder.build()
}

pub(crate) fn blocking(setup: &Setup) -> Sender {
    let client = blocking_client(setup);
    Box::new(move |request, max| client.carry(&request, max).map_err(failed))
}

/// The blocking transport over an agent that it did not make, whose writes it cannot see.
pub(crate) fn callers_agent(setup: &Setup) -> Sender {
    let mut config = ureq::Agent::config_builder()
        .timeout_resolve(Some(setup.connect_timeout))
        .timeout_connect(Some(setup.connect_timeout))
        .timeout_global(Some(setup.total_timeout))
        .proxy(None);
    if let Some(pem) = &setup.root_certificate {
        let root = Certificate::from_pem(pem.as_bytes()).unwrap();
        let roots = RootCerts::from([root].into_iter());
        config = config.tls_config(TlsConfig::builder().root_certs(roots).build());
    }
    let client = sdn_blocking::Client::with_agent(config.build().new_agent());
    Box::new(move |request, max| client.carry(&request, max).map_err(failed))
}

/// A well-known client, as an embedder would use it.
pub(crate) fn reqwest(setup: &Setup) -> Sender {
    let mut builder = reqwest_example::builder(setup.connect_timeout, setup.total_timeout);
    if let Some(pem) = &setup.root_certificate {
        let certificate = reqwest::Certificate::from_pem(pem.as_bytes()).unwrap();
        builder = builder.add_root_certificate(certificate);
    }
    let client = builder.build().unwrap();
    Box::new(move |request, max| {
        let result = runtime().block_on(reqwest_example::carry(&client, request, max));
        Ok(result.map_err(failed)?.map(Bytes::from))
    })
}

pub(crate) fn reqwest_blocking(setup: &Setup) -> Sender {
    let total = setup.total_timeout;
    let mut builder = reqwest_blocking_example::builder(setup.connect_timeout, total);
    if let Some(pem) = &setup.root_certificate {
        let certificate = reqwest::Certificate::from_pem(pem.as_bytes()).unwrap();
        builder = builder.add_root_certificate(certificate);
    }
    let client = builder.build().unwrap();
    Box::new(move |request, max| {
        let response = reqwest_blocking_example::carry(&client, request, max, total)?;
        Ok(response.map(Bytes::from))
    })
}

pub(crate) fn tcp(setup: &Setup) -> Sender {
    let (connect, total) = (setup.connect_timeout, setup.total_timeout);
    Box::new(move |request, max| {
        let result = tcp_example::carry(&request, max, connect, total);
        let response = result.map_err(|(delivery, error)| (delivery, Box::from(error)))?;
        Ok(response.map(Bytes::from))
    })
}

pub(crate) fn curl(setup: &Setup) -> Sender {
    let mut handle = curl_example::handle(setup.connect_timeout, setup.total_timeout).unwrap();
    if let Some(pem) = &setup.root_certificate {
        // Without TLS it does not know the option.
        let _ = handle.ssl_cainfo_blob(pem.as_bytes());
    }
    let handle = RefCell::new(handle);
    Box::new(move |request, max| curl_example::carry(&mut handle.borrow_mut(), request, max))
}

pub(crate) fn worker(setup: &Setup) -> Sender {
    let host = blocking_client(setup);
    Box::new(move |request, max| {
        let fetch = |plain, max| worker_example::fetch(&host, plain, max);
        let result = worker_example::carry(&fetch, request, max);
        result.map_err(|(delivery, problem)| (delivery, problem.into()))
    })
}
