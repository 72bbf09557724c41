//! A relay to the node, at an address that does not change. Closing it looks like the end of the
//! node.

use std::net::{Ipv4Addr, SocketAddr, TcpStream as StdStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::address;
use crate::runtime::runtime;

const BACKLOG: u32 = 128;
/// The maximum time that the address may stay in use.
const PATIENCE: Duration = Duration::from_secs(5);

/// A relay from one address to the port of the node.
pub(crate) struct Gate {
    address: SocketAddr,
    node: Arc<AtomicU16>,
    state: State,
}

enum State {
    /// Connections are refused.
    Closed,
    Open(JoinHandle<()>),
    /// Connections are neither accepted nor refused.
    Silent {
        _listener: TcpListener,
        _queue: Vec<StdStream>,
    },
}

impl Gate {
    pub(crate) fn open_to(node_port: u16) -> Self {
        let node = Arc::new(AtomicU16::new(node_port));
        let mut gate = Self { address: address::free(), node, state: State::Closed };
        gate.open();
        gate
    }

    /// Returns the address of the node for the proxy.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Relays new connections to another port.
    pub(crate) fn lead_to(&self, node_port: u16) {
        self.node.store(node_port, Ordering::SeqCst);
    }

    pub(crate) fn open(&mut self) {
        self.close();
        let listener = self.listen(BACKLOG);
        self.state = State::Open(runtime().spawn(accept(listener, Arc::clone(&self.node))));
    }

    /// Ends all connections and refuses new ones.
    pub(crate) fn close(&mut self) {
        if let State::Open(task) = std::mem::replace(&mut self.state, State::Closed) {
            task.abort();
            // Once the task has ended, its sockets are closed.
            let _ = runtime().block_on(task);
        }
    }

    /// Listens, once no starting process holds a copy of the earlier socket.
    fn listen(&self, backlog: u32) -> TcpListener {
        let _context = runtime().enter();
        let listen = || {
            let socket = TcpSocket::new_v4()?;
            socket.set_reuseaddr(true)?;
            socket.bind(self.address)?;
            socket.listen(backlog)
        };
        let deadline = Instant::now() + PATIENCE;
        loop {
            match listen() {
                Ok(listener) => return listener,
                Err(error) => assert!(Instant::now() < deadline, "{}: {error}", self.address),
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Ends all connections, and never accepts new ones.
    pub(crate) fn silence(&mut self) {
        self.close();
        let listener = self.listen(1);
        let queue = address::fill_queue(self.address);
        self.state = State::Silent { _listener: listener, _queue: queue };
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.close();
    }
}

/// Relays connections. Its end ends them, because they belong to this task's set.
async fn accept(listener: TcpListener, node: Arc<AtomicU16>) {
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((proxy, _)) => {
                connections.spawn(relay(proxy, node.load(Ordering::SeqCst)));
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn relay(mut proxy: TcpStream, node_port: u16) {
    let Ok(mut node) = TcpStream::connect((Ipv4Addr::LOCALHOST, node_port)).await else { return };
    let _ = (proxy.set_nodelay(true), node.set_nodelay(true));
    // Either side may close at any time.
    let _ = copy_bidirectional(&mut proxy, &mut node).await;
}
