//! Servers that ask the client for a certificate.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use sdn_proto::Delivery;

use super::{describe, transport_error, try_to_invite};
use crate::Client;

/// An authority, and a certificate that it signed.
struct Issued {
    authority: rcgen::Certificate,
    certificate: rcgen::Certificate,
    key: KeyPair,
}

fn issue(name: &str) -> Issued {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = KeyPair::generate().unwrap();
    let authority = params.self_signed(&authority_key).unwrap();
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    params.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, &authority, &authority_key).unwrap();
    Issued { authority, certificate, key }
}

impl Issued {
    fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.authority.der().clone()).unwrap();
        roots
    }
}

/// A server that requires a client certificate.
struct AskingServer {
    base_url: String,
    identity: Issued,
    /// The certificate of each client.
    clients: Arc<Mutex<Vec<CertificateDer<'static>>>>,
}

impl AskingServer {
    fn start(trusted: &Issued) -> Self {
        let identity = issue("localhost");
        let provider = Arc::new(default_provider());
        let roots = Arc::new(trusted.roots());
        let verifier = WebPkiClientVerifier::builder_with_provider(roots, Arc::clone(&provider));
        let key = PrivatePkcs8KeyDer::from(identity.key.serialize_der()).into();
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(verifier.build().unwrap())
            .with_single_cert(vec![identity.certificate.der().clone()], key)
            .unwrap();
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base_url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let clients = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&clients);
        thread::spawn(move || {
            for tcp in listener.incoming() {
                let tls = ServerConnection::new(Arc::clone(&config)).unwrap();
                let mut stream = StreamOwned::new(tls, tcp.unwrap());
                // A failed handshake fails here.
                let Ok(1..) = stream.read(&mut [0; 4096]) else { continue };
                let certificate = stream.conn.peer_certificates().unwrap()[0].clone();
                seen.lock().unwrap().push(certificate.into_owned());
                let response =
                    "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
                let _ = stream.write_all(response.as_bytes());
                stream.conn.send_close_notify();
                let _ = stream.flush();
            }
        });
        Self { base_url, identity, clients }
    }

    fn authority(&self) -> String {
        self.identity.authority.pem()
    }
}

#[test]
fn client_shows_its_certificate() {
    let identity = issue("inviter.example");
    let server = AskingServer::start(&identity);
    let chain = format!("{}\n{}", identity.certificate.pem(), identity.authority.pem());
    let (certificate_der, key_der) = (identity.certificate.der(), identity.key.serialize_der());
    let builder = || Client::builder().add_root_certificate(server.authority()).unwrap();
    for client in [
        builder().client_certificate(chain, identity.key.serialize_pem()).unwrap().build(),
        builder().client_certificate(certificate_der, key_der).unwrap().build(),
    ] {
        try_to_invite(&client, &server.base_url).unwrap();
    }
    assert_eq!(*server.clients.lock().unwrap(), [certificate_der.clone(), certificate_der.clone()]);
}

#[test]
fn missing_client_certificate_is_error() {
    let server = AskingServer::start(&issue("inviter.example"));
    let client = Client::builder().add_root_certificate(server.authority()).unwrap().build();
    // With TLS 1.3 the server says so after the handshake, and the request may be written by then.
    let error = transport_error(&client, &server.base_url);
    assert_ne!(error.delivery(), Delivery::Answered, "{}", describe(&error));
    assert!(server.clients.lock().unwrap().is_empty());
}

#[test]
fn client_certificate_and_key_are_checked() {
    let [one, other] = ["one.example", "other.example"].map(issue);
    let (chain, key) = (one.certificate.pem(), one.key.serialize_pem());
    let encrypted =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let broken = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    for (chain, key, problem) in [
        (&*key, &*key, "contains no certificate"),
        ("hello", &*key, "broken, or of an unknown kind"),
        (&*chain, &*chain, "the private key cannot be read"),
        (&*chain, "hello", "the private key cannot be read"),
        (&*chain, "", "the private key cannot be read"),
        (&*chain, encrypted, "the private key cannot be read"),
        (&*chain, broken, "broken, or of an unknown kind"),
        (&*chain, &*other.key.serialize_pem(), "does not belong to the first certificate"),
    ] {
        let error = Client::builder().client_certificate(chain, key).unwrap_err().to_string();
        assert!(error.starts_with("client certificate: ") && error.contains(problem), "{error}");
    }
}

#[test]
fn private_key_is_not_printed() {
    let identity = issue("inviter.example");
    let key = identity.key.serialize_der();
    let builder = Client::builder().client_certificate(identity.certificate.pem(), &key).unwrap();
    let shown = format!("{builder:?}");
    // The rest of the key is public.
    for part in key[36..68].windows(8) {
        let [list, hex] = [format!("{part:?}"), part.iter().map(|b| format!("{b:02x}")).collect()];
        assert!(!shown.contains(list.trim_matches(['[', ']'])) && !shown.contains(&hex), "{shown}");
    }
    assert!(shown.contains("elided"), "{shown}");
}
