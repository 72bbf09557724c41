//! A TCP relay that can stop forwarding without closing, like a firewall that drops its
//! connections.
//!
//! It runs in its own threads, so that it does not depend on tokio's clock.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

pub(crate) struct Relay {
    port: u16,
    connections: Arc<Mutex<Vec<Connection>>>,
}

/// The silent directions of a connection.
#[derive(Clone, Default)]
struct Connection {
    to_server: Arc<AtomicBool>,
    to_client: Arc<AtomicBool>,
}

/// The bytes that a silent connection drops.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Lost {
    Requests,
    Responses,
    Both,
}

impl Relay {
    /// Relays to the server at `https://localhost:PORT`.
    pub(crate) fn to(url: &str) -> Self {
        let server = url.replace("https://localhost", "127.0.0.1");
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(Mutex::new(Vec::new()));
        let relay = Relay { port, connections: Arc::clone(&connections) };
        thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.unwrap();
                let server = TcpStream::connect(&server).unwrap();
                client.set_nodelay(true).unwrap();
                server.set_nodelay(true).unwrap();
                let connection = Connection::default();
                connections.lock().unwrap().push(connection.clone());
                let (from, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                thread::spawn(move || forward(from, to, &connection.to_server));
                thread::spawn(move || forward(server, client, &connection.to_client));
            }
        });
        relay
    }

    pub(crate) fn url(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.lock().unwrap().len()
    }

    /// Stops forwarding on all current connections. New ones work.
    pub(crate) fn cut(&self, lost: Lost) {
        for connection in &*self.connections.lock().unwrap() {
            if lost != Lost::Responses {
                connection.to_server.store(true, Ordering::SeqCst);
            }
            if lost != Lost::Requests {
                connection.to_client.store(true, Ordering::SeqCst);
            }
        }
    }
}

fn forward(mut from: TcpStream, mut to: TcpStream, is_silent: &AtomicBool) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if !is_silent.load(Ordering::SeqCst) && to.write_all(&buffer[..count]).is_err() {
            return;
        }
    }
    if !is_silent.load(Ordering::SeqCst) {
        let _ = to.shutdown(Shutdown::Both);
    }
}
