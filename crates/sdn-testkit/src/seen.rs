//! The requests that a world or a scripted server received.

use std::fmt;

use bytes::Bytes;
use http::Request;

/// A request as it arrived.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SeenRequest {
    /// The method, such as `POST`.
    pub method: String,
    /// The path and query, still percent-encoded.
    pub path: String,
    /// The headers in their order, with names in lower case. Bytes that are not UTF-8 are replaced.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

impl SeenRequest {
    pub(crate) fn new(request: &Request<Bytes>) -> Self {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let text =
            |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        SeenRequest {
            method: request.method().to_string(),
            path: path.to_owned(),
            headers: request
                .headers()
                .iter()
                .map(|(name, value)| (name.to_string(), text(value)))
                .collect(),
            body: request.body().clone(),
        }
    }

    /// Returns the first header of this name, which must be in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Omits the headers' values and the body, because they contain tokens.
impl fmt::Debug for SeenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("SeenRequest")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("headers", &names)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}
