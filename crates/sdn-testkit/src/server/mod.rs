//! A world on a loopback port.

mod breaking;
pub(crate) mod certificate;
mod fault;
mod faults;
mod http1;
mod shared;
pub(crate) mod stream;
pub(crate) mod tls;

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::world::World;
use certificate::Wanted;
pub use fault::Fault;
use shared::{Connection, Shared};
use stream::Stream;
use tls::Tls;

/// The largest number of open connections. Others are closed when they are accepted.
const MAX_CONNECTIONS: usize = 256;
/// A connection is closed after this time without data.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);
/// The attempts of a stopping server to wake the thread that accepts, and the time between them.
const WAKE_ATTEMPTS: usize = 100;
const WAKE_PAUSE: Duration = Duration::from_millis(10);

/// An HTTP/1.1 server for a [`World`] on a free port of 127.0.0.1: see [`World::serve`].
///
/// `127.0.0.1` is not a server of the world, so the request's path selects one: see
/// [`World::handle`]. Dropping it closes every connection and waits for its threads.
pub struct Server {
    shared: Arc<Shared>,
    address: SocketAddr,
    ca_pem: Option<String>,
    accepting: Option<JoinHandle<()>>,
}

impl World {
    /// Starts a server for the world that speaks plain HTTP.
    ///
    /// # Errors
    /// If no port or thread is available.
    pub fn serve(&self) -> io::Result<Server> {
        Server::start(self.clone(), None)
    }

    /// Starts a server for the world that speaks TLS for `localhost` and 127.0.0.1.
    ///
    /// Its certificate is signed by a new authority: see [`Server::ca_pem`].
    ///
    /// # Errors
    /// If no port or thread is available, or the certificates cannot be created.
    pub fn serve_tls(&self) -> io::Result<Server> {
        Server::start(self.clone(), Some(Tls::new(&Wanted::default())?))
    }
}

impl Server {
    fn start(world: World, tls: Option<Tls>) -> io::Result<Server> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let ca_pem = tls.as_ref().map(|tls| tls.ca_pem.clone());
        let shared = Arc::new(Shared { world, tls, ..Shared::default() });
        let accepting = spawn("sdn-testkit accept", {
            let shared = Arc::clone(&shared);
            move || accept(&shared, &listener)
        })?;
        Ok(Server { shared, address, ca_pem, accepting: Some(accepting) })
    }

    /// Returns `http://127.0.0.1:PORT`, or with TLS `https://localhost:PORT`, without a slash at the end.
    pub fn base_url(&self) -> String {
        match self.ca_pem {
            None => format!("http://127.0.0.1:{}", self.port()),
            Some(_) => format!("https://localhost:{}", self.port()),
        }
    }

    /// Returns the TCP port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Returns the certificate that a TLS client must trust, or `None` if the server speaks plain HTTP.
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// Returns the number of accepted connections, including closed ones.
    pub fn connections(&self) -> usize {
        self.shared.accepted.load(Ordering::SeqCst)
    }

    /// Returns the number of open connections.
    pub fn open_connections(&self) -> usize {
        self.shared.open().len()
    }

    /// Breaks one future exchange with this fault. Several faults are used in their order.
    pub fn fault_next(&self, fault: Fault) {
        self.shared.faults.push(fault);
    }

    /// Breaks a share of the future exchanges at random, from 0.0 for none to 1.0 for all.
    ///
    /// All kinds of [`Fault`] occur, with delays below half a second. A quarter of the share of the connections is
    /// closed when they are accepted. The fault of the n-th request, and of the n-th connection, depends only on the
    /// seed. Which request is the n-th depends on the clients. The faults of [`fault_next`](Self::fault_next) are used first.
    pub fn fault_at_random(&self, seed: u64, share: f64) {
        self.shared.faults.at_random(seed, share);
    }

    /// Returns the number of broken exchanges and connections.
    pub fn faults(&self) -> usize {
        self.shared.faults.count()
    }

    /// Returns the served world.
    pub fn world(&self) -> &World {
        &self.shared.world
    }

    /// Stops the thread that accepts. `accept` has no timeout, so a connection wakes it.
    ///
    /// Without a file descriptor to connect with, its thread is abandoned, because waiting might not end.
    fn stop_accepting(&mut self) {
        let Some(accepting) = self.accepting.take() else { return };
        for _ in 0..WAKE_ATTEMPTS {
            if TcpStream::connect(self.address).is_ok() || accepting.is_finished() {
                let _ = accepting.join();
                return;
            }
            thread::sleep(WAKE_PAUSE);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        self.stop_accepting();
        // No more connections are added.
        let threads: Vec<_> = self
            .shared
            .open()
            .values_mut()
            .filter_map(|connection| {
                let _ = connection.socket.shutdown(Shutdown::Both);
                connection.thread.take()
            })
            .collect();
        for thread in threads {
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("base_url", &self.base_url())
            .field("connections", &self.connections())
            .finish_non_exhaustive()
    }
}

fn accept(shared: &Arc<Shared>, listener: &TcpListener) {
    for socket in listener.incoming() {
        if shared.is_stopped() {
            return;
        }
        match socket {
            Ok(socket) => {
                // A connection that cannot be served is closed, like one above the limit.
                let _ = open(shared, socket);
            }
            // For example, there are no file descriptors. Do not retry at once.
            Err(_) => thread::sleep(Duration::from_millis(10)),
        }
    }
}

fn open(shared: &Arc<Shared>, socket: TcpStream) -> io::Result<()> {
    let number = shared.accepted.fetch_add(1, Ordering::SeqCst);
    let mut connections = shared.open();
    if connections.len() >= MAX_CONNECTIONS || shared.faults.close_on_accept() {
        return Ok(());
    }
    socket.set_nodelay(true)?;
    socket.set_read_timeout(Some(IDLE_TIMEOUT))?;
    socket.set_write_timeout(Some(IDLE_TIMEOUT))?;
    let copy = socket.try_clone()?;
    // The thread waits for the lock before it removes itself, so it is in the list by then.
    let thread = spawn("sdn-testkit connection", {
        let shared = Arc::clone(shared);
        move || {
            // The client notices a failure here.
            let _ = serve(&shared, socket);
            shared.open().remove(&number);
        }
    })?;
    connections.insert(number, Connection { socket: copy, thread: Some(thread) });
    Ok(())
}

fn serve(shared: &Shared, socket: TcpStream) -> io::Result<()> {
    let stream = match &shared.tls {
        None => Stream::Plain(socket),
        Some(tls) => tls.accept(socket)?,
    };
    http1::serve(shared, stream)
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name(name.to_owned()).spawn(work)
}
