//! Writing requests: paths and headers.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::uri::{Parts, PathAndQuery, Uri};
use http::{HeaderMap, HeaderValue, Method, Request};

use crate::base_url::BaseUrl;

pub(crate) use crate::json::{json_body, json_object};

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
    }

    #[test]
    fn every_ascii_character_is_encoded_as_percent_encoding_does() {
        check_segment(&(0..=0x7f_u8).map(char::from).collect::<String>());
    }
}
