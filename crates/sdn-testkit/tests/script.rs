//! Scripted servers, over a bare TCP stream.
#![cfg(feature = "suite")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use sdn_testkit::script::{ScriptedServer, response, serve, serve_always, serve_in_turn};

const REQUEST: &str = "POST /a HTTP/1.1\r\nHost: b\r\nContent-Length: 4\r\n\r\nping";

fn connect(server: &ScriptedServer) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream
}

/// Sends a request, and reads until the server closes.
fn exchange(server: &ScriptedServer) -> String {
    let mut stream = connect(server);
    stream.write_all(REQUEST.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

#[test]
fn responses_in_turn_come_in_order() {
    let server = serve_in_turn(&["one", "", "three"]);
    let responses = [(); 4].map(|()| exchange(&server));
    assert_eq!(responses, ["one", "", "three", ""]);
    assert_eq!((server.connections(), server.written()), (4, 8));
}

#[test]
fn requests_are_recorded_unchanged() {
    let server = serve_in_turn(&[""]);
    exchange(&server);
    let [request] = server.requests().try_into().unwrap();
    assert_eq!((&*request.method, &*request.path), ("POST", "/a"));
    let headers = [("host", "b"), ("content-length", "4")];
    assert_eq!(request.headers, headers.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(request.body, "ping");
    assert_eq!(server.received(), REQUEST.as_bytes());
}

#[test]
fn broken_requests_are_not_counted() {
    let server = serve_always(response("200 OK", "{}"));
    for request in [
        "nonsense\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.1\r\nheader\r\n\r\n",
        "GET / HTTP/1.1\r\ncontent-length: x\r\n\r\n",
    ] {
        let mut stream = connect(&server);
        stream.write_all(request.as_bytes()).unwrap();
        assert_eq!(stream.read(&mut [0]).unwrap(), 0, "{request:?}");
    }
    assert_eq!(server.requests(), []);
}

#[test]
fn dropped_server_ends_its_connections() {
    let server = serve(|connection| connection.stall());
    let mut stream = connect(&server);
    while server.connections() == 0 {
        std::thread::sleep(Duration::from_millis(1));
    }
    drop(server);
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
}
