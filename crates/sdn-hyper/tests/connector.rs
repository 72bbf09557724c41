//! Connections that a caller's function opens.

mod certificate;
mod server;

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Uri;
use sdn_hyper::Client;
use sdn_proto::{
    AccessToken, CallError, InviteUser, Node, RoomId, Session, TransportError, TransportErrorKind,
    UserId,
};
use server::{Seen, serve_tls, speak_http1};
use tokio::io::{
    AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, copy_bidirectional, duplex,
};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

fn session(url: &str) -> Session {
    Node::new(url).unwrap().session(AccessToken::new("syt_secret").unwrap())
}

fn invite() -> InviteUser {
    InviteUser::new(RoomId::new("!a:b").unwrap(), UserId::new("@bob:b").unwrap())
}

fn transport_error(result: Result<(), CallError>) -> TransportError {
    match result {
        Err(CallError::Transport(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn unix_socket_reaches_the_node() {
    let directory = std::env::temp_dir().join(format!("sdn-hyper-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let path = directory.join("node.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let seen = Arc::new(Mutex::new(Seen::default()));
    let server = seen.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            server.lock().unwrap().connections += 1;
            tokio::spawn(speak_http1(stream, server.clone()));
        }
    });
    let to = path.clone();
    let client = Client::builder().connector(move |_| UnixStream::connect(to.clone())).build();
    let session = Node::new_insecure("http://node.example").unwrap();
    let session = session.session(AccessToken::new("syt_secret").unwrap());
    for _ in 0..3 {
        client.send(&session, &invite()).await.unwrap();
    }
    std::fs::remove_dir_all(directory).unwrap();
    let seen = seen.lock().unwrap();
    assert_eq!((seen.connections, seen.requests.len()), (1, 3));
    assert_eq!(seen.requests[0].headers()["host"], "node.example");
}

/// A network in memory, with one server.
#[derive(Clone, Default)]
struct Simulated {
    seen: Arc<Mutex<Seen>>,
    opened: Arc<AtomicUsize>,
}

impl Simulated {
    async fn connect(self, _: Uri) -> io::Result<DuplexStream> {
        self.opened.fetch_add(1, SeqCst);
        let (near, far) = duplex(1024);
        tokio::spawn(speak_http1(far, self.seen));
        Ok(near)
    }
}

#[tokio::test]
async fn simulated_network_reaches_the_node() {
    let network = Simulated::default();
    let simulated = network.clone();
    let client = Client::builder().connector(move |uri| simulated.clone().connect(uri)).build();
    for _ in 0..5 {
        client.send(&session("http://localhost"), &invite()).await.unwrap();
    }
    assert_eq!(network.seen.lock().unwrap().requests.len(), 5);
    assert_eq!(network.opened.load(SeqCst), 1);
}

#[tokio::test]
async fn closed_stream_is_not_used_again() {
    let opened = Arc::new(AtomicUsize::new(0));
    let count = opened.clone();
    let client = Client::builder()
        .connector(move |_| {
            count.fetch_add(1, SeqCst);
            async {
                let (near, far) = duplex(1024);
                tokio::spawn(answer_once(far));
                Ok(near)
            }
        })
        .build();
    for sent in 1..=5 {
        client.send(&session("http://localhost"), &invite()).await.unwrap();
        assert_eq!(opened.load(SeqCst), sent);
    }
}

/// Reads a request and responds, and closes the stream without an announcement.
async fn answer_once(stream: DuplexStream) {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    while stream.read_line(&mut line).await.unwrap() > 2 {
        line.clear();
    }
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await;
}

/// A proxy that opens tunnels, and keeps its requests.
async fn serve_proxy(asked: Arc<Mutex<Vec<String>>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let asked = asked.clone();
            tokio::spawn(async move {
                let mut client = BufReader::new(stream);
                let mut head = String::new();
                while client.read_line(&mut head).await.unwrap() > 2 {}
                let target = head.split(' ').nth(1).unwrap().replace("localhost", "127.0.0.1");
                asked.lock().unwrap().push(head);
                let mut server = TcpStream::connect(target).await.unwrap();
                client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await.unwrap();
                let _ = copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    address
}

async fn tunnel(proxy: String, server: Uri) -> io::Result<BufReader<TcpStream>> {
    let mut stream = BufReader::new(TcpStream::connect(proxy).await?);
    let target = server.authority().map(|authority| authority.as_str()).unwrap_or_default();
    let request = format!("CONNECT {target} HTTP/1.1\r\nhost: {target}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut head = String::new();
    while stream.read_line(&mut head).await? > 2 {}
    if head.starts_with("HTTP/1.1 200 ") { Ok(stream) } else { Err(io::Error::other(head)) }
}

#[tokio::test]
async fn proxy_tunnel_reaches_the_node() {
    for protocols in [&["http/1.1"][..], &["h2", "http/1.1"]] {
        let (node, authority) = serve_tls(protocols).await;
        let asked = Arc::new(Mutex::new(Vec::new()));
        let proxy = serve_proxy(asked.clone()).await;
        let client = Client::builder()
            .add_root_certificate(&authority)
            .unwrap()
            .connector(move |server| tunnel(proxy.clone(), server))
            .build();
        for _ in 0..2 {
            client.send(&session(&node.url), &invite()).await.unwrap();
        }
        assert_eq!(node.seen.lock().unwrap().requests.len(), 2);
        let asked = asked.lock().unwrap();
        let [request] = &asked[..] else { panic!("{asked:?}") };
        let target = node.url.trim_start_matches("https://");
        assert!(request.starts_with(&format!("CONNECT {target} HTTP/1.1\r\n")), "{request}");
    }
}

#[tokio::test]
async fn failing_connector_is_not_sent() {
    let refused = io::ErrorKind::ConnectionRefused;
    let client = Client::builder()
        .connector(move |_| async move { Err::<DuplexStream, _>(refused.into()) })
        .build();
    let error = transport_error(client.send(&session("http://localhost"), &invite()).await);
    assert_eq!(error.kind(), TransportErrorKind::Connect, "{error:?}");
}

#[tokio::test]
async fn silent_connector_ends_with_connect_timeout() {
    let client = Client::builder()
        .connect_timeout(Duration::from_millis(100))
        .connector(|_| std::future::pending::<io::Result<DuplexStream>>())
        .build();
    let error = transport_error(client.send(&session("http://localhost"), &invite()).await);
    assert_eq!(error.kind(), TransportErrorKind::ConnectTimeout, "{error:?}");
}
