//! Responses as sdn-blocking's own HTTP/1.1 parses them, compared with hyper.

use std::time::Instant;

use arbitrary::{Result, Unstructured};
use sdn_proto::bytes::Bytes;
use sdn_proto::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use sdn_proto::{TransportError, TransportErrorKind as Kind};

use crate::by_hyper::{self, Parsed};
use crate::http1::Connection;
use crate::net::{Server, Stream};

const METHODS: [Method; 4] = [Method::POST, Method::GET, Method::HEAD, Method::PUT];
const LIMITS: [usize; 4] = [100_000, 0, 10, 1000];
/// The greatest length of a head, with all interim responses before it.
const MAX_HEAD_BYTES: usize = 64 * 1024;
/// Longer input can reach the limits of lines and trailers, and hyper has other limits.
const MAX_SHORT_BYTES: usize = 4096;

/// Reads the request, its limit and the sizes of the pieces from the first three bytes. The others
/// are the server's.
pub(crate) fn check(data: &[u8]) {
    let _ = draw(&mut Unstructured::new(data));
}

fn draw(u: &mut Unstructured<'_>) -> Result<()> {
    let flags: u8 = u.arbitrary()?;
    let step = |byte: u8| if byte == 0 { usize::MAX } else { byte.into() };
    let steps = u.arbitrary::<[u8; 2]>()?.map(step);
    let rest = u.bytes(u.len())?;
    let input = if flags & 32 == 0 { rest.to_vec() } else { expanded(rest) };
    Case {
        method: METHODS[usize::from(flags & 3)].clone(),
        limit: LIMITS[usize::from(flags >> 2 & 3)],
        // A server may respond before it has read the request.
        is_early: flags & 16 != 0,
        input,
    }
    .check(steps);
    Ok(())
}

/// Puts a thousand bytes or headers in the place of bytes that HTTP does not use.
fn expanded(input: &[u8]) -> Vec<u8> {
    let mut expanded = Vec::new();
    for byte in input {
        match byte {
            6 => expanded.extend(b"a:b\r\n".repeat(1000)),
            7 => expanded.extend([b'a'; 1000]),
            _ => expanded.push(*byte),
        }
    }
    expanded
}

struct Case {
    method: Method,
    limit: usize,
    is_early: bool,
    input: Vec<u8>,
}

impl Case {
    fn check(&self, steps: [usize; 2]) {
        let room = if self.is_early { 10 } else { usize::MAX };
        let stream = Stream::new(self.input.clone(), steps, room);
        let read_bytes = stream.read_bytes();
        match self.exchange(stream) {
            Ok((response, is_reusable)) => {
                self.check_response(&response, is_reusable, &self.input[..read_bytes.get()]);
            }
            Err(error) => self.check_error(error.kind()),
        }
    }

    /// Returns the response, and whether the connection can be used again.
    fn exchange(
        &self,
        stream: Stream,
    ) -> std::result::Result<(Response<Vec<u8>>, bool), TransportError> {
        let request = Request::builder().method(&self.method).uri("http://node.example/");
        let request = request.body(Bytes::from_static(b"{}")).unwrap();
        let server = Server::of(request.uri()).unwrap();
        let user_agent = HeaderValue::from_static("sdn");
        let mut connection = Connection::new(stream);
        connection
            .exchange(&request, &server, &user_agent, self.limit, Instant::now())
            .map(|exchanged| (exchanged.response, exchanged.is_reusable))
    }

    fn check_response(&self, response: &Response<Vec<u8>>, is_reusable: bool, read: &[u8]) {
        assert!(response.body().len() <= self.limit);
        let lengths =
            response.headers().iter().map(|(name, value)| name.as_str().len() + value.len());
        assert!(lengths.sum::<usize>() <= MAX_HEAD_BYTES);
        assert!(!(is_reusable && self.is_early), "the request was not sent to its end");

        // If the connection is used again, the server has sent nothing else so far.
        let input = if is_reusable { read } else { &self.input };
        let Some(theirs) = by_hyper::parse(input, &self.method, !is_reusable) else {
            // Hyper parses chunks and trailers more strictly. They end with an empty line.
            let is_chunked = response.headers().contains_key("transfer-encoding");
            let is_at_end = read.ends_with(b"\n\r\n") || read.ends_with(b"\n\n");
            let is_expected = (is_chunked && is_at_end) || read.len() > MAX_SHORT_BYTES;
            assert!(!is_reusable || is_expected, "hyper cannot use it again");
            return;
        };
        assert_eq!(response.status(), theirs.status);
        assert_eq!(words(response.headers()), words(&theirs.headers));
        if !ends_with_coding(&theirs.headers) {
            return;
        }
        let is_whole = theirs.body.len() <= self.limit;
        assert_eq!(response.body(), &theirs.body[..theirs.body.len().min(self.limit)]);
        assert!(is_whole || (theirs.status != StatusCode::OK && !is_reusable));
        assert!(!is_reusable || theirs.is_reusable, "hyper would not use it again");
    }

    /// What hyper accepts is refused only because of a limit.
    fn check_error(&self, kind: Kind) {
        let Some(theirs) = by_hyper::parse(&self.input, &self.method, true) else {
            assert!(!matches!(kind, Kind::Connect | Kind::ConnectTimeout | Kind::TotalTimeout));
            return;
        };
        let Parsed { status, headers, body, .. } = theirs;
        match kind {
            Kind::BodyTooLarge { limit } => {
                assert_eq!((limit, status), (self.limit, StatusCode::OK));
                assert!(body.len() > limit);
            }
            Kind::Protocol if status == StatusCode::SWITCHING_PROTOCOLS => {}
            _ if !ends_with_coding(&headers) => {}
            _ => assert!(self.input.len() > MAX_SHORT_BYTES, "{kind:?}: {status}"),
        }
    }
}

/// Whether a list of transfer codings, if there is one, ends with text. We ignore an empty last
/// member ([RFC 9110, section 5.6.1](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.1)), and
/// hyper does not.
fn ends_with_coding(headers: &HeaderMap) -> bool {
    let last = headers.get_all("transfer-encoding").into_iter().next_back();
    let text = last.map(|value| value.to_str().unwrap_or_default().trim_end());
    text.is_none_or(|text| !text.is_empty() && !text.ends_with(','))
}

/// The headers without the number of spaces in them, because hyper puts a single one in the place of
/// a folded line's.
fn words(headers: &HeaderMap) -> Vec<(&str, Vec<&[u8]>)> {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t');
    let words =
        |value| HeaderValue::as_bytes(value).split(is_space).filter(|word| !word.is_empty());
    headers.iter().map(|(name, value)| (name.as_str(), words(value).collect())).collect()
}
