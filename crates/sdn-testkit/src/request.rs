//! Parses a request, with code that is independent of the client's.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::uri::Authority;
use http::{HeaderValue, Request};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::answer::Refusal;

/// A request with its path and query decoded.
pub(crate) struct Parsed<'a> {
    request: &'a Request<Bytes>,
    /// The decoded segments of the path.
    pub(crate) path: Vec<String>,
    query: Vec<(String, String)>,
}

impl<'a> Parsed<'a> {
    /// Returns `None` if the path's segments are not UTF-8.
    pub(crate) fn new(request: &'a Request<Bytes>) -> Option<Self> {
        let path = request.uri().path().strip_prefix('/')?.split('/');
        let path = path.map(|segment| percent_decode_str(segment).decode_utf8().ok());
        let query = request.uri().query().unwrap_or_default();
        Some(Parsed {
            request,
            path: path.map(|segment| segment.map(Cow::into_owned)).collect::<Option<_>>()?,
            query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        })
    }

    pub(crate) fn method(&self) -> &'a str {
        self.request.method().as_str()
    }

    /// Returns the host and port that the request is for, without the default port.
    pub(crate) fn host(&self) -> &'a str {
        let uri = self.request.uri();
        let header = || self.request.headers().get(HOST)?.to_str().ok();
        let host = uri.authority().map(Authority::as_str).or_else(header).unwrap_or_default();
        let host = host.rsplit('@').next().unwrap_or(host);
        let default_port = if uri.scheme_str() == Some("http") { ":80" } else { ":443" };
        host.strip_suffix(default_port).unwrap_or(host)
    }

    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Returns the request's one bearer token, or what is wrong with the header.
    pub(crate) fn bearer(&self) -> Result<&'a str, &'static str> {
        let mut headers = self.request.headers().get_all(AUTHORIZATION).iter();
        let header = match (headers.next(), headers.next()) {
            (None, _) => return Err("Missing access token"),
            (Some(header), None) => header,
            (Some(_), Some(_)) => return Err("Too many Authorization headers."),
        };
        std::str::from_utf8(HeaderValue::as_bytes(header))
            .ok()
            .and_then(|header| header.strip_prefix("Bearer "))
            .filter(|token| !token.is_empty() && !token.contains(' '))
            .ok_or("Invalid Authorization header.")
    }

    /// Returns the token of the header or of the query, or what is wrong with them.
    pub(crate) fn token(&self) -> Result<&str, &'static str> {
        let in_query = self.query("access_token").filter(|token| !token.is_empty());
        match (in_query, self.request.headers().contains_key(AUTHORIZATION)) {
            (Some(_), true) => {
                Err("mixing Authorization headers and access_token query parameters")
            }
            (Some(token), false) => Ok(token),
            (None, _) => self.bearer(),
        }
    }

    pub(crate) fn body(&self) -> &'a [u8] {
        self.request.body()
    }

    pub(crate) fn is_json(&self) -> bool {
        let content_type = self.request.headers().get(CONTENT_TYPE);
        content_type.is_some_and(|value| value.as_bytes().starts_with(b"application/json"))
    }

    /// Returns the fields of a form, all of which are text.
    pub(crate) fn form(&self) -> Map<String, Value> {
        let fields = form_urlencoded::parse(self.body()).into_owned();
        fields.map(|(name, value)| (name, Value::String(value))).collect()
    }

    /// Returns the body as a JSON object. An empty body counts as `{}`, as at real nodes.
    pub(crate) fn object(&self) -> Result<Map<String, Value>, Refusal> {
        if self.body().is_empty() {
            return Ok(Map::new());
        }
        match serde_json::from_slice(self.body()) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) => Err(Refusal::bad_request("M_BAD_JSON", "Content must be a JSON object.")),
            Err(_) => Err(Refusal::bad_request("M_NOT_JSON", "Content not JSON.")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(uri: &str) -> Request<Bytes> {
        Request::get(uri).body(Bytes::new()).unwrap()
    }

    #[test]
    fn path_segments_are_percent_decoded() {
        for (path, decoded) in [
            ("/!a%3Ab/%E2%82%AC%2f", Some(&["!a:b", "€/"][..])),
            ("/100%,%4,%zz,%", Some(&["100%,%4,%zz,%"])),
            ("/rooms/a%2Fb/invite", Some(&["rooms", "a/b", "invite"])),
            ("/%ff", None),
        ] {
            let request = get(path);
            let segments = Parsed::new(&request).map(|request| request.path);
            assert_eq!(segments, decoded.map(|path| path.iter().map(|&s| s.into()).collect()));
        }
    }

    #[test]
    fn query_decodes_plus_and_percent() {
        let request = get("/?a=b+c&d=%2B&e");
        let request = Parsed::new(&request).unwrap();
        let values = ["a", "d", "e", "f"].map(|name| request.query(name));
        assert_eq!(values, [Some("b c"), Some("+"), Some(""), None]);
    }
}
