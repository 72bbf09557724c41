//! Servers that do not exist, close early, stop sending or send garbage.

use std::net::TcpListener;
use std::time::Duration;

use sdn_proto::{ApiErrorKind, Delivery, TransportErrorKind};
use sdn_testkit::script::{ScriptedServer, serve, serve_once};

use super::{api_error, assert_delivery, describe, timed, transport_error};
use crate::Client;

const SHORT: Duration = Duration::from_millis(400);

fn impatient() -> Client {
    Client::builder().total_timeout(SHORT).build()
}

/// Reads the request, writes something and stops sending.
fn serve_and_stall(bytes: &'static str) -> ScriptedServer {
    serve(move |connection| {
        connection.respond(bytes);
        connection.stall();
    })
}

#[test]
fn refused_connection_is_connect() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = transport_error(&Client::new(), &format!("http://{address}"));
    assert_eq!(error.kind(), TransportErrorKind::Connect, "{error:?}");
    assert_delivery(&error, Delivery::NotSent);
    assert!(describe(&error).to_lowercase().contains("refused"), "{}", describe(&error));
}

#[test]
fn unknown_name_is_connect() {
    let error = transport_error(&Client::new(), "https://no-such-name.invalid");
    assert_eq!(error.kind(), TransportErrorKind::Connect, "{error:?}");
    assert_delivery(&error, Delivery::NotSent);
}

#[test]
fn late_connection_is_connect_timeout() {
    let server = serve(|connection| connection.stall());
    // The server accepts and does not speak TLS.
    let base_url = server.base_url().replace("http://", "https://");
    let by_connect = Client::builder().connect_timeout(SHORT).build();
    let by_total = Client::builder().connect_timeout(Duration::MAX).total_timeout(SHORT).build();
    for client in [by_connect, by_total] {
        let error = timed(SHORT, || transport_error(&client, &base_url));
        assert_eq!(error.kind(), TransportErrorKind::ConnectTimeout, "{error:?}");
        assert_delivery(&error, Delivery::NotSent);
        assert!(error.to_string().contains("connect timeout"), "{error}");
    }
}

#[test]
fn late_response_is_total_timeout() {
    let silent = serve_and_stall("");
    let in_head = serve_and_stall("HTTP/1.1 200 OK\r\ncontent-le");
    let in_body = serve_and_stall("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{");
    for server in [silent, in_head, in_body] {
        let error = timed(SHORT, || transport_error(&impatient(), &server.base_url()));
        assert_eq!(error.kind(), TransportErrorKind::TotalTimeout, "{error:?}");
        assert_delivery(&error, Delivery::Unknown);
        assert!(error.to_string().contains("total timeout"), "{error}");
    }
}

#[test]
fn status_counts_despite_incomplete_body() {
    let head = "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 100\r\nretry-after: 7\r\n\r\n<html>";
    let error = api_error(&Client::new(), &serve_once(head).base_url());
    assert_eq!(error.status().as_u16(), 502);
    assert_eq!(error.kind(), ApiErrorKind::UnexpectedStatus);
    assert_eq!(error.body(), "<html>");
    assert!(error.retry_after().is_some());

    let error = timed(SHORT, || api_error(&impatient(), &serve_and_stall(head).base_url()));
    assert_eq!(error.status().as_u16(), 502);
    assert_eq!(error.body(), "<html>");
}

#[test]
fn early_end_is_connection_lost() {
    for bytes in [
        "",
        "HTTP/1.1 200 OK\r\ncontent-le",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n",
    ] {
        let server = serve_once(bytes);
        let error = transport_error(&Client::new(), &server.base_url());
        assert_eq!(error.kind(), TransportErrorKind::ConnectionLost, "{bytes:?}: {error:?}");
        assert_delivery(&error, Delivery::Unknown);
        assert_eq!(server.requests().len(), 1, "a call that may have arrived is not sent again");
    }
}

#[test]
fn invalid_http_is_protocol() {
    let endless_header = format!("HTTP/1.1 200 OK\r\nx: {}", "x".repeat(1024 * 1024));
    for bytes in [
        "SSH-2.0-OpenSSH_9.6\r\n\r\n",
        "HTTP/1.1 two hundred\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nmany\r\n{}\r\n0\r\n\r\n",
        endless_header.as_str(),
    ] {
        let start: String = bytes.chars().take(60).collect();
        let bytes = bytes.to_owned();
        let server = serve(move |connection| {
            connection.respond(&bytes);
            connection.stall();
        });
        let error = transport_error(&Client::new(), &server.base_url());
        assert_eq!(error.kind(), TransportErrorKind::Protocol, "{start:?}: {error:?}");
        assert_delivery(&error, Delivery::Unknown);
    }
}
