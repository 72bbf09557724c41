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
                let is_escaped = |&byte: &u8| PERCENT[usize::from(byte)].is_some();
                text.len() + 2 * text.bytes().filter(is_escaped).count()
            }
        }
    }

    fn encode_to(&self, path: &mut Vec<u8>) {
        match self {
            Self::Text(text) => path.extend_from_slice(text.as_bytes()),
            Self::Segment(text) => percent_encode_to(text, path),
        }
    }
}

/// Writes run by run: the plain ones at once, the others byte by byte.
fn percent_encode_to(text: &str, path: &mut Vec<u8>) {
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        let plain = rest.iter().position(|&byte| PERCENT[usize::from(byte)].is_some());
        let (run, after) = rest.split_at(plain.unwrap_or(rest.len()));
        path.extend_from_slice(run);
        rest = after;
        while let Some((&byte, after)) = rest.split_first() {
            let Some(escape) = PERCENT[usize::from(byte)] else { break };
            path.extend_from_slice(&escape);
            rest = after;
        }
    }
}

/// How a byte is written in a path, if not as it is: the characters that ECMAScript's `encodeURIComponent` leaves alone
/// have no escape.
const PERCENT: [Option<[u8; 3]>; 256] = {
    let mut table = [None; 256];
    let mut byte = 0;
    while byte < 256 {
        let is_plain = matches!(
            byte as u8,
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')'
        );
        if !is_plain {
            let hex = b"0123456789ABCDEF";
            table[byte] = Some([b'%', hex[byte >> 4], hex[byte & 15]]);
        }
        byte += 1;
    }
    table
};

/// A JSON object of strings: the members that have a value, in the order given, with the escapes that JSON requires.
pub(crate) fn json_object(members: &[(&str, Option<&str>)]) -> Bytes {
    let present = || members.iter().filter_map(|(key, value)| Some((key, (*value)?)));
    let plain = present().map(|(key, value)| key.len() + value.len() + 6).sum::<usize>();
    let escapes = present().map(|(_, value)| escapes_len(value)).sum::<usize>();
    // A comma less than there are members, and two braces.
    let mut json = Vec::with_capacity((plain + escapes + 1).max(2));
    let mut before = b'{';
    for (key, value) in present() {
        json.extend_from_slice(&[before, b'"']);
        json.extend_from_slice(key.as_bytes());
        json.extend_from_slice(b"\":\"");
        if escapes == 0 {
            json.extend_from_slice(value.as_bytes());
        } else {
            escape_to(value, &mut json);
        }
        json.push(b'"');
        before = b',';
    }
    if json.is_empty() {
        json.push(b'{');
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

/// How many more bytes a text takes inside a JSON string.
fn escapes_len(text: &str) -> usize {
    text.bytes().map(|byte| usize::from(ESCAPES_LEN[usize::from(byte)])).sum()
}

/// Writes run by run, as [`percent_encode_to`] does.
pub(crate) fn escape_to(text: &str, json: &mut Vec<u8>) {
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        let plain = rest.iter().position(|&byte| ESCAPES[usize::from(byte)] != 0);
        let (run, after) = rest.split_at(plain.unwrap_or(rest.len()));
        json.extend_from_slice(run);
        rest = after;
        while let Some((&byte, after)) = rest.split_first() {
            match ESCAPES[usize::from(byte)] {
                0 => break,
                b'u' => {
                    let hex = b"0123456789abcdef";
                    let (high, low) = (hex[usize::from(byte >> 4)], hex[usize::from(byte & 15)]);
                    json.extend_from_slice(&[b'\\', b'u', b'0', b'0', high, low]);
                }
                letter => json.extend_from_slice(&[b'\\', letter]),
            }
            rest = after;
        }
    }
}

/// What follows the backslash that a byte needs inside a JSON string: `u` before four digits, 0 for no backslash.
const ESCAPES: [u8; 256] = {
    let mut letters = [0; 256];
    let mut control = 0;
    while control < 0x20 {
        letters[control] = b'u';
        control += 1;
    }
    letters[0x08] = b'b';
    letters[0x09] = b't';
    letters[0x0a] = b'n';
    letters[0x0c] = b'f';
    letters[0x0d] = b'r';
    letters[b'"' as usize] = b'"';
    letters[b'\\' as usize] = b'\\';
    letters
};

/// How many more bytes that makes.
const ESCAPES_LEN: [u8; 256] = {
    let mut lengths = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        lengths[byte] = match ESCAPES[byte] {
            0 => 0,
            b'u' => 5,
            _ => 1,
        };
        byte += 1;
    }
    lengths
};

#[cfg(test)]
mod tests {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;

    use super::*;

    /// What `encodeURIComponent` escapes, as ECMAScript's definition lists the others.
    const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'_')
        .remove(b'.')
        .remove(b'!')
        .remove(b'~')
        .remove(b'*')
        .remove(b'\'')
        .remove(b'(')
        .remove(b')');

    fn check_segment(text: &str) {
        let segment = Piece::Segment(text);
        let mut path = Vec::new();
        segment.encode_to(&mut path);
        assert_eq!(path, utf8_percent_encode(text, ESCAPED).to_string().as_bytes());
        assert_eq!(path.len(), segment.encoded_len());
    }

    proptest! {
        #[test]
        fn a_segment_is_what_percent_encoding_writes(text: String) {
            check_segment(&text);
        }

        #[test]
        fn json_is_what_serde_json_writes(values in proptest::collection::vec(any::<Option<String>>(), 0..5)) {
            let keys = ["a", "b", "c", "d", "e"];
            let members: Vec<_> = keys.iter().copied().zip(values.iter().map(Option::as_deref)).collect();
            let present: serde_json::Map<_, _> = members
                .iter()
                .filter_map(|&(key, value)| Some((key.to_owned(), value?.into())))
                .collect();
            let json = json_object(&members);
            prop_assert_eq!(&json, &serde_json::to_vec(&present).unwrap());
            // A buffer with room to spare would have to be moved.
            prop_assert_eq!(Vec::from(json).capacity(), serde_json::to_vec(&present).unwrap().len());
        }
    }

    #[test]
    fn every_ascii_character_is_encoded_as_percent_encoding_does() {
        check_segment(&(0..=0x7f_u8).map(char::from).collect::<String>());
    }

    #[test]
    fn every_byte_is_escaped_as_serde_json_does() {
        let all: String = (0..=0x7f_u8).map(char::from).collect();
        let expected = serde_json::json!({ "all": all }).to_string();
        let json = json_object(&[("all", Some(&all))]);
        assert_eq!(json, expected);
        assert_eq!(Vec::from(json).capacity(), expected.len());
    }
}
