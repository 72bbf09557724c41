//! Servers that respond before the whole request is sent.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use sdn_blocking::Client;
use sdn_proto::{Outgoing, TransportErrorKind};
use sdn_testkit::script::{Connection, ScriptedServer, response, serve, serve_tls};

/// More than fits into the buffers of two sockets.
const LARGE: usize = 16 << 20;

fn request(server: &ScriptedServer, length: usize) -> Outgoing {
    let body = Bytes::from(vec![b' '; length]);
    Outgoing::from_request(Request::post(server.base_url()).body(body).unwrap(), 1024)
}

fn client(server: &ScriptedServer) -> Client {
    let mut builder = Client::builder().total_timeout(Duration::from_secs(10));
    if let Some(root) = server.ca_pem() {
        builder = builder.add_root_certificate(root).unwrap();
    }
    builder.build()
}

/// Reads a part of the request and responds to it.
fn respond_early(connection: &mut Connection) {
    if connection.read_exactly(100).is_some() {
        let _ = connection.write(
            "HTTP/1.1 413 Content Too Large\r\nconnection: close\r\ncontent-length: 9\r\n\r\ntoo large",
        );
    }
}

#[test]
fn response_before_close_is_read() {
    for server in [serve(respond_early), serve_tls("localhost", respond_early)] {
        let client = client(&server);
        // Each time the connection closes at another moment of the write.
        for length in (0..40).map(|step| 10_000 + step * 200_000) {
            let response = client.execute(request(&server, length)).unwrap();
            assert_eq!(response.status(), 413, "{length}");
            assert_eq!(response.body(), "too large", "{length}");
        }
        assert_eq!(server.connections(), 40);
    }
}

#[test]
fn response_while_write_stalls_is_read() {
    fn respond_and_hold(connection: &mut Connection) {
        connection.read_exactly(100);
        let _ = connection.write(response("413 Content Too Large", "too large"));
        std::thread::sleep(Duration::from_secs(5));
    }
    for server in [serve(respond_and_hold), serve_tls("localhost", respond_and_hold)] {
        let (client, start) = (client(&server), Instant::now());
        for _ in 0..2 {
            assert_eq!(client.execute(request(&server, LARGE)).unwrap().status(), 413);
        }
        assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
        assert_eq!(
            server.connections(),
            2,
            "an unfinished request must not be followed by another"
        );
    }
}

#[test]
fn interim_response_does_not_stop_request() {
    fn take_time(connection: &mut Connection) {
        connection.read_exactly(100);
        let _ = connection.write("HTTP/1.1 103 Early Hints\r\n");
        std::thread::sleep(Duration::from_millis(400));
        let _ = connection.write("\r\nHTTP/1.1 100 Continue\r\n\r\n");
        std::thread::sleep(Duration::from_millis(400));
        if connection.read_exactly(LARGE).is_some() {
            let _ = connection.write(response("200 OK", "{}"));
        }
    }
    for server in [serve(take_time), serve_tls("localhost", take_time)] {
        assert_eq!(client(&server).execute(request(&server, LARGE)).unwrap().body(), "{}");
    }
}

#[test]
fn bytes_after_protocol_switch_are_ignored() {
    fn switch(connection: &mut Connection) {
        connection.read_exactly(100);
        let _ = connection.write("HTTP/1.1 101 Switching Protocols\r\n\r\n");
        let _ = connection.write(response("403 Forbidden", "{}"));
        std::thread::sleep(Duration::from_secs(2));
    }
    for server in [serve(switch), serve_tls("localhost", switch)] {
        for length in [1000, LARGE] {
            let error = client(&server).execute(request(&server, length)).unwrap_err();
            assert_eq!(error.kind(), TransportErrorKind::Protocol, "{length}: {error:?}");
        }
    }
}

#[test]
fn stalled_write_ends_at_total_timeout() {
    let server = serve(|connection| {
        connection.read_exactly(100);
        std::thread::sleep(Duration::from_secs(5));
    });
    let total = Duration::from_millis(350);
    let start = Instant::now();
    let client = Client::builder().total_timeout(total).build();
    let error = client.execute(request(&server, LARGE)).unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::TotalTimeout, "{error:?}");
    let taken = start.elapsed();
    assert!((total..total + Duration::from_secs(2)).contains(&taken), "{taken:?}");
}
