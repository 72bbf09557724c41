//! The trusted servers, and that no other server receives anything.

use sdn_proto::{Delivery, TransportErrorKind};
use sdn_testkit::script::{
    Connection, ScriptedServer, response, serve, serve_self_signed, serve_tls,
};

use super::{assert_delivery, describe, transport_error, try_to_invite};
use crate::Client;

fn ok(connection: &mut Connection) {
    connection.respond_always(response("200 OK", "{}"));
}

fn trusting(server: &ScriptedServer) -> Client {
    Client::builder().add_root_certificate(server.ca_pem().unwrap()).unwrap().build()
}

/// Both transports have these files, because no crate that they share depends on rustls.
#[test]
fn shared_files_are_identical() {
    for file in ["tls.rs", "invalid_setting.rs", "status.rs"] {
        let [hyper, blocking] = ["sdn-hyper", "sdn-blocking"].map(|transport| {
            let crates = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
            std::fs::read_to_string(format!("{crates}/{transport}/src/{file}")).unwrap()
        });
        assert!(hyper == blocking, "{file}: change it in both transports");
    }
}

#[test]
fn certificate_for_an_address_is_accepted() {
    let server = serve_tls("127.0.0.1", ok);
    let base_url = server.base_url().replace("localhost", "127.0.0.1");
    try_to_invite(&trusting(&server), &base_url).unwrap();
}

#[test]
fn der_or_listed_authority_is_trusted() {
    let server = serve_tls("localhost", ok);
    let authority = server.ca_pem().unwrap();
    let other = serve_tls("localhost", ok);
    let both = format!("Comments are allowed.\n{}\n{authority}", other.ca_pem().unwrap());
    let client = Client::builder().add_root_certificate(&both).unwrap().build();
    try_to_invite(&client, &server.base_url()).unwrap();

    use rustls::pki_types::{CertificateDer, pem::PemObject};
    let der = CertificateDer::from_pem_slice(authority.as_bytes()).unwrap();
    let client = Client::builder().add_root_certificate(&der).unwrap().build();
    try_to_invite(&client, &server.base_url()).unwrap();
}

#[test]
fn unknown_authority_receives_nothing() {
    let server = serve_tls("localhost", ok);
    let error = transport_error(&Client::new(), &server.base_url());
    assert_eq!(error.kind(), TransportErrorKind::Tls, "{error:?}");
    assert_delivery(&error, Delivery::NotSent);
    assert!(describe(&error).contains("UnknownIssuer"), "{}", describe(&error));
    assert_eq!((server.connections(), server.requests().len()), (1, 0));
}

#[test]
fn other_name_receives_nothing() {
    let server = serve_tls("other.example", ok);
    let error = transport_error(&trusting(&server), &server.base_url());
    assert_eq!(error.kind(), TransportErrorKind::Tls, "{error:?}");
    assert_delivery(&error, Delivery::NotSent);
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn server_without_tls_receives_nothing() {
    let talks = serve(|connection| {
        let _ = connection.write("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    let hangs_up = serve(|_| {});
    for server in [talks, hangs_up] {
        let base_url = server.base_url().replace("http://", "https://");
        let error = transport_error(&Client::new(), &base_url);
        assert_delivery(&error, Delivery::NotSent);
        assert_eq!(server.requests().len(), 0);
    }
}

#[test]
fn tls_connection_end_is_reported() {
    let server = serve_tls("localhost", |connection| {
        connection.respond(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{");
    });
    let error = transport_error(&trusting(&server), &server.base_url());
    assert_eq!(error.kind(), TransportErrorKind::ConnectionLost, "{error:?}");
    assert_delivery(&error, Delivery::Unknown);
}

#[test]
fn only_added_authorities_are_trusted() {
    let server = serve_tls("localhost", ok);
    let other = serve_tls("localhost", ok);
    let pinned = Client::builder().without_built_in_roots();
    let client = pinned.add_root_certificate(server.ca_pem().unwrap()).unwrap().build();
    try_to_invite(&client, &server.base_url()).unwrap();
    let error = transport_error(&client, &other.base_url());
    assert_eq!(error.kind(), TransportErrorKind::Tls, "{error:?}");
    let nobody = Client::builder().without_built_in_roots().build();
    let error = transport_error(&nobody, &server.base_url());
    assert_eq!(error.kind(), TransportErrorKind::Tls, "{error:?}");
    assert_delivery(&error, Delivery::NotSent);
}

#[test]
fn self_signed_authority_prints_advice() {
    let server = serve_self_signed("localhost", true, ok);
    let error = transport_error(&trusting(&server), &server.base_url());
    assert_eq!(error.kind(), TransportErrorKind::Tls, "{error:?}");
    assert_delivery(&error, Delivery::NotSent);
    let shown = error.to_string();
    assert!(shown.contains("CA:TRUE") && shown.contains("CA:FALSE"), "{shown}");
    assert_eq!(server.requests().len(), 0);

    let usable = serve_self_signed("localhost", false, ok);
    try_to_invite(&trusting(&usable), &usable.base_url()).unwrap();
}
