//! Servers on loopback that do exactly what a scenario tells them, byte for byte.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// No connection is kept open for longer, whatever a client does.
const LONGEST: Duration = Duration::from_secs(30);

/// A server; it ends when it is dropped.
pub(super) struct ScriptedServer {
    scheme: &'static str,
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    stopped: AtomicBool,
    connections: AtomicUsize,
    written: AtomicUsize,
    requests: Mutex<Vec<Seen>>,
    sockets: Mutex<Vec<TcpStream>>,
}

/// A request as it came: its head, and its body.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

/// One connection, on the server's side.
pub(super) struct Connection {
    stream: Box<dyn ReadWrite>,
    shared: Arc<Shared>,
    deadline: Instant,
}

trait ReadWrite: Read + Write + Send {}
impl<T: Read + Write + Send> ReadWrite for T {}

type Handler = Arc<dyn Fn(&mut Connection) + Send + Sync>;

/// Starts a plain server that handles each connection in a thread of its own, and closes it after that.
pub(super) fn serve(handle: impl Fn(&mut Connection) + Send + Sync + 'static) -> ScriptedServer {
    ScriptedServer::start(0, None, Arc::new(handle))
}

/// Starts a server that reads a request on each connection, writes these bytes and closes.
pub(super) fn serve_once(answer: impl Into<Vec<u8>>) -> ScriptedServer {
    let answer = answer.into();
    serve(move |connection| {
        connection.answer(&answer);
    })
}

/// Starts a server that answers every request with the same bytes and keeps the connection.
pub(super) fn serve_always(answer: impl Into<Vec<u8>>) -> ScriptedServer {
    let answer = answer.into();
    serve(move |connection| while connection.answer(&answer) {})
}

/// Starts a server that speaks TLS.
pub(super) fn serve_tls(
    config: ServerConfig,
    handle: impl Fn(&mut Connection) + Send + Sync + 'static,
) -> ScriptedServer {
    ScriptedServer::start(0, Some(Arc::new(config)), Arc::new(handle))
}

impl ScriptedServer {
    /// Starts the same kind of server as [`serve`] at a port where one has ended.
    pub(super) fn again(
        port: u16,
        handle: impl Fn(&mut Connection) + Send + Sync + 'static,
    ) -> ScriptedServer {
        ScriptedServer::start(port, None, Arc::new(handle))
    }

    fn start(port: u16, tls: Option<Arc<ServerConfig>>, handle: Handler) -> ScriptedServer {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("a free port");
        let address = listener.local_addr().expect("a port");
        let scheme = if tls.is_some() { "https" } else { "http" };
        let shared = Arc::new(Shared::default());
        let accepting = thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&listener, &shared, tls.as_ref(), &handle)
        });
        ScriptedServer { scheme, address, shared, accepting: Some(accepting) }
    }

    /// `http://127.0.0.1:PORT`, or with TLS `https://localhost:PORT`.
    pub(super) fn url(&self) -> String {
        let host = if self.scheme == "https" { "localhost" } else { "127.0.0.1" };
        format!("{}://{host}:{}", self.scheme, self.port())
    }

    pub(super) fn port(&self) -> u16 {
        self.address.port()
    }

    /// How many connections were accepted.
    pub(super) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// How many bytes of answers were written.
    pub(super) fn written(&self) -> usize {
        self.shared.written.load(Ordering::SeqCst)
    }

    /// The requests that were read whole, and not refused.
    pub(super) fn requests(&self) -> Vec<Seen> {
        self.shared.requests().clone()
    }

    /// Ends every open connection at once.
    pub(super) fn cut_connections(&self) {
        for socket in self.shared.sockets().drain(..) {
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for ScriptedServer {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
        self.cut_connections();
    }
}

fn accept(
    listener: &TcpListener,
    shared: &Arc<Shared>,
    tls: Option<&Arc<ServerConfig>>,
    handle: &Handler,
) {
    for socket in listener.incoming() {
        if shared.stopped.load(Ordering::SeqCst) {
            return;
        }
        let Ok(socket) = socket else { continue };
        let Ok(copy) = socket.try_clone() else { continue };
        let _ = socket.set_nodelay(true);
        let _ = socket.set_read_timeout(Some(LONGEST));
        let _ = socket.set_write_timeout(Some(LONGEST));
        let Ok(own) = socket.try_clone() else { continue };
        shared.connections.fetch_add(1, Ordering::SeqCst);
        shared.sockets().push(copy);
        let (shared, handle) = (Arc::clone(shared), Arc::clone(handle));
        let tls = tls.cloned();
        thread::spawn(move || {
            let stream: Box<dyn ReadWrite> = match tls.map(ServerConnection::new) {
                None => Box::new(socket),
                Some(Ok(tls)) => Box::new(StreamOwned::new(tls, socket)),
                Some(Err(_)) => return,
            };
            let deadline = Instant::now() + LONGEST;
            handle(&mut Connection { stream, shared, deadline });
            let _ = own.shutdown(Shutdown::Both);
        });
    }
}

impl Shared {
    fn requests(&self) -> MutexGuard<'_, Vec<Seen>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sockets(&self) -> MutexGuard<'_, Vec<TcpStream>> {
        self.sockets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    /// Reads a request, if one comes, and counts it as seen.
    pub(super) fn request(&mut self) -> Option<Seen> {
        let request = self.read_request()?;
        self.saw(request.clone());
        Some(request)
    }

    /// Counts a request that was read in another way.
    pub(super) fn saw(&mut self, request: Seen) {
        self.shared.requests().push(request);
    }

    /// Reads a request and answers it; says whether that went well.
    pub(super) fn answer(&mut self, bytes: &[u8]) -> bool {
        self.request().is_some() && self.write(bytes).is_ok()
    }

    pub(super) fn write(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        let bytes = bytes.as_ref();
        self.stream.write_all(bytes)?;
        self.stream.flush()?;
        self.shared.written.fetch_add(bytes.len(), Ordering::SeqCst);
        Ok(())
    }

    pub(super) fn read_exactly(&mut self, length: usize) -> Option<Vec<u8>> {
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes).ok()?;
        Some(bytes)
    }

    /// Writes the same bytes over and over until the client has enough.
    pub(super) fn write_for_ever(&mut self, bytes: &[u8], pause: Duration) {
        while !self.is_over() && self.write(bytes).is_ok() {
            thread::sleep(pause);
        }
    }

    /// Says nothing any more until the client goes away.
    pub(super) fn stall(&mut self) {
        let mut byte = [0];
        while !self.is_over() && matches!(self.stream.read(&mut byte), Ok(1)) {}
    }

    fn is_over(&self) -> bool {
        self.shared.stopped.load(Ordering::SeqCst) || Instant::now() > self.deadline
    }

    fn read_request(&mut self) -> Option<Seen> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.read_exactly(1)?[0]);
        }
        let head = String::from_utf8(head).ok()?;
        let lines = head.lines().filter_map(|line| line.split_once(':'));
        let is_length = |name: &str| name.eq_ignore_ascii_case("content-length");
        let length = lines.into_iter().find(|(name, _)| is_length(name));
        let length = length.map_or(Some(0), |(_, value)| value.trim().parse().ok())?;
        Some(Seen { body: self.read_exactly(length)?, head })
    }
}

/// A complete answer, after which the connection stays open.
pub(super) fn answer(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}
