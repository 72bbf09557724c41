//! Every tested transport: both of ours, and the examples.

#![allow(dead_code, reason = "each test uses its part")]
#![allow(clippy::duplicate_mod, reason = "each example has its scene")]

use std::cell::RefCell;
use std::sync::OnceLock;

use sdn_testkit::suite::{Client, ClientSettings};
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

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().unwrap())
}

pub(crate) fn hyper(settings: &ClientSettings) -> Box<Client> {
    let mut builder = sdn_hyper::Client::builder()
        .connect_timeout(settings.connect_timeout)
        .total_timeout(settings.total_timeout);
    if let Some(pem) = &settings.root_certificate {
        builder = builder.add_root_certificate(pem).unwrap();
    }
    let client = builder.build();
    Box::new(move |outgoing| runtime().block_on(client.execute(outgoing)))
}

fn blocking_client(settings: &ClientSettings) -> sdn_blocking::Client {
    let mut builder = sdn_blocking::Client::builder()
        .connect_timeout(settings.connect_timeout)
        .total_timeout(settings.total_timeout);
    if let Some(pem) = &settings.root_certificate {
        builder = builder.add_root_certificate(pem).unwrap();
    }
    builder.build()
}

pub(crate) fn blocking(settings: &ClientSettings) -> Box<Client> {
    let client = blocking_client(settings);
    Box::new(move |outgoing| client.execute(outgoing))
}

/// Runs the blocking transport over a caller's agent, whose writes it cannot see.
pub(crate) fn callers_agent(settings: &ClientSettings) -> Box<Client> {
    let mut config = ureq::Agent::config_builder()
        .timeout_resolve(Some(settings.connect_timeout))
        .timeout_connect(Some(settings.connect_timeout))
        .timeout_global(Some(settings.total_timeout))
        .proxy(None);
    if let Some(pem) = &settings.root_certificate {
        let root = Certificate::from_pem(pem.as_bytes()).unwrap();
        let roots = RootCerts::from([root].into_iter());
        config = config.tls_config(TlsConfig::builder().root_certs(roots).build());
    }
    let client = sdn_blocking::Client::with_agent(config.build().new_agent());
    Box::new(move |outgoing| client.execute(outgoing))
}

/// Runs a well-known client, as an embedder would use it.
pub(crate) fn reqwest(settings: &ClientSettings) -> Box<Client> {
    let mut builder = reqwest_example::builder(settings.connect_timeout, settings.total_timeout);
    if let Some(pem) = &settings.root_certificate {
        let certificate = reqwest::Certificate::from_pem(pem.as_bytes()).unwrap();
        builder = builder.add_root_certificate(certificate);
    }
    let client = builder.build().unwrap();
    Box::new(move |outgoing| runtime().block_on(reqwest_example::execute(&client, outgoing)))
}

pub(crate) fn reqwest_blocking(settings: &ClientSettings) -> Box<Client> {
    let total = settings.total_timeout;
    let mut builder = reqwest_blocking_example::builder(settings.connect_timeout, total);
    if let Some(pem) = &settings.root_certificate {
        let certificate = reqwest::Certificate::from_pem(pem.as_bytes()).unwrap();
        builder = builder.add_root_certificate(certificate);
    }
    let client = builder.build().unwrap();
    Box::new(move |outgoing| reqwest_blocking_example::execute(&client, outgoing, total))
}

pub(crate) fn tcp(settings: &ClientSettings) -> Box<Client> {
    let (connect, total) = (settings.connect_timeout, settings.total_timeout);
    Box::new(move |outgoing| tcp_example::execute(&outgoing, connect, total))
}

pub(crate) fn curl(settings: &ClientSettings) -> Box<Client> {
    let mut handle =
        curl_example::handle(settings.connect_timeout, settings.total_timeout).unwrap();
    if let Some(pem) = &settings.root_certificate {
        // A curl without TLS does not know this option.
        let _ = handle.ssl_cainfo_blob(pem.as_bytes());
    }
    let handle = RefCell::new(handle);
    Box::new(move |outgoing| curl_example::execute(&mut handle.borrow_mut(), outgoing))
}

pub(crate) fn worker(settings: &ClientSettings) -> Box<Client> {
    let host = blocking_client(settings);
    Box::new(move |outgoing| {
        let fetch = |plain, limit| worker_example::fetch(&host, plain, limit);
        worker_example::execute(&fetch, outgoing)
    })
}
