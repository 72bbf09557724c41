//! As much HTTP/1.1 as it takes to use a connection once.

use std::io::{self, BufRead, ErrorKind, Read};

use httparse::Status;
use sdn_proto::bytes::Bytes;
use sdn_proto::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use sdn_proto::http::{Request, Response, StatusCode};

/// What of a request goes over the wire.
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

/// Reads an answer, with at most `max` bytes of its body.
pub(crate) fn read(wire: &mut impl BufRead, max: usize) -> io::Result<Response<Vec<u8>>> {
    let mut response = read_head(wire)?;
    while response.status().is_informational() {
        response = read_head(wire)?;
    }
    let mut body = Vec::new();
    let result = read_body(wire, &response, max, &mut body);
    // Any other status alone tells that the call failed, whatever came of the body.
    if response.status() == StatusCode::OK {
        result?;
    }
    body.truncate(max);
    *response.body_mut() = body;
    Ok(response)
}

fn read_head(wire: &mut impl BufRead) -> io::Result<Response<Vec<u8>>> {
    let (mut lines, mut bytes) = (wire.take(64 * 1024), Vec::new());
    while !bytes.ends_with(b"\n\r\n") && !bytes.ends_with(b"\n\n") {
        if lines.read_until(b'\n', &mut bytes)? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
    }
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Response::new(&mut headers);
    head.parse(&bytes).map_err(io::Error::other)?;
    let mut response = Response::builder().status(head.code.unwrap_or_default());
    for header in head.headers {
        response = response.header(header.name, header.value);
    }
    response.body(Vec::new()).map_err(io::Error::other)
}

fn read_body(
    wire: &mut impl BufRead,
    head: &Response<Vec<u8>>,
    max: usize,
    body: &mut Vec<u8>,
) -> io::Result<()> {
    let text = |name| head.headers().get(name).and_then(|value| value.to_str().ok());
    if text(TRANSFER_ENCODING).is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
        loop {
            let mut line = Vec::new();
            wire.by_ref().take(4096).read_until(b'\n', &mut line)?;
            match httparse::parse_chunk_size(&line) {
                Ok(Status::Complete((_, 0))) => return Ok(()),
                Ok(Status::Complete((_, length))) => read_part(wire, Some(length), max, body)?,
                _ => return Err(ErrorKind::InvalidData.into()),
            }
            wire.read_exact(&mut [0; 2])?;
        }
    }
    let length = text(CONTENT_LENGTH).map(str::parse).transpose().map_err(io::Error::other)?;
    let is_empty = head.status() == StatusCode::NO_CONTENT;
    read_part(wire, if is_empty { Some(0) } else { length }, max, body)
}

/// Reads so many bytes of the body, or all there are. One more than `max` in all is too many.
fn read_part(
    wire: &mut impl BufRead,
    length: Option<u64>,
    max: usize,
    body: &mut Vec<u8>,
) -> io::Result<()> {
    let room = (max - body.len()) as u64 + 1;
    let count = wire.take(room.min(length.unwrap_or(room))).read_to_end(body)?;
    if body.len() > max || length.is_some_and(|length| length > count as u64) {
        return Err(io::Error::new(ErrorKind::InvalidData, "the body is too long, or breaks off"));
    }
    Ok(())
}
