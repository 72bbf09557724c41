//! A client with a caller's provider of cryptography.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustls::crypto::{CryptoProvider, GetRandomFailed, SecureRandom, ring};
use sdn_proto::{Delivery, TransportErrorKind};
use sdn_testkit::script::{Connection, response, serve_tls};

use super::{assert_delivery, transport_error, try_to_invite};
use crate::Client;

fn ok(connection: &mut Connection) {
    connection.respond_always(response("200 OK", "{}"));
}

/// Counts its calls.
#[derive(Debug)]
struct Counting(AtomicUsize);

static COUNTING: Counting = Counting(AtomicUsize::new(0));

impl SecureRandom for Counting {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), GetRandomFailed> {
        self.0.fetch_add(1, Ordering::Relaxed);
        ring::default_provider().secure_random.fill(buffer)
    }
}

#[test]
fn callers_provider_is_used() {
    let server = serve_tls("localhost", ok);
    let provider = CryptoProvider { secure_random: &COUNTING, ..ring::default_provider() };
    let builder = Client::builder().crypto_provider(Arc::new(provider));
    let client = builder.add_root_certificate(server.ca_pem().unwrap()).unwrap().build();
    assert_eq!(COUNTING.0.load(Ordering::Relaxed), 0);
    try_to_invite(&client, &server.base_url()).unwrap();
    assert!(COUNTING.0.load(Ordering::Relaxed) > 0);
}

#[test]
fn useless_provider_sends_nothing() {
    let server = serve_tls("localhost", ok);
    let provider = CryptoProvider { cipher_suites: Vec::new(), ..ring::default_provider() };
    let client = Client::builder().crypto_provider(Arc::new(provider)).build();
    let error = transport_error(&client, &server.base_url());
    assert_eq!(error.kind(), TransportErrorKind::Tls, "{error:?}");
    assert_delivery(&error, Delivery::NotSent);
    assert_eq!(server.connections(), 0);
}
