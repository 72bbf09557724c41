//! HTTP/1.1 over one connection: reads requests, one after another, and writes responses.

use std::io::{self, Read, Write};

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, EXPECT, HeaderMap, TRANSFER_ENCODING};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, Version};

use super::fault::Fault;
use super::shared::Shared;
use super::stream::Stream;

const MAX_HEAD_BYTES: usize = 64 * 1024;
const MAX_HEADERS: usize = 100;
const MAX_BODY_BYTES: usize = 1 << 20;
const MAX_CHUNK_LINE_BYTES: usize = 1024;

/// Why no other request is read.
enum End {
    Io(io::Error),
    /// The request is refused with this status.
    Refused(StatusCode),
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> Self {
        End::Io(error)
    }
}

const BAD_REQUEST: End = End::Refused(StatusCode::BAD_REQUEST);

pub(super) fn serve(shared: &Shared, stream: Stream) -> io::Result<()> {
    let mut connection = Connection { stream, buffer: Vec::new() };
    while connection.wait_for_request()? {
        let fault = shared.faults.take_for_request();
        if fault == Some(Fault::CloseBeforeRequest) {
            return Ok(());
        }
        let request = match connection.read_request() {
            Ok(request) => request,
            Err(End::Io(error)) => return Err(error),
            Err(End::Refused(status)) => {
                let mut response = Response::new(Bytes::new());
                *response.status_mut() = status;
                connection.stream.write_all(&encode(&response, &Method::GET, false))?;
                return connection.stream.finish();
            }
        };
        let method = request.method().clone();
        let wants_keep_alive = wants_keep_alive(&request);
        let response = match &fault {
            None => shared.world.handle(request),
            Some(fault) => fault.respond(shared, request),
        };
        let promises_to_keep = fault.as_ref().is_none_or(Fault::promises_to_keep);
        let answer = encode(&response, &method, wants_keep_alive && promises_to_keep);
        if let Some(fault) = fault.filter(|fault| !fault.keeps_connection()) {
            return fault.end(shared, connection.stream, &answer);
        }
        connection.stream.write_all(&answer)?;
        connection.stream.flush()?;
        if !wants_keep_alive {
            return connection.stream.finish();
        }
    }
    connection.stream.finish()
}

fn wants_keep_alive(request: &Request<Bytes>) -> bool {
    let asks = |wanted: &str| has_token(request.headers(), CONNECTION, wanted);
    match request.version() {
        Version::HTTP_10 => asks("keep-alive"),
        _ => !asks("close"),
    }
}

/// Returns whether a list header contains this element.
fn has_token(headers: &HeaderMap, name: HeaderName, wanted: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|element| element.trim().eq_ignore_ascii_case(wanted))
}

struct Connection {
    stream: Stream,
    /// The bytes that were read but not used yet.
    buffer: Vec<u8>,
}

impl Connection {
    /// Returns whether a request begins. Otherwise the client has closed the connection.
    fn wait_for_request(&mut self) -> io::Result<bool> {
        Ok(!self.buffer.is_empty() || self.fill()? > 0)
    }

    fn fill(&mut self) -> io::Result<usize> {
        let mut chunk = [0; 8192];
        let read = self.stream.read(&mut chunk)?;
        self.buffer.extend_from_slice(&chunk[..read]);
        Ok(read)
    }

    fn fill_some(&mut self) -> io::Result<()> {
        match self.fill()? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    fn read_request(&mut self) -> Result<Request<Bytes>, End> {
        let mut request = self.read_head()?;
        let length = body_length(request.headers())?;
        if has_token(request.headers(), EXPECT, "100-continue") && length != Length::Known(0) {
            if matches!(length, Length::Known(length) if length > MAX_BODY_BYTES) {
                return Err(End::Refused(StatusCode::PAYLOAD_TOO_LARGE));
            }
            self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
            self.stream.flush()?;
        }
        *request.body_mut() = match length {
            Length::Known(length) => self.read_exactly(length, MAX_BODY_BYTES)?.into(),
            Length::Chunked => self.read_chunks()?.into(),
        };
        Ok(request)
    }

    fn read_head(&mut self) -> Result<Request<Bytes>, End> {
        loop {
            if let Some((request, used)) = parse_head(&self.buffer)? {
                self.buffer.drain(..used);
                return Ok(request);
            }
            if self.buffer.len() > MAX_HEAD_BYTES {
                return Err(End::Refused(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE));
            }
            self.fill_some()?;
        }
    }

    /// Reads a number of bytes, if that is within the limit.
    fn read_exactly(&mut self, length: usize, limit: usize) -> Result<Vec<u8>, End> {
        if length > limit {
            return Err(End::Refused(StatusCode::PAYLOAD_TOO_LARGE));
        }
        while self.buffer.len() < length {
            self.fill_some()?;
        }
        Ok(self.buffer.drain(..length).collect())
    }

    fn read_chunks(&mut self) -> Result<Vec<u8>, End> {
        let mut body = Vec::new();
        loop {
            let line = self.read_line()?;
            let size = line.split(';').next().unwrap_or_default().trim();
            if size.is_empty() || !size.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return Err(BAD_REQUEST);
            }
            let size = usize::from_str_radix(size, 16).map_err(|_| BAD_REQUEST)?;
            if size == 0 {
                return self.skip_trailers().map(|()| body);
            }
            body.append(&mut self.read_exactly(size, MAX_BODY_BYTES - body.len())?);
            if self.read_exactly(2, 2)? != b"\r\n" {
                return Err(BAD_REQUEST);
            }
        }
    }

    fn skip_trailers(&mut self) -> Result<(), End> {
        for _ in 0..=MAX_HEADERS {
            if self.read_line()?.is_empty() {
                return Ok(());
            }
        }
        Err(End::Refused(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE))
    }

    /// Reads a line. Returns it without CR LF.
    fn read_line(&mut self) -> Result<String, End> {
        loop {
            if let Some(end) = self.buffer.windows(2).position(|window| window == b"\r\n") {
                let line: Vec<u8> = self.buffer.drain(..end + 2).take(end).collect();
                return String::from_utf8(line).map_err(|_| BAD_REQUEST);
            }
            if self.buffer.len() > MAX_CHUNK_LINE_BYTES {
                return Err(BAD_REQUEST);
            }
            self.fill_some()?;
        }
    }
}

/// Returns the request without its body, and its length in bytes. Returns `None` if it is incomplete.
fn parse_head(bytes: &[u8]) -> Result<Option<(Request<Bytes>, usize)>, End> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut head = httparse::Request::new(&mut headers);
    let used = match head.parse(bytes) {
        Ok(httparse::Status::Complete(used)) => used,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => {
            return Err(End::Refused(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE));
        }
        Err(_) => return Err(BAD_REQUEST),
    };
    let mut request = Request::new(Bytes::new());
    let method = head.method.unwrap_or_default();
    *request.method_mut() = Method::from_bytes(method.as_bytes()).map_err(|_| BAD_REQUEST)?;
    *request.uri_mut() = head.path.unwrap_or_default().parse::<Uri>().map_err(|_| BAD_REQUEST)?;
    *request.version_mut() =
        if head.version == Some(0) { Version::HTTP_10 } else { Version::HTTP_11 };
    for header in head.headers {
        let name = HeaderName::from_bytes(header.name.as_bytes()).map_err(|_| BAD_REQUEST)?;
        let value = HeaderValue::from_bytes(header.value).map_err(|_| BAD_REQUEST)?;
        request.headers_mut().append(name, value);
    }
    Ok(Some((request, used)))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Length {
    Known(usize),
    Chunked,
}

/// Reads the length of the body. A request with two different lengths is refused.
fn body_length(headers: &HeaderMap) -> Result<Length, End> {
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    let mut encodings = headers.get_all(TRANSFER_ENCODING).iter();
    match (lengths.next(), lengths.next(), encodings.next(), encodings.next()) {
        (None, _, None, _) => Ok(Length::Known(0)),
        (Some(length), None, None, _) => {
            let digits =
                length.to_str().ok().filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
            digits.and_then(|text| text.parse().ok()).map(Length::Known).ok_or(BAD_REQUEST)
        }
        (None, _, Some(encoding), None) if encoding.as_bytes().eq_ignore_ascii_case(b"chunked") => {
            Ok(Length::Chunked)
        }
        _ => Err(BAD_REQUEST),
    }
}

/// Returns the response's bytes. Correct framing headers replace those of the response.
fn encode(response: &Response<Bytes>, method: &Method, keep_alive: bool) -> Vec<u8> {
    let status = response.status();
    let reason = status.canonical_reason().unwrap_or_default();
    let mut bytes = format!("HTTP/1.1 {} {reason}\r\n", status.as_u16()).into_bytes();
    for (name, value) in response.headers() {
        if [CONTENT_LENGTH, TRANSFER_ENCODING, CONNECTION].contains(name) {
            continue;
        }
        bytes.extend_from_slice(name.as_str().as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    let has_body = !(status.is_informational()
        || status == StatusCode::NO_CONTENT
        || status == StatusCode::NOT_MODIFIED);
    if has_body {
        bytes
            .extend_from_slice(format!("content-length: {}\r\n", response.body().len()).as_bytes());
    }
    if !keep_alive {
        bytes.extend_from_slice(b"connection: close\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    if has_body && *method != Method::HEAD {
        bytes.extend_from_slice(response.body());
    }
    bytes
}
