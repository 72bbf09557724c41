//! Loopback addresses that no other process uses.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

/// The time to try a connection to a listener with a full queue.
const TRY: Duration = Duration::from_millis(200);
/// More connections than any queue has places.
const MANY: usize = 64;

/// Returns an address with a free port.
///
/// The address is drawn from 127.0.0.0/8 by the process and a count, so that the port stays free
/// while a proxy or the node is down.
pub(crate) fn free() -> SocketAddr {
    static COUNT: AtomicU8 = AtomicU8::new(0);
    let [.., high, low] = process::id().to_be_bytes();
    let count = COUNT.fetch_add(1, Ordering::Relaxed) % 250 + 2;
    let listener = TcpListener::bind((Ipv4Addr::new(127, high, low, count), 0)).unwrap();
    listener.local_addr().unwrap()
}

/// Fills the queue of a listener that does not accept, so that nobody can connect.
pub(crate) fn fill_queue(listener: SocketAddr) -> Vec<TcpStream> {
    let connect = || TcpStream::connect_timeout(&listener, TRY).ok();
    let held: Vec<_> = std::iter::from_fn(connect).take(MANY).collect();
    assert!(held.len() < MANY, "the queue of {listener} does not fill up");
    held
}
