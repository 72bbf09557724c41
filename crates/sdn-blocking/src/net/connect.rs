//! Opens a connection: name, TCP, the proxy and TLS within one deadline.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Instant;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection};
use sdn_proto::{Proxy, ProxyError, TransportError, TransportErrorKind as Kind};

use super::lookup::look_up;
use super::server::Server;
use super::socket::{Socket, is_late, late};
use super::stream::Stream;
use super::tunnel::open_tunnel;

/// Opens connections: directly or through a proxy, with or without TLS.
pub(crate) struct Connector {
    /// The settings of TLS, or the reason why TLS is not possible.
    pub(crate) tls: Result<Arc<ClientConfig>, TransportError>,
    pub(crate) proxy: Option<Proxy>,
}

impl Connector {
    /// Opens a connection to the server. After every failure, nothing was sent.
    pub(crate) fn connect(
        &self,
        server: &Server,
        deadline: Instant,
    ) -> Result<Stream, TransportError> {
        let tls = match &self.tls {
            Ok(tls) if server.is_tls => Some(tls),
            Err(error) if server.is_tls => return Err(error.clone()),
            _ => None,
        };
        let socket = match &self.proxy {
            None => reach(server.host(), server.port, deadline),
            Some(proxy) => reach_through(proxy, server, deadline),
        };
        let socket = socket.map_err(|error| failed(Kind::Connect, error))?;
        match tls {
            None => Ok(Stream::plain(socket)),
            Some(tls) => {
                secure(server.host(), socket, tls).map_err(|error| failed(Kind::Tls, error))
            }
        }
    }
}

fn failed(kind: Kind, error: io::Error) -> TransportError {
    if is_late(&error) {
        return Kind::ConnectTimeout.into();
    }
    match error.downcast::<ProxyError>() {
        Ok(error) => TransportError::new(kind, error),
        Err(error) => TransportError::new(kind, error),
    }
}

fn reach(host: &str, port: u16, deadline: Instant) -> io::Result<Socket> {
    let addresses = look_up(host, port, deadline)?;
    Ok(Socket::new(connect_to_any(&addresses, deadline)?, deadline))
}

fn reach_through(proxy: &Proxy, server: &Server, deadline: Instant) -> io::Result<Socket> {
    let reached = reach(proxy.host(), proxy.port(), deadline).and_then(|mut socket| {
        open_tunnel(&mut socket, proxy, server)?;
        Ok(socket)
    });
    reached.map_err(|error| match error.get_ref() {
        // The error already names the proxy, or says that the time is over.
        Some(cause) if cause.is::<ProxyError>() || is_late(&error) => error,
        _ => io::Error::new(error.kind(), format!("the proxy {proxy}: {error}")),
    })
}

/// Tries the addresses one after the other, each with an equal share of the time that is left.
fn connect_to_any(addresses: &[SocketAddr], deadline: Instant) -> io::Result<TcpStream> {
    let mut failure = io::Error::new(ErrorKind::NotFound, "the name has no address");
    for (address, remaining) in addresses.iter().zip((1..=addresses.len()).rev()) {
        let left = deadline.saturating_duration_since(Instant::now());
        let share = left / u32::try_from(remaining).unwrap_or(u32::MAX);
        if share.is_zero() {
            return Err(late());
        }
        match TcpStream::connect_timeout(address, share) {
            Ok(tcp) => {
                tcp.set_nodelay(true)?;
                return Ok(tcp);
            }
            Err(error) => failure = error,
        }
    }
    Err(if Instant::now() < deadline { failure } else { late() })
}

fn secure(host: &str, socket: Socket, config: &Arc<ClientConfig>) -> io::Result<Stream> {
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    let tls = ClientConnection::new(Arc::clone(config), name).map_err(io::Error::other)?;
    Stream::secure(socket, tls)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::time::Duration;

    use super::*;

    #[test]
    fn next_address_is_tried() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let open = listener.local_addr().unwrap();
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let deadline = Instant::now() + Duration::from_secs(10);
        let tcp = connect_to_any(&[closed, open], deadline).unwrap();
        assert_eq!(tcp.peer_addr().unwrap(), open);
        let error = connect_to_any(&[closed, closed], deadline).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        assert!(is_late(&connect_to_any(&[open], Instant::now()).unwrap_err()));
    }

    #[test]
    fn name_without_address_fails() {
        let deadline = Instant::now() + Duration::from_secs(10);
        assert_eq!(connect_to_any(&[], deadline).unwrap_err().kind(), ErrorKind::NotFound);
    }
}
