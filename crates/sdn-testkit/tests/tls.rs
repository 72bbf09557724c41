//! The loopback server behind TLS, with a rustls client.

mod common;

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use common::*;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use sdn_testkit::{Fault, Server};

/// Connects to a server under a name, and trusts the CA of `trusted`.
fn connect(
    server: &Server,
    trusted: &Server,
    name: &'static str,
) -> StreamOwned<ClientConnection, TcpStream> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(trusted.ca_pem().unwrap().as_bytes()).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name).unwrap();
    let socket = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), socket)
}

fn exchange(setting: &Setting, server: &Server, name: &'static str) -> io::Result<String> {
    let request = setting.raw_invite().replacen("\r\n", "\r\nconnection: close\r\n", 1);
    let mut stream = connect(server, server, name);
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

#[test]
fn invites_over_tls() {
    let setting = Setting::new();
    let server = setting.world.serve_tls().unwrap();
    assert_eq!(server.base_url(), format!("https://localhost:{}", server.port()));
    for name in ["localhost", "127.0.0.1"] {
        let answer = exchange(&setting, &server, name).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("{}"), "{answer}");
    }
    assert_eq!(setting.invitations(), 2);
}

#[test]
fn certificate_is_for_this_server_only() {
    let setting = Setting::new();
    let server = setting.world.serve_tls().unwrap();
    let other = setting.world.serve_tls().unwrap();
    let wrong_name = connect(&server, &server, "node.example").write_all(b"x").unwrap_err();
    assert!(wrong_name.to_string().contains("not valid for name"), "{wrong_name}");
    let wrong_ca = connect(&server, &other, "localhost").write_all(b"x").unwrap_err();
    assert!(wrong_ca.to_string().contains("invalid peer certificate"), "{wrong_ca}");
    assert!(setting.world.requests().is_empty());
}

#[test]
fn faults_work_over_tls() {
    let setting = Setting::new();
    let server = setting.world.serve_tls().unwrap();
    server.fault_next(Fault::CloseOnAccept);
    assert!(exchange(&setting, &server, "localhost").is_err());
    server.fault_next(Fault::CloseAfterRequest { handled: true });
    assert!(exchange(&setting, &server, "localhost").is_err());
    assert_eq!(setting.invitations(), 1);
    server.fault_next(Fault::Truncate);
    assert!(exchange(&setting, &server, "localhost").unwrap().ends_with("\r\n\r\n{"));
}

#[test]
fn plain_http_at_tls_port_gets_nothing() {
    let setting = Setting::new();
    let server = setting.world.serve_tls().unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    stream.write_all(setting.raw_invite().as_bytes()).unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP/"), "{answer:?}");
    assert!(setting.world.requests().is_empty());
}
