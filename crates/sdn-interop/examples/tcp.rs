//! Invites over a bare `TcpStream`, with httparse for the answer's head: what a small device would do.
//!
//!     cargo run -p sdn-interop --example tcp
//!
//! It speaks no TLS, and takes a connection for each request; what it does, it does as the behaviour suite wants it.

mod scene;

use std::error::Error;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use httparse::Status;
use sdn_proto::bytes::Bytes;
use sdn_proto::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use sdn_proto::http::{Method, Request, Response, StatusCode, Uri};
use sdn_proto::{Delivery, InviteBy3pid};

/// Why there is no answer, and whether any of the request was written.
pub(crate) type Failed = (Delivery, io::Error);

/// Carries a request, and reads at most `max_bytes` of the answer's body.
pub(crate) fn carry(
    request: &Request<Bytes>,
    max_bytes: usize,
    timeout: Duration,
) -> Result<Response<Vec<u8>>, Failed> {
    let deadline = Instant::now() + timeout;
    let stream = connect(request.uri(), deadline).map_err(|error| (Delivery::NotSent, error))?;
    let mut wire = Wire { stream, deadline, bytes: Vec::new() };
    wire.exchange(request, max_bytes).map_err(|error| match error.kind() {
        // So the system says that the time of one read or write ran out.
        ErrorKind::WouldBlock => (Delivery::Unknown, ErrorKind::TimedOut.into()),
        _ => (Delivery::Unknown, error),
    })
}

fn connect(uri: &Uri, deadline: Instant) -> io::Result<TcpStream> {
    if uri.scheme_str() != Some("http") {
        return Err(io::Error::new(ErrorKind::Unsupported, "no TLS here"));
    }
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let mut addresses = (host, uri.port_u16().unwrap_or(80)).to_socket_addrs()?.peekable();
    let mut failure = io::Error::from(ErrorKind::NotFound);
    while let Some(address) = addresses.next() {
        // An address that is silent leaves half of the time to those behind it.
        let share = if addresses.peek().is_some() { 2 } else { 1 };
        match TcpStream::connect_timeout(&address, left(deadline)? / share) {
            Ok(stream) => return Ok(stream),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

fn left(deadline: Instant) -> io::Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(ErrorKind::TimedOut.into()) } else { Ok(left) }
}

/// A connection, and what of the answer came so far.
struct Wire {
    stream: TcpStream,
    deadline: Instant,
    bytes: Vec<u8>,
}

impl Wire {
    fn exchange(&mut self, request: &Request<Bytes>, max: usize) -> io::Result<Response<Vec<u8>>> {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let host = request.uri().authority().map_or("", |authority| authority.as_str());
        let line = format!("{} {path} HTTP/1.1\r\n", request.method());
        let mut wire = format!("{line}host: {host}\r\nconnection: close\r\n").into_bytes();
        if request.method() != Method::GET {
            wire.extend(format!("content-length: {}\r\n", request.body().len()).bytes());
        }
        for (name, value) in request.headers() {
            wire.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
        }
        wire.extend([b"\r\n", &request.body()[..]].concat());
        self.stream.set_write_timeout(Some(left(self.deadline)?))?;
        self.stream.write_all(&wire)?;

        let mut response = loop {
            match self.head()? {
                Some(response) if response.status().is_informational() => continue,
                Some(response) => break response,
                None => {}
            }
            if self.bytes.len() > 64 * 1024 || self.read()? == 0 {
                return Err(ErrorKind::InvalidData.into());
            }
        };
        let mut body = Vec::new();
        match self.body(&response, max, &mut body) {
            // Where the status alone tells that the call failed, what came of the body is enough.
            Err(error) if response.status() == StatusCode::OK => return Err(error),
            _ => body.truncate(max),
        }
        *response.body_mut() = body;
        Ok(response)
    }

    fn read(&mut self) -> io::Result<usize> {
        let mut buffer = [0; 4096];
        loop {
            self.stream.set_read_timeout(Some(left(self.deadline)?))?;
            match self.stream.read(&mut buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => {
                    let count = read?;
                    self.bytes.extend_from_slice(&buffer[..count]);
                    return Ok(count);
                }
            }
        }
    }

    /// The next head, if all of it is there.
    fn head(&mut self) -> io::Result<Option<Response<Vec<u8>>>> {
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut head = httparse::Response::new(&mut headers);
        let Status::Complete(length) = head.parse(&self.bytes).map_err(io::Error::other)? else {
            return Ok(None);
        };
        let mut response = Response::builder().status(head.code.unwrap_or_default());
        for header in head.headers {
            response = response.header(header.name, header.value);
        }
        self.bytes.drain(..length);
        response.body(Vec::new()).map(Some).map_err(io::Error::other)
    }

    fn body(&mut self, head: &Response<Vec<u8>>, max: usize, body: &mut Vec<u8>) -> io::Result<()> {
        let text = |name| head.headers().get(name).and_then(|value| value.to_str().ok());
        if text(TRANSFER_ENCODING).is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
            while let Some(length) = self.chunk()? {
                self.take(Some(length), max, body)?;
                self.take(Some(2), usize::MAX, &mut Vec::new())?;
            }
            return Ok(());
        }
        let length = text(CONTENT_LENGTH).map(str::parse).transpose().map_err(io::Error::other)?;
        let is_empty = head.status() == StatusCode::NO_CONTENT;
        self.take(if is_empty { Some(0) } else { length }, max, body)
    }

    /// The length of the next chunk, if it is not the last.
    fn chunk(&mut self) -> io::Result<Option<usize>> {
        loop {
            match httparse::parse_chunk_size(&self.bytes) {
                Ok(Status::Complete((start, length))) => {
                    self.bytes.drain(..start);
                    let length = usize::try_from(length).map_err(io::Error::other)?;
                    return Ok((length > 0).then_some(length));
                }
                Ok(Status::Partial) if self.bytes.len() < 4096 && self.read()? > 0 => {}
                _ => return Err(ErrorKind::InvalidData.into()),
            }
        }
    }

    /// Moves so many bytes, or all there are, and no more than `max` in all.
    fn take(&mut self, length: Option<usize>, max: usize, body: &mut Vec<u8>) -> io::Result<()> {
        let mut left = length.unwrap_or(usize::MAX);
        loop {
            let count = left.min(self.bytes.len());
            body.extend(self.bytes.drain(..count));
            left -= count;
            if body.len() > max {
                return Err(io::Error::new(ErrorKind::InvalidData, "the body is too long"));
            }
            if left == 0 {
                return Ok(());
            }
            if self.read()? == 0 {
                return if length.is_none() {
                    Ok(())
                } else {
                    Err(ErrorKind::UnexpectedEof.into())
                };
            }
        }
    }
}

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let scene = scene::Scene::new()?;
    let request = scene.invite.to_request(&scene.session);
    let response =
        carry(&request, 64 * 1024, Duration::from_secs(150)).map_err(|(delivery, error)| {
            format!("{error}; whether the invitation was sent: {delivery:?}")
        })?;
    InviteBy3pid::parse_response(&response)?;
    println!("{}", scene.last_event());
    Ok(())
}
