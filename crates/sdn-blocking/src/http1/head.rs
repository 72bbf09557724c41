//! A response's head: status and headers, and the framing of the body and the connection.

use std::mem::MaybeUninit;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Version};
use httparse::{Header, ParserConfig, Status};

use super::invalid::Invalid;

/// Enough for most responses. A head with more headers is parsed again.
const USUAL_HEADERS: usize = 32;

pub(super) struct Head {
    pub(super) response: Response<()>,
    pub(super) framing: Framing,
    /// Whether the connection can be used again after the body.
    pub(super) keeps: bool,
}

/// The end of a response's body ([RFC 9112, section
/// 6.3](https://www.rfc-editor.org/rfc/rfc9112#section-6.3)).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Framing {
    Length(u64),
    Chunked,
    UntilClose,
}

/// Parses a head and also returns its length, or `None` if the head is incomplete.
pub(super) fn parse(bytes: &[u8], method: &Method) -> Result<Option<(Head, usize)>, Invalid> {
    let mut usual = [const { MaybeUninit::uninit() }; USUAL_HEADERS];
    let result = parse_into(&mut usual, bytes, method);
    if !matches!(result, Err(httparse::Error::TooManyHeaders)) {
        return result.unwrap_or(Err(NOT_HTTP));
    }
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
    let mut all = vec![MaybeUninit::uninit(); lines];
    parse_into(&mut all, bytes, method).unwrap_or(Err(NOT_HTTP))
}

const NOT_HTTP: Invalid = Invalid("the response is not HTTP/1.1");

type Parsed = Result<Option<(Head, usize)>, Invalid>;

fn parse_into<'a>(
    headers: &mut [MaybeUninit<Header<'a>>],
    bytes: &'a [u8],
    method: &Method,
) -> Result<Parsed, httparse::Error> {
    let mut head = httparse::Response::new(&mut []);
    let mut parser = ParserConfig::default();
    parser.allow_obsolete_multiline_headers_in_responses(true);
    match parser.parse_response_with_uninit_headers(&mut head, bytes, headers)? {
        Status::Partial => Ok(Ok(None)),
        Status::Complete(length) => Ok(finish(&head, method).map(|head| Some((head, length)))),
    }
}

fn finish(head: &httparse::Response<'_, '_>, method: &Method) -> Result<Head, Invalid> {
    let status = StatusCode::from_u16(head.code.unwrap_or_default()).map_err(|_| NOT_HTTP)?;
    let version = if head.version == Some(1) { Version::HTTP_11 } else { Version::HTTP_10 };
    let headers = headers(head.headers)?;
    let framing = framing(method, status, &headers)?;
    // With both, a proxy may use the other one.
    let is_ambiguous =
        headers.contains_key(TRANSFER_ENCODING) && headers.contains_key(CONTENT_LENGTH);
    let keeps = version == Version::HTTP_11
        && !is_ambiguous
        && framing != Framing::UntilClose
        && !tokens(&headers, CONNECTION).any(|token| token.eq_ignore_ascii_case(b"close"));
    let mut response = Response::new(());
    *response.status_mut() = status;
    *response.version_mut() = version;
    *response.headers_mut() = headers;
    Ok(Head { response, framing, keeps })
}

fn headers(parsed: &[Header<'_>]) -> Result<HeaderMap, Invalid> {
    const INVALID: Invalid = Invalid("the response has an invalid header");
    let mut headers = HeaderMap::with_capacity(parsed.len());
    for Header { name, value } in parsed {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| INVALID)?;
        let value = if value.contains(&b'\n') {
            HeaderValue::from_maybe_shared(unfolded(value))
        } else {
            HeaderValue::from_bytes(value)
        };
        headers.try_append(name, value.map_err(|_| INVALID)?).map_err(|_| INVALID)?;
    }
    Ok(headers)
}

/// Joins the lines of a value ([RFC 9112, section
/// 5.2](https://www.rfc-editor.org/rfc/rfc9112#section-5.2)).
fn unfolded(value: &[u8]) -> Bytes {
    let is_end = |byte: u8| matches!(byte, b'\r' | b'\n');
    value.iter().map(|&byte| if is_end(byte) { b' ' } else { byte }).collect()
}

fn framing(method: &Method, status: StatusCode, headers: &HeaderMap) -> Result<Framing, Invalid> {
    let has_none = matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    if *method == Method::HEAD || has_none {
        return Ok(Framing::Length(0));
    }
    let codings = tokens(headers, TRANSFER_ENCODING).filter(|coding| !coding.is_empty());
    if let Some(last) = codings.last() {
        let is_chunked = last.eq_ignore_ascii_case(b"chunked");
        return Ok(if is_chunked { Framing::Chunked } else { Framing::UntilClose });
    }
    let mut framing = Framing::UntilClose;
    for token in tokens(headers, CONTENT_LENGTH) {
        let length = length(token).ok_or(Invalid("the response has an invalid content-length"))?;
        if ![Framing::UntilClose, Framing::Length(length)].contains(&framing) {
            return Err(Invalid("the response has two different lengths"));
        }
        framing = Framing::Length(length);
    }
    Ok(framing)
}

fn length(digits: &[u8]) -> Option<u64> {
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// Returns the members of a header that is a list.
fn tokens(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &[u8]> {
    let values = headers.get_all(name).into_iter();
    values.flat_map(|value| value.as_bytes().split(|&byte| byte == b',')).map(<[u8]>::trim_ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(head: &str) -> Result<Option<(Head, usize)>, Invalid> {
        parse(format!("HTTP/1.1 200 OK\r\n{head}\r\n").as_bytes(), &Method::POST)
    }

    fn framing_of(head: &str) -> Result<(Framing, bool), Invalid> {
        parsed(head).map(|parsed| parsed.map(|(head, _)| (head.framing, head.keeps)).unwrap())
    }

    #[test]
    fn body_ends_as_headers_say() {
        for (head, expected, keeps) in [
            ("content-length: 2\r\n", Framing::Length(2), true),
            ("content-length: 2, 2\r\ncontent-length: 2\r\n", Framing::Length(2), true),
            ("transfer-encoding: Chunked\r\n", Framing::Chunked, true),
            ("transfer-encoding: gzip, chunked,\r\n", Framing::Chunked, true),
            ("transfer-encoding: chunked\r\ncontent-length: 2\r\n", Framing::Chunked, false),
            ("transfer-encoding: chunked, gzip\r\n", Framing::UntilClose, false),
            ("transfer-encoding: gzip\r\ncontent-length: 2\r\n", Framing::UntilClose, false),
            ("", Framing::UntilClose, false),
            ("content-length: 2\r\nconnection: x, Close\r\n", Framing::Length(2), false),
        ] {
            assert_eq!(framing_of(head), Ok((expected, keeps)), "{head:?}");
        }
    }

    #[test]
    fn bad_lengths_are_rejected() {
        for length in ["", "-1", "+1", "0x1", "1 1", "1, 2", "1,", "18446744073709551616"] {
            assert!(framing_of(&format!("content-length: {length}\r\n")).is_err(), "{length:?}");
        }
    }

    #[test]
    fn responses_without_body_have_none() {
        for (status, method) in [(200, Method::HEAD), (204, Method::POST), (304, Method::GET)] {
            let text = format!("HTTP/1.1 {status} X\r\ncontent-length: 9\r\n\r\n");
            let (head, length) = parse(text.as_bytes(), &method).unwrap().unwrap();
            assert_eq!((head.framing, head.keeps), (Framing::Length(0), true), "{status}");
            assert_eq!(length, text.len());
        }
    }

    #[test]
    fn old_version_is_not_kept() {
        let text = "HTTP/1.0 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\n";
        let (head, _) = parse(text.as_bytes(), &Method::POST).unwrap().unwrap();
        assert!(!head.keeps);
        assert_eq!(head.response.version(), Version::HTTP_10);
    }

    #[test]
    fn any_number_of_headers_is_parsed() {
        for count in [0, 1, 32, 33, 100, 5000] {
            let lines: String =
                (0..count).map(|number| format!("x-{number}: {number}\n")).collect();
            let (head, _) = parsed(&lines).unwrap().unwrap();
            assert_eq!(head.response.headers().len(), count);
        }
        let lines = "a:\n".repeat(21_800);
        assert_eq!(parsed(&lines).unwrap().unwrap().0.response.headers().len(), 21_800);
    }

    #[test]
    fn folded_lines_become_one() {
        let (head, _) = parsed("x: one\r\n  two\r\n\tthree\r\n").unwrap().unwrap();
        assert_eq!(head.response.headers()["x"], "one    two  \tthree");
    }

    #[test]
    fn incomplete_head_waits_at_each_byte() {
        let text = "HTTP/1.1 200 OK\r\nx: one\r\n two\r\ncontent-length: 2\r\n\r\n";
        for end in 0..text.len() {
            assert!(parse(&text.as_bytes()[..end], &Method::GET).unwrap().is_none(), "{end}");
        }
        let (_, length) = parse(text.as_bytes(), &Method::GET).unwrap().unwrap();
        assert_eq!(length, text.len());
    }

    #[test]
    fn other_protocols_are_rejected() {
        for text in ["SSH-2.0-OpenSSH\r\n", "HTTP/2.0 200 OK\r\n", "HTTP/1.1 20 OK\r\n", "\u{1}"] {
            assert!(parse(text.as_bytes(), &Method::GET).is_err(), "{text:?}");
        }
        for head in ["no colon\r\n", " x: y\r\n", "x : y\r\n", "x: \0\r\n"] {
            assert!(parsed(head).is_err(), "{head:?}");
        }
    }
}
