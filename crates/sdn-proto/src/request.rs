//! Writing requests: paths, headers and JSON bodies, each in a buffer of exactly its size.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::uri::{Parts, PathAndQuery, Uri};
use http::{HeaderMap, HeaderValue, Method, Request};
use serde::Serialize;

use crate::base_url::BaseUrl;

/// The header value that carries a checked token, marked sensitive.
pub(crate) fn bearer(token: &str) -> HeaderValue {
    let mut value = HeaderValue::from_maybe_shared(Bytes::from(format!("Bearer {token}")))
        .expect("a checked token is a valid header value");
    value.set_sensitive(true);
    value
}

/// A piece of a path.
pub(crate) enum Piece<'a> {
    /// Sent as it is: our own text, with its slashes.
    Text(&'a str),
    /// One segment, or one value in a query, whatever it holds: sent percent-encoded.
    Segment(&'a str),
}

/// The server that a request goes to.
pub(crate) struct Target<'a> {
    pub(crate) base: &'a BaseUrl,
    /// The first segment of every path, `_api` or `_matrix`.
    pub(crate) prefix: &'a str,
    /// The caller's token, for calls that need one.
    pub(crate) bearer: Option<&'a HeaderValue>,
}

impl Target<'_> {
    /// Builds a request with a JSON body; `path` comes after the prefix and begins with `/`.
    pub(crate) fn request(
        &self,
        method: Method,
        path: &[Piece<'_>],
        body: Bytes,
    ) -> Request<Bytes> {
        let mut request = self.get(path);
        *request.method_mut() = method;
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(CONTENT_TYPE, json);
        *request.body_mut() = body;
        request
    }

    /// Builds a GET request; `path` may end with a query.
    pub(crate) fn get(&self, path: &[Piece<'_>]) -> Request<Bytes> {
        let mut request = Request::new(Bytes::new());
        *request.uri_mut() = self.uri(path);
        // Room for the transport's `host` and `content-length`: a map that has to grow costs more than it holds.
        let mut headers = HeaderMap::with_capacity(4);
        if let Some(bearer) = self.bearer {
            headers.insert(AUTHORIZATION, bearer.clone());
        }
        *request.headers_mut() = headers;
        request
    }

    fn uri(&self, pieces: &[Piece<'_>]) -> Uri {
        let base = self.base.path();
        let length = pieces.iter().map(Piece::encoded_len).sum::<usize>();
        let mut path = Vec::with_capacity(base.len() + self.prefix.len() + length);
        path.extend_from_slice(base.as_bytes());
        path.extend_from_slice(self.prefix.as_bytes());
        for piece in pieces {
            piece.encode_to(&mut path);
        }
        let path = PathAndQuery::from_maybe_shared(Bytes::from(path))
            .expect("a checked base path and encoded segments are a valid path");
        let mut parts = Parts::default();
        parts.scheme = Some(self.base.scheme().clone());
        parts.authority = Some(self.base.authority().clone());
        parts.path_and_query = Some(path);
        Uri::from_parts(parts).expect("scheme, authority and path make a URI")
    }
}

impl Piece<'_> {
    fn encoded_len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Segment(text) => {
                text.len() + 2 * text.bytes().filter(|&byte| !UNRESERVED[usize::from(byte)]).count()
            }
        }
    }

    fn encode_to(&self, path: &mut Vec<u8>) {
        match self {
            Self::Text(text) => path.extend_from_slice(text.as_bytes()),
            Self::Segment(text) => {
                let mut rest = text.as_bytes();
                while let Some(at) = rest.iter().position(|&byte| !UNRESERVED[usize::from(byte)]) {
                    let digit = |nibble: u8| b"0123456789ABCDEF"[usize::from(nibble)];
                    path.extend_from_slice(&rest[..at]);
                    path.extend_from_slice(&[b'%', digit(rest[at] >> 4), digit(rest[at] & 15)]);
                    rest = &rest[at + 1..];
                }
                path.extend_from_slice(rest);
            }
        }
    }
}

/// The characters that ECMAScript's `encodeURIComponent` leaves alone.
const UNRESERVED: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = matches!(
            byte as u8,
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')'
        );
        byte += 1;
    }
    table
};

/// A JSON object of strings: the members that have a value, in the order given, with the escapes that JSON requires.
pub(crate) fn json_object(members: &[(&str, Option<&str>)]) -> Bytes {
    let present = || members.iter().filter_map(|(key, value)| Some((key, (*value)?)));
    let length = present().map(|(key, value)| key.len() + escaped_len(value) + 6).sum::<usize>();
    // A comma less than there are members, and two braces.
    let mut json = Vec::with_capacity((length + 1).max(2));
    json.push(b'{');
    for (index, (key, value)) in present().enumerate() {
        if index > 0 {
            json.push(b',');
        }
        json.push(b'"');
        json.extend_from_slice(key.as_bytes());
        json.extend_from_slice(b"\":\"");
        escape_to(value, &mut json);
        json.push(b'"');
    }
    json.push(b'}');
    Bytes::from(json)
}

/// A JSON body of any shape. Keys are in alphabetical order if the type's fields are.
pub(crate) fn json_body(value: &impl Serialize) -> Bytes {
    Bytes::from(
        serde_json::to_vec(value).expect("our own types have string keys and no failing fields"),
    )
}

pub(crate) fn escaped_len(text: &str) -> usize {
    if !needs_escapes(text) {
        return text.len();
    }
    text.bytes().map(|byte| usize::from(ESCAPED_LEN[usize::from(byte)])).sum()
}

/// Without an early end, so that the compiler can look at many bytes at once.
fn needs_escapes(text: &str) -> bool {
    text.bytes().fold(false, |any, byte| any | (byte < 0x20) | (byte == b'"') | (byte == b'\\'))
}

pub(crate) fn escape_to(text: &str, json: &mut Vec<u8>) {
    if !needs_escapes(text) {
        return json.extend_from_slice(text.as_bytes());
    }
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|&byte| ESCAPED_LEN[usize::from(byte)] > 1) {
        json.extend_from_slice(&rest[..at]);
        if let Some(escape) = escape(rest[at]) {
            json.extend_from_slice(escape.as_bytes());
        }
        rest = &rest[at + 1..];
    }
    json.extend_from_slice(rest);
}

/// How many bytes each byte takes inside a JSON string.
const ESCAPED_LEN: [u8; 256] = {
    let mut lengths = [1; 256];
    let mut byte = 0;
    while byte < 256 {
        if let Some(escape) = escape(byte as u8) {
            lengths[byte] = escape.len() as u8;
        }
        byte += 1;
    }
    lengths
};

/// How a byte must be escaped inside a JSON string, if it must.
const fn escape(byte: u8) -> Option<&'static str> {
    match byte {
        b'"' => Some("\\\""),
        b'\\' => Some("\\\\"),
        0..0x20 => Some(CONTROL_ESCAPES[byte as usize]),
        _ => None,
    }
}

#[rustfmt::skip]
const CONTROL_ESCAPES: [&str; 32] = [
    "\\u0000", "\\u0001", "\\u0002", "\\u0003", "\\u0004", "\\u0005", "\\u0006", "\\u0007",
    "\\b", "\\t", "\\n", "\\u000b", "\\f", "\\r", "\\u000e", "\\u000f",
    "\\u0010", "\\u0011", "\\u0012", "\\u0013", "\\u0014", "\\u0015", "\\u0016", "\\u0017",
    "\\u0018", "\\u0019", "\\u001a", "\\u001b", "\\u001c", "\\u001d", "\\u001e", "\\u001f",
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn json_is_what_serde_json_writes(values in proptest::collection::vec(any::<Option<String>>(), 0..5)) {
            let keys = ["a", "b", "c", "d", "e"];
            let members: Vec<_> = keys.iter().copied().zip(values.iter().map(Option::as_deref)).collect();
            let present: serde_json::Map<_, _> = members
                .iter()
                .filter_map(|&(key, value)| Some((key.to_owned(), value?.into())))
                .collect();
            prop_assert_eq!(json_object(&members), serde_json::to_vec(&present).unwrap());
        }
    }

    #[test]
    fn every_byte_is_escaped_as_serde_json_does() {
        let all: String = (0..=0x7f_u8).map(char::from).collect();
        let expected = serde_json::json!({ "all": all }).to_string();
        assert_eq!(json_object(&[("all", Some(&all))]), expected);
    }
}
