//! Calls through an HTTP proxy, and proxies that refuse or fail.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use sdn_proto::{Delivery, Proxy, TransportErrorKind};
use sdn_testkit::script::{Connection, ScriptedServer, response, serve, serve_tls};

use super::{assert_delivery, describe, pause, timed, transport_error, try_to_invite};
use crate::Client;

/// A proxy's behaviour when it is asked for a connection.
#[derive(Clone, Copy)]
enum Answer {
    /// Connects to the port at this machine, for any name.
    Open,
    Respond(&'static str),
    Stall,
}

/// A proxy on a port, and the heads of its requests.
struct TestProxy {
    port: u16,
    heads: Arc<Mutex<Vec<String>>>,
}

impl TestProxy {
    fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&heads);
        thread::spawn(move || {
            for client in listener.incoming() {
                let seen = Arc::clone(&seen);
                // A client that closes is not a failure.
                thread::spawn(move || serve_client(client?, answer, &seen));
            }
        });
        Self { port, heads }
    }

    /// Returns the proxy's URL with a user name and password.
    fn url(&self) -> Proxy {
        Proxy::new(format!("http://alice:pass%40word@localhost:{}", self.port)).unwrap()
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

fn serve_client(
    mut client: TcpStream,
    answer: Answer,
    seen: &Mutex<Vec<String>>,
) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        client.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let port = head.split([' ', ':']).nth(2).unwrap().parse::<u16>().unwrap();
    seen.lock().unwrap().push(head);
    match answer {
        Answer::Open => {
            let mut server = TcpStream::connect(("127.0.0.1", port))?;
            // In two parts, so that the first is not the whole head.
            client.write_all(b"HTTP/1.1 200 Connection est")?;
            thread::sleep(Duration::from_millis(20));
            client.write_all(b"ablished\r\nvia: test\r\n\r\n")?;
            let (mut from_client, mut to_server) = (client.try_clone()?, server.try_clone()?);
            thread::spawn(move || io::copy(&mut from_client, &mut to_server));
            io::copy(&mut server, &mut client)?;
            client.shutdown(std::net::Shutdown::Both)
        }
        Answer::Respond(text) => client.write_all(text.as_bytes()),
        Answer::Stall => client.read_exact(&mut [0]),
    }
}

fn ok(connection: &mut Connection) {
    connection.respond_always(response("200 OK", "{}"));
}

/// A server that only the proxy can find.
fn hidden_server() -> (ScriptedServer, String) {
    let server = serve_tls("node.invalid", ok);
    let base_url = server.base_url().replace("localhost", "node.invalid");
    (server, base_url)
}

fn through(proxy: &TestProxy, server: &ScriptedServer) -> Client {
    let builder = Client::builder().proxy(proxy.url());
    builder.add_root_certificate(server.ca_pem().unwrap()).unwrap().build()
}

#[test]
fn calls_go_through_proxy() {
    let proxy = TestProxy::start(Answer::Open);
    let (server, base_url) = hidden_server();
    let client = through(&proxy, &server);
    for _ in 0..3 {
        try_to_invite(&client, &base_url).unwrap();
        pause();
    }
    let name = format!("node.invalid:{}", server.port());
    assert_eq!(
        proxy.heads(),
        [format!(
            "CONNECT {name} HTTP/1.1\r\nhost: {name}\r\n\
             proxy-authorization: Basic YWxpY2U6cGFzc0B3b3Jk\r\n\r\n"
        )],
        "one connection for all"
    );
    assert_eq!(server.requests().len(), 3);
    for request in server.requests() {
        assert_eq!(request.header("proxy-authorization"), None);
        assert_eq!(request.header("host"), Some(&*name));
    }
}

#[test]
fn plain_http_goes_through_proxy() {
    let proxy = TestProxy::start(Answer::Open);
    let server = serve(ok);
    let client = Client::builder().proxy(proxy.url()).build();
    try_to_invite(&client, &server.base_url()).unwrap();
    assert!(proxy.heads()[0].starts_with(&format!("CONNECT 127.0.0.1:{} ", server.port())));
    assert!(server.requests()[0].path.starts_with("/_api/"), "{:?}", server.requests());
}

#[test]
fn refusal_by_proxy_is_not_sent() {
    for (answer, cause) in [
        (
            "HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\n\r\n",
            "407 Proxy Authentication Required; check its user name and password",
        ),
        ("HTTP/1.1 403 No\r\ncontent-length: 2\r\n\r\nno", "403 Forbidden"),
        ("HTTP/1.0 502 Bad Gateway\r\n\r\n", "502 Bad Gateway"),
        ("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "the proxy sent more than its response"),
        ("SSH-2.0-OpenSSH\r\n", "the proxy's response is not HTTP"),
        ("HTTP/1.1 200 OK\r\n", "the proxy http://localhost:"),
        ("", "the proxy http://localhost:"),
    ] {
        let proxy = TestProxy::start(Answer::Respond(answer));
        let (server, base_url) = hidden_server();
        let error = transport_error(&through(&proxy, &server), &base_url);
        assert_eq!(error.kind(), TransportErrorKind::Connect, "{answer:?}: {error:?}");
        assert_delivery(&error, Delivery::NotSent);
        assert!(describe(&error).contains(cause), "{answer:?}: {}", describe(&error));
        let shown = format!("{error:?} {}", describe(&error));
        assert!(!shown.contains("pass%40") && !shown.contains("YWxpY2U6"), "{shown}");
        assert_eq!((proxy.heads().len(), server.connections()), (1, 0), "{answer:?}");
    }
}

#[test]
fn silent_proxy_ends_by_connect_timeout() {
    let proxy = TestProxy::start(Answer::Stall);
    let client = Client::builder().proxy(proxy.url()).connect_timeout(Duration::from_millis(300));
    let client = client.build();
    let send = || transport_error(&client, "https://node.invalid");
    let error = timed(Duration::from_millis(300), send);
    assert_eq!(error.kind(), TransportErrorKind::ConnectTimeout, "{error:?}");
}

#[test]
fn unreachable_proxy_is_named() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let proxy = Proxy::new(format!("http://u:planted@127.0.0.1:{port}")).unwrap();
    let builder = Client::builder().proxy(proxy);
    assert!(!format!("{builder:?}").contains("planted"), "{builder:?}");
    let error = transport_error(&builder.build(), "https://node.invalid");
    assert_eq!(error.kind(), TransportErrorKind::Connect, "{error:?}");
    assert_delivery(&error, Delivery::NotSent);
    let shown = describe(&error);
    assert!(shown.contains(&format!("the proxy http://127.0.0.1:{port}: ")), "{shown}");
    assert!(!shown.contains("planted"), "{shown}");
}

#[test]
fn proxy_cannot_pose_as_server() {
    let proxy = TestProxy::start(Answer::Open);
    let (server, base_url) = hidden_server();
    let error = transport_error(&Client::builder().proxy(proxy.url()).build(), &base_url);
    assert_eq!(error.kind(), TransportErrorKind::Tls, "{error:?}");
    assert_delivery(&error, Delivery::NotSent);
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn loss_behind_proxy_is_unknown() {
    let proxy = TestProxy::start(Answer::Open);
    let server = serve(|connection| drop(connection.request()));
    let client = Client::builder().proxy(proxy.url()).build();
    let error = transport_error(&client, &server.base_url());
    assert_eq!(error.kind(), TransportErrorKind::ConnectionLost, "{error:?}");
    assert_delivery(&error, Delivery::Unknown);
}
