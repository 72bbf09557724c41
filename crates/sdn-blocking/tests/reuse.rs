//! Connections that are reused, and connections that cannot be reused.

use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use sdn_blocking::Client;
use sdn_proto::{Delivery, Outgoing, TransportErrorKind};
use sdn_testkit::script::{Connection, ScriptedServer, response, serve, serve_always, serve_tls};

fn get(server: &ScriptedServer) -> Outgoing {
    Outgoing::from_request(Request::get(server.base_url()).body(Bytes::new()).unwrap(), 8192)
}

fn trusting(server: &ScriptedServer) -> Client {
    Client::builder().add_root_certificate(server.ca_pem().unwrap()).unwrap().build()
}

/// Sends this many requests, and returns the number of connections.
fn connections(client: &Client, server: &ScriptedServer, count: usize) -> usize {
    for _ in 0..count {
        assert_eq!(client.execute(get(server)).unwrap().status(), 200);
        std::thread::sleep(Duration::from_millis(30));
    }
    server.connections()
}

#[test]
fn tls_connection_is_kept() {
    // Session tickets, which arrive after the handshake, are not unexpected responses.
    let server = serve_tls("localhost", |it| it.respond_always(response("200 OK", "{}")));
    assert_eq!(connections(&trusting(&server), &server, 5), 1);
}

#[test]
fn closed_tls_connection_is_replaced() {
    let server = serve_tls("localhost", |connection: &mut Connection| {
        connection.respond(response("200 OK", "{}"));
    });
    assert_eq!(connections(&trusting(&server), &server, 3), 3);
}

#[test]
fn unasked_tls_response_is_never_read() {
    let server = serve_tls("localhost", |connection: &mut Connection| {
        connection.respond(response("200 OK", "{}"));
        let _ = connection.write(response("418 Forged", "forged"));
        connection.respond_always(response("200 OK", "{}"));
    });
    assert_eq!(connections(&trusting(&server), &server, 3), 3);
}

#[test]
fn unread_tls_rest_is_not_kept() {
    // The response fills the client's buffer, so that later bytes stay in TLS.
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 4055\r\n\r\n";
    let body = " ".repeat(4055);
    assert_eq!(head.len() + body.len(), 4096);
    let both = format!("{head}{body}{}", response("418 Forged", "forged"));
    let server = serve_tls("localhost", move |connection| connection.respond_always(&both));
    assert_eq!(connections(&trusting(&server), &server, 3), 3);
}

#[test]
fn unclear_end_is_not_kept() {
    for (head, body) in [
        ("content-length: 2\r\nconnection: close", "{}"),
        ("content-length: 2\r\ntransfer-encoding: chunked", "2\r\n{}\r\n0\r\n\r\n"),
        ("content-length: 2", "{}{}"),
    ] {
        let server = serve_always(format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{body}"));
        assert_eq!(connections(&Client::new(), &server, 3), 3, "{head}");
    }
}

#[test]
fn idle_connections_are_limited() {
    let server = serve(|connection| connection.respond_always(response("200 OK", "{}")));
    let client = Client::builder().max_idle_per_host(2).build();
    let together = |count: usize| {
        let barrier = std::sync::Barrier::new(count);
        std::thread::scope(|scope| {
            for _ in 0..count {
                scope.spawn(|| {
                    barrier.wait();
                    client.execute(get(&server)).unwrap()
                });
            }
        });
    };
    together(1);
    for _ in 0..5 {
        let before = server.connections();
        together(8);
        assert!(server.connections() <= before + 8);
    }
    let before = server.connections();
    assert_eq!(connections(&client, &server, 3), before, "the newest is used again");
}

#[test]
fn call_without_time_is_not_sent() {
    let server = serve_always(response("200 OK", "{}"));
    let client = Client::builder().total_timeout(Duration::ZERO).build();
    let error = client.execute(get(&server)).unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::ConnectTimeout, "{error:?}");
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn full_backlog_is_connect_timeout() {
    // The system completes this many connections, and ignores the others.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let short = Duration::from_millis(200);
    let mut waiting = Vec::new();
    while let Ok(tcp) = TcpStream::connect_timeout(&address, short) {
        waiting.push(tcp);
    }
    let client = Client::builder().connect_timeout(short).build();
    let request = Request::get(format!("http://{address}")).body(Bytes::new()).unwrap();
    let error = client.execute(Outgoing::from_request(request, 1024)).unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::ConnectTimeout, "{error:?}");
}
