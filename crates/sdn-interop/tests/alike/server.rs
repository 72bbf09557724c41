//! Servers on loopback that do exactly what a test tells them.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustls::{ServerConnection, StreamOwned};

use super::certificate::server_config;

/// A server; it answers as long as the test process runs.
pub(crate) struct Server {
    scheme: &'static str,
    address: SocketAddr,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    requests: Mutex<Vec<Request>>,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) line: String,
    /// Names in lower case, sorted.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// One connection, on the server's side.
pub(crate) struct Connection {
    stream: Box<dyn Stream>,
    seen: Arc<Seen>,
}

pub(crate) trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}

/// Starts a server that handles each connection in a thread of its own, and closes it after that.
pub(crate) fn serve(handle: impl Fn(&mut Connection) + Send + Sync + 'static) -> Server {
    start("http", |stream| Box::new(stream), handle)
}

/// Starts a server that answers every request on a connection with the same bytes.
pub(crate) fn serve_answer(answer: impl AsRef<[u8]> + Send + Sync + 'static) -> Server {
    serve(move |connection| while connection.answer(answer.as_ref()) {})
}

/// Starts a TLS server with a certificate for `name`; the other value is its certificate authority, as PEM.
pub(crate) fn serve_tls(
    name: &str,
    handle: impl Fn(&mut Connection) + Send + Sync + 'static,
) -> (Server, String) {
    let (config, authority) = server_config(name);
    let config = Arc::new(config);
    let secure = move |stream| -> Box<dyn Stream> {
        Box::new(StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), stream))
    };
    (start("https", secure, handle), authority)
}

fn start(
    scheme: &'static str,
    wrap: impl Fn(TcpStream) -> Box<dyn Stream> + Send + Sync + 'static,
    handle: impl Fn(&mut Connection) + Send + Sync + 'static,
) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Arc::new(Seen::default());
    let server = Server { scheme, address, seen: seen.clone() };
    let (wrap, handle) = (Arc::new(wrap), Arc::new(handle));
    thread::spawn(move || {
        for stream in listener.incoming() {
            seen.connections.fetch_add(1, Ordering::SeqCst);
            let (wrap, handle, seen) = (wrap.clone(), handle.clone(), seen.clone());
            thread::spawn(move || {
                handle(&mut Connection { stream: wrap(stream.unwrap()), seen });
            });
        }
    });
    server
}

impl Server {
    pub(crate) fn base_url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// The same server by another name.
    pub(crate) fn base_url_as(&self, host: &str) -> String {
        format!("{}://{host}:{}", self.scheme, self.address.port())
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.seen.requests.lock().unwrap().clone()
    }
}

impl Connection {
    /// Reads a request, if one comes.
    pub(crate) fn request(&mut self) -> Option<Request> {
        let request = self.read_request()?;
        self.seen.requests.lock().unwrap().push(request.clone());
        Some(request)
    }

    /// Reads a request and answers it; says whether that went well.
    pub(crate) fn answer(&mut self, bytes: &[u8]) -> bool {
        self.request().is_some() && self.write(bytes).is_ok()
    }

    pub(crate) fn write(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream.write_all(bytes.as_ref())?;
        self.stream.flush()
    }

    /// Says nothing any more, and keeps the connection open for longer than any test takes.
    pub(crate) fn stall(&mut self) {
        thread::sleep(Duration::from_secs(60));
    }

    fn read_request(&mut self) -> Option<Request> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.byte()?);
        }
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let line = lines.next().unwrap().to_owned();
        let mut headers: Vec<_> = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        headers.sort();
        let mut request = Request { line, headers, body: String::new() };
        let length = request.header("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).ok()?;
        request.body = String::from_utf8(body).unwrap();
        Some(request)
    }

    fn byte(&mut self) -> Option<u8> {
        let mut byte = [0];
        self.stream.read_exact(&mut byte).ok()?;
        Some(byte[0])
    }
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|header| header.0 == name).map(|header| header.1.as_str())
    }
}

/// A complete answer, after which the connection stays open.
pub(crate) fn answer(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}
