//! Invites over a bare `TcpStream`, with httparse for the answer's head: what a small device would do.
//!
//!     cargo run -p sdn-interop --example tcp
//!
//! It speaks no TLS, and takes a connection for each request; what it does, it does as the behaviour suite wants it.

mod http1;
#[path = "../scene/mod.rs"]
mod scene;

use std::error::Error;
use std::io::{self, BufReader, ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use sdn_proto::bytes::Bytes;
use sdn_proto::http::{Request, Response, Uri};
use sdn_proto::{Call, Delivery, InviteBy3pid};

/// Why there is no answer, and whether any of the request was written.
pub(crate) type Failed = (Delivery, io::Error);

/// Carries a request, and reads at most `max_bytes` of the answer's body.
pub(crate) fn carry(
    request: &Request<Bytes>,
    max_bytes: usize,
    connect_timeout: Duration,
    total_timeout: Duration,
) -> Result<Response<Vec<u8>>, Failed> {
    let deadline = Instant::now() + total_timeout;
    let not_sent = |error| (Delivery::NotSent, error);
    let mut stream = connect(request.uri(), connect_timeout).map_err(not_sent)?;
    let unknown = |error: io::Error| match error.kind() {
        // So the system says that the time of one read or write ran out.
        ErrorKind::WouldBlock => (Delivery::Unknown, ErrorKind::TimedOut.into()),
        _ => (Delivery::Unknown, error),
    };
    stream.set_write_timeout(Some(total_timeout)).map_err(not_sent)?;
    stream.write_all(&http1::write(request)).map_err(unknown)?;
    http1::read(&mut BufReader::new(Timed { stream, deadline }), max_bytes).map_err(unknown)
}

/// Tries each address of the host, all for an equal share of the time. Looking up its name is not in that: the standard
/// library sets it no limit.
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

/// A connection that is read until a deadline.
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
    let request = scene.invite.to_request(&scene.session);
    let (connect, total) = (Duration::from_secs(10), Duration::from_secs(150));
    let response = carry(&request, InviteBy3pid::MAX_RESPONSE_BYTES, connect, total).map_err(
        |(delivery, error)| format!("{error}; whether the invitation was sent: {delivery:?}"),
    )?;
    InviteBy3pid::parse_response(&response)?;
    scene.tell();
    Ok(())
}
