//! Servers on loopback that do exactly what a test scripts, byte for byte.
//!
//! They test clients against servers that misbehave. A [`Server`](crate::Server) behaves like real
//! servers.
//!
//! ```
//! use std::io::{Read, Write};
//! use std::net::TcpStream;
//!
//! use sdn_testkit::script::{response, serve};
//!
//! // Responds to a request, stops in the middle of the second response, and closes.
//! let server = serve(|connection| {
//!     connection.respond(response("200 OK", "{}"));
//!     connection.respond("HTTP/1.1 200 OK\r\ncontent-le");
//! });
//!
//! let mut client = TcpStream::connect(("127.0.0.1", server.port()))?;
//! client.write_all(b"GET /one HTTP/1.1\r\n\r\nGET /two HTTP/1.1\r\n\r\n")?;
//! let mut received = String::new();
//! client.read_to_string(&mut received)?;
//!
//! assert!(received.ends_with("{}HTTP/1.1 200 OK\r\ncontent-le"));
//! assert_eq!(server.requests()[1].path, "/two");
//! # Ok::<(), std::io::Error>(())
//! ```

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::seen::SeenRequest;
use crate::server::certificate::{IsAuthority, Wanted};
use crate::server::stream::Stream;
use crate::server::tls::Tls;

/// The longest time that a connection stays open.
const LONGEST: Duration = Duration::from_secs(30);

/// A server on a free port of 127.0.0.1 that follows a script. It ends when it is dropped.
pub struct ScriptedServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

/// One connection to a [`ScriptedServer`], on the server's side.
///
/// It stays open for at most 30 seconds.
pub struct Connection {
    stream: Stream,
    shared: Arc<Shared>,
    deadline: Instant,
}

#[derive(Default)]
struct Shared {
    tls: Option<Tls>,
    stopped: AtomicBool,
    connections: AtomicUsize,
    written: AtomicUsize,
    received: Mutex<Vec<u8>>,
    requests: Mutex<Vec<SeenRequest>>,
    sockets: Mutex<Vec<TcpStream>>,
}

type Script = Arc<dyn Fn(&mut Connection) + Send + Sync>;

/// Starts a server that runs the script for each connection, in a separate thread, and then closes
/// the connection.
///
/// # Panics
/// If no port is free.
pub fn serve(script: impl Fn(&mut Connection) + Send + Sync + 'static) -> ScriptedServer {
    serve_at(0, script)
}

/// Starts a server that reads a request on each connection, writes these bytes and closes.
///
/// # Panics
/// If no port is free.
pub fn serve_once(response: impl Into<Vec<u8>>) -> ScriptedServer {
    let response = response.into();
    serve(move |connection| {
        connection.respond(&response);
    })
}

/// Starts a server that responds to every request with these bytes and keeps the connection.
///
/// # Panics
/// If no port is free.
pub fn serve_always(response: impl Into<Vec<u8>>) -> ScriptedServer {
    let response = response.into();
    serve(move |connection| connection.respond_always(&response))
}

/// Starts a server that responds to one request on each connection, with these responses in turn.
///
/// An empty response closes the connection without a response, as does a request after the last one.
///
/// # Panics
/// If no port is free.
pub fn serve_in_turn(responses: &[&str]) -> ScriptedServer {
    let responses: VecDeque<_> = responses.iter().map(|&response| response.to_owned()).collect();
    let responses = Mutex::new(responses);
    serve(move |connection| {
        if connection.request().is_some() {
            let next = lock(&responses).pop_front().unwrap_or_default();
            let _ = connection.write(next);
        }
    })
}

/// Starts a server that speaks TLS, with a certificate for `name` by a new authority.
///
/// A client must trust [`ScriptedServer::ca_pem`].
///
/// # Panics
/// If no port is free, or `name` is not a host name or IP address.
pub fn serve_tls(
    name: &str,
    script: impl Fn(&mut Connection) + Send + Sync + 'static,
) -> ScriptedServer {
    serve_tls_as(&Wanted { names: &[name], ..Wanted::default() }, script)
}

/// Like [`serve_tls`], with a self-signed certificate.
///
/// With `is_authority`, it is an authority's certificate (`CA:TRUE`), the default of `openssl req -x509`.
/// Some TLS libraries reject that even if it is trusted.
///
/// # Panics
/// Like [`serve_tls`].
pub fn serve_self_signed(
    name: &str,
    is_authority: bool,
    script: impl Fn(&mut Connection) + Send + Sync + 'static,
) -> ScriptedServer {
    let self_signed = Some(IsAuthority(is_authority));
    serve_tls_as(&Wanted { names: &[name], self_signed, ..Wanted::default() }, script)
}

pub(crate) fn serve_tls_as(
    wanted: &Wanted<'_>,
    script: impl Fn(&mut Connection) + Send + Sync + 'static,
) -> ScriptedServer {
    start(0, Some(Tls::new(wanted).expect("a certificate")), Arc::new(script))
}

/// Starts a server at the port of a server that has ended.
pub(crate) fn serve_at(
    port: u16,
    script: impl Fn(&mut Connection) + Send + Sync + 'static,
) -> ScriptedServer {
    start(port, None, Arc::new(script))
}

fn start(port: u16, tls: Option<Tls>, script: Script) -> ScriptedServer {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("a free port");
    let address = listener.local_addr().expect("a port");
    let shared = Arc::new(Shared { tls, ..Shared::default() });
    let accepting = thread::spawn({
        let shared = Arc::clone(&shared);
        move || accept(&listener, &shared, &script)
    });
    ScriptedServer { address, shared, accepting: Some(accepting) }
}

impl ScriptedServer {
    /// Returns `http://127.0.0.1:PORT`, or with TLS `https://localhost:PORT`, without a slash at the end.
    pub fn base_url(&self) -> String {
        match self.shared.tls {
            None => format!("http://127.0.0.1:{}", self.port()),
            Some(_) => format!("https://localhost:{}", self.port()),
        }
    }

    /// Returns the TCP port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Returns the certificate that a TLS client must trust, or `None` without TLS.
    pub fn ca_pem(&self) -> Option<&str> {
        self.shared.tls.as_ref().map(|tls| &*tls.ca_pem)
    }

    /// Returns the number of accepted connections, including closed ones.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Returns the number of written bytes.
    pub fn written(&self) -> usize {
        self.shared.written.load(Ordering::SeqCst)
    }

    /// Returns the bytes that scripts have read, of all connections, in the order of reading.
    pub fn received(&self) -> Vec<u8> {
        lock(&self.shared.received).clone()
    }

    /// Returns the requests that were read completely, in their order.
    pub fn requests(&self) -> Vec<SeenRequest> {
        lock(&self.shared.requests).clone()
    }

    /// Ends every open connection at once.
    pub fn cut_connections(&self) {
        for socket in lock(&self.shared.sockets).drain(..) {
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for ScriptedServer {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // Wake the thread that accepts.
        let _ = TcpStream::connect(self.address);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
        self.cut_connections();
    }
}

impl fmt::Debug for ScriptedServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptedServer")
            .field("base_url", &self.base_url())
            .field("connections", &self.connections())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>, script: &Script) {
    for socket in listener.incoming() {
        if shared.stopped.load(Ordering::SeqCst) {
            return;
        }
        // A connection that cannot be served is closed.
        let _ = socket.and_then(|socket| open(shared, script, socket));
    }
}

fn open(shared: &Arc<Shared>, script: &Script, socket: TcpStream) -> io::Result<()> {
    socket.set_nodelay(true)?;
    socket.set_read_timeout(Some(LONGEST))?;
    socket.set_write_timeout(Some(LONGEST))?;
    shared.connections.fetch_add(1, Ordering::SeqCst);
    lock(&shared.sockets).push(socket.try_clone()?);
    let own = socket.try_clone()?;
    let stream = match &shared.tls {
        None => Stream::Plain(socket),
        Some(tls) => tls.accept(socket)?,
    };
    let deadline = Instant::now() + LONGEST;
    let mut connection = Connection { stream, shared: Arc::clone(shared), deadline };
    let script = Arc::clone(script);
    thread::spawn(move || {
        script(&mut connection);
        let _ = own.shutdown(Shutdown::Both);
    });
    Ok(())
}

impl Connection {
    /// Reads a request, if one arrives: HTTP/1.1, with a `content-length` if it has a body.
    pub fn request(&mut self) -> Option<SeenRequest> {
        let request = self.read_request()?;
        lock(&self.shared.requests).push(request.clone());
        Some(request)
    }

    /// Records a request that the script has read in another way.
    pub(crate) fn count_request(&mut self) {
        lock(&self.shared.requests).push(SeenRequest::default());
    }

    /// Reads a request and writes these bytes. Returns whether that succeeded.
    pub fn respond(&mut self, response: impl AsRef<[u8]>) -> bool {
        self.request().is_some() && self.write(response).is_ok()
    }

    /// Responds to every request with these bytes, until the client closes the connection.
    pub fn respond_always(&mut self, response: impl AsRef<[u8]>) {
        while self.respond(&response) {}
    }

    /// Writes bytes.
    ///
    /// # Errors
    /// If the client has closed the connection, or reads nothing for 30 seconds.
    pub fn write(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        let bytes = bytes.as_ref();
        self.stream.write_all(bytes)?;
        self.stream.flush()?;
        self.shared.written.fetch_add(bytes.len(), Ordering::SeqCst);
        Ok(())
    }

    /// Reads `length` bytes, if they arrive.
    pub fn read_exactly(&mut self, length: usize) -> Option<Vec<u8>> {
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes).ok()?;
        lock(&self.shared.received).extend_from_slice(&bytes);
        Some(bytes)
    }

    /// Writes the same bytes repeatedly until the client closes the connection.
    pub fn write_forever(&mut self, bytes: impl AsRef<[u8]>, pause: Duration) {
        while !self.is_over() && self.write(&bytes).is_ok() {
            thread::sleep(pause);
        }
    }

    /// Writes nothing more and waits until the client closes the connection.
    pub fn stall(&mut self) {
        let mut byte = [0];
        while !self.is_over() && matches!(self.stream.read(&mut byte), Ok(1)) {}
    }

    /// Neither writes nor reads, until the connection ends.
    pub(crate) fn hold(&mut self) {
        while !self.is_over() {
            thread::sleep(Duration::from_millis(10));
        }
    }

    fn is_over(&self) -> bool {
        self.shared.stopped.load(Ordering::SeqCst) || Instant::now() > self.deadline
    }

    fn read_request(&mut self) -> Option<SeenRequest> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.read_exactly(1)?[0]);
        }
        let head = String::from_utf8(head).ok()?;
        let mut lines = head.trim_end().split("\r\n");
        let (method, path) = lines.next()?.strip_suffix(" HTTP/1.1")?.split_once(' ')?;
        let header = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        };
        let mut request = SeenRequest {
            method: method.to_owned(),
            path: path.to_owned(),
            headers: lines.map(header).collect::<Option<_>>()?,
            ..SeenRequest::default()
        };
        let length = request.header("content-length").map_or(Some(0), |text| text.parse().ok())?;
        request.body = self.read_exactly(length)?.into();
        Some(request)
    }
}

/// Returns a complete response, after which the connection stays open.
pub fn response(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
