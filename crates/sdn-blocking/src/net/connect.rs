//! Opening a connection: name, TCP and TLS by one deadline.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Instant;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection};
use sdn_proto::{TransportError, TransportErrorKind as Kind};

use super::lookup::look_up;
use super::server::Server;
use super::socket::{is_late, late};
use super::stream::Stream;

/// Opens a connection to the server. Every failure is one before anything was sent.
pub(crate) fn connect(
    server: &Server,
    config: &Arc<ClientConfig>,
    deadline: Instant,
) -> Result<Stream, TransportError> {
    let addresses = look_up(server.host(), server.port, deadline);
    let tcp = addresses.and_then(|addresses| connect_to_any(&addresses, deadline));
    let tcp = tcp.map_err(|error| failed(Kind::Connect, error))?;
    if !server.is_tls {
        return Ok(Stream::plain(tcp, deadline));
    }
    secure(server.host(), tcp, config, deadline).map_err(|error| failed(Kind::Tls, error))
}

fn failed(kind: Kind, error: io::Error) -> TransportError {
    if is_late(&error) { Kind::ConnectTimeout.into() } else { TransportError::new(kind, error) }
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

fn secure(
    host: &str,
    tcp: TcpStream,
    config: &Arc<ClientConfig>,
    deadline: Instant,
) -> io::Result<Stream> {
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    let tls = ClientConnection::new(Arc::clone(config), name).map_err(io::Error::other)?;
    Stream::secure(tcp, tls, deadline)
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
