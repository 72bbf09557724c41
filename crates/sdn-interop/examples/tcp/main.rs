//! Invites over a bare `TcpStream`, with httparse for the response's head, like a small device.
//!
//!     cargo run -p sdn-interop --example tcp
//!
//! It has no TLS, and opens a connection for each request. The rest passes the behaviour suite.

mod http1;
#[path = "../scene/mod.rs"]
mod scene;

use std::error::Error;
use std::io::{self, BufReader, ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use sdn_proto::bytes::Bytes;
use sdn_proto::http::{Response, Uri};
use sdn_proto::{Call, InviteBy3pid, Outgoing, TransportError, TransportErrorKind as Kind};

/// Sends a request and reads its response, up to the limit of the body.
pub(crate) fn execute(
    outgoing: &Outgoing,
    connect_timeout: Duration,
    total_timeout: Duration,
) -> Result<Response<Bytes>, TransportError> {
    let deadline = Instant::now() + total_timeout;
    let not_sent = |error: io::Error| match error.kind() {
        ErrorKind::TimedOut => TransportError::new(Kind::ConnectTimeout, error),
        _ => TransportError::new(Kind::Connect, error),
    };
    let mut stream = connect(outgoing.request().uri(), connect_timeout).map_err(not_sent)?;
    stream.set_write_timeout(Some(total_timeout)).map_err(not_sent)?;
    stream.write_all(&http1::write(outgoing.request())).map_err(http1::failed)?;
    http1::read(&mut BufReader::new(Timed { stream, deadline }), outgoing.max_response_bytes())
}

/// Tries each address of the host, each for an equal share of the time.
///
/// The name's lookup is not included: the standard library has no timeout for it.
fn connect(uri: &Uri, timeout: Duration) -> io::Result<TcpStream> {
    if uri.scheme_str() != Some("http") {
        return Err(io::Error::new(ErrorKind::Unsupported, "no TLS here"));
    }
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let addresses: Vec<_> = (host, uri.port_u16().unwrap_or(80)).to_socket_addrs()?.collect();
    let mut failure = ErrorKind::NotFound.into();
    for address in &addresses {
        match TcpStream::connect_timeout(address, timeout / addresses.len() as u32) {
            Ok(stream) => return Ok(stream),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

/// A connection that can be read until a deadline.
struct Timed {
    stream: TcpStream,
    deadline: Instant,
}

impl Read for Timed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        self.stream.set_read_timeout(Some(left))?;
        self.stream.read(buffer)
    }
}

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let scene = scene::Scene::new()?;
    let outgoing = Outgoing::new(&scene.invite, &scene.session);
    let response = execute(&outgoing, Duration::from_secs(10), Duration::from_secs(150))?;
    InviteBy3pid::parse_response(&response)?;
    scene.print();
    Ok(())
}
