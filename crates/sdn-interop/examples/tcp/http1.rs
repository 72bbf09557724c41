//! The part of HTTP/1.1 that one request per connection needs.

use std::error::Error;
use std::io::{self, BufRead, ErrorKind, Read};

use httparse::Status;
use sdn_proto::bytes::Bytes;
use sdn_proto::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use sdn_proto::http::{Request, Response, StatusCode};
use sdn_proto::{TransportError, TransportErrorKind as Kind};

/// Returns the bytes of a request.
pub(crate) fn write(request: &Request<Bytes>) -> Vec<u8> {
    let (uri, body) = (request.uri(), request.body());
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let host = uri.authority().map_or("", |authority| authority.as_str());
    let line = format!("{} {path} HTTP/1.1\r\nhost: {host}\r\n", request.method());
    let framing = format!("connection: close\r\ncontent-length: {}\r\n", body.len());
    let mut wire = (line + &framing).into_bytes();
    for (name, value) in request.headers() {
        wire.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    wire.extend([b"\r\n", &body[..]].concat());
    wire
}

/// Reads a response, with at most `limit` bytes of its body.
pub(crate) fn read(
    wire: &mut impl BufRead,
    limit: usize,
) -> Result<Response<Bytes>, TransportError> {
    let mut head = read_head(wire).map_err(failed)?;
    while head.status().is_informational() {
        head = read_head(wire).map_err(failed)?;
    }
    let mut body = Vec::new();
    let result = read_body(wire, &head, limit, &mut body);
    // Any other status says that the call failed, even if the body is incomplete.
    if head.status() == StatusCode::OK {
        result.map_err(failed)?;
        if body.len() > limit {
            return Err(Kind::BodyTooLarge { limit }.into());
        }
    }
    body.truncate(limit);
    Ok(head.map(|()| body.into()))
}

/// Classifies a failure after the connection was opened.
pub(crate) fn failed(error: io::Error) -> TransportError {
    let kind = match error.kind() {
        // The system reports a timeout of one read or write as "would block".
        ErrorKind::WouldBlock | ErrorKind::TimedOut => Kind::TotalTimeout,
        ErrorKind::InvalidData => Kind::Protocol,
        _ => Kind::ConnectionLost,
    };
    TransportError::new(kind, error)
}

fn invalid(error: impl Into<Box<dyn Error + Send + Sync>>) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, error)
}

fn read_head(wire: &mut impl BufRead) -> io::Result<Response<()>> {
    let (mut lines, mut bytes) = (wire.take(64 * 1024), Vec::new());
    while !bytes.ends_with(b"\n\r\n") && !bytes.ends_with(b"\n\n") {
        if lines.read_until(b'\n', &mut bytes)? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
    }
    let mut headers = [httparse::EMPTY_HEADER; 128];
    let mut head = httparse::Response::new(&mut headers);
    head.parse(&bytes).map_err(invalid)?;
    let mut response = Response::builder().status(head.code.unwrap_or_default());
    for header in head.headers {
        response = response.header(header.name, header.value);
    }
    response.body(()).map_err(invalid)
}

fn read_body(
    wire: &mut impl BufRead,
    head: &Response<()>,
    limit: usize,
    body: &mut Vec<u8>,
) -> io::Result<()> {
    let text = |name| head.headers().get(name).and_then(|value| value.to_str().ok());
    if text(TRANSFER_ENCODING).is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
        loop {
            let mut line = Vec::new();
            wire.by_ref().take(4096).read_until(b'\n', &mut line)?;
            match httparse::parse_chunk_size(&line) {
                Ok(Status::Complete((_, 0))) => return Ok(()),
                Ok(Status::Complete((_, length))) => read_part(wire, Some(length), limit, body)?,
                Ok(Status::Partial) => return Err(ErrorKind::UnexpectedEof.into()),
                Err(_) => return Err(ErrorKind::InvalidData.into()),
            }
            if body.len() > limit {
                return Ok(());
            }
            wire.read_exact(&mut [0; 2])?;
        }
    }
    let length = text(CONTENT_LENGTH).map(str::parse).transpose().map_err(invalid)?;
    let is_empty = head.status() == StatusCode::NO_CONTENT;
    read_part(wire, if is_empty { Some(0) } else { length }, limit, body)
}

/// Reads this many bytes of the body, or all bytes, but at most `limit` plus one in all.
fn read_part(
    wire: &mut impl BufRead,
    length: Option<u64>,
    limit: usize,
    body: &mut Vec<u8>,
) -> io::Result<()> {
    let room = (limit - body.len()) as u64 + 1;
    let wanted = room.min(length.unwrap_or(room));
    let count = wire.take(wanted).read_to_end(body)?;
    // Without a length, the body ends with the connection.
    match length {
        Some(_) if wanted > count as u64 => Err(ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}
