//! Builds requests: paths and headers.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::uri::{PathAndQuery, Uri};
use http::{HeaderMap, HeaderValue, Method, Request};

use crate::base_url::BaseUrl;
use crate::dialect::Dialect;
use crate::path;

/// Returns the header value of a checked token, marked sensitive.
pub(crate) fn bearer(token: &str) -> HeaderValue {
    let mut value = HeaderValue::from_maybe_shared(Bytes::from(format!("Bearer {token}")))
        .expect("a checked token is a valid header value");
    value.set_sensitive(true);
    value
}

/// The server that a request goes to.
#[derive(Debug)]
pub struct Target<'a> {
    pub(crate) base: &'a BaseUrl,
    pub(crate) dialect: Dialect,
    /// The caller's token, for calls that need one.
    pub(crate) bearer: Option<&'a HeaderValue>,
}

/// The sealed supertrait of servers, so that no other crate can implement
/// [`Server`](crate::Server).
pub trait Addressed {
    fn target(&self) -> Target<'_>;
}

impl Target<'_> {
    /// Builds a request; the path is a template, whose literals are around `args`.
    pub(crate) fn request(
        &self,
        method: Method,
        literals: &[&str],
        args: &[&str],
        body: Bytes,
    ) -> Request<Bytes> {
        // The capacity includes the transport's `host` and `content-length`, because growing the
        // map is expensive.
        let mut headers = HeaderMap::with_capacity(4);
        if let Some(bearer) = self.bearer {
            headers.insert(AUTHORIZATION, bearer.clone());
        }
        if !body.is_empty() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = self.uri(literals, args);
        *request.headers_mut() = headers;
        request
    }

    fn uri(&self, literals: &[&str], args: &[&str]) -> Uri {
        let base = self.base.path();
        let path = path::fill(base, literals, args).and_then(valid).unwrap_or_else(|| {
            let nothing = Bytes::from(format!("{base}%7B%7D"));
            PathAndQuery::from_maybe_shared(nothing).expect("a checked base path is valid")
        });
        self.base.uri(path)
    }
}

/// Returns the path, unless it is too long or its template is not valid in a URL.
fn valid(path: Vec<u8>) -> Option<PathAndQuery> {
    let length = path.len();
    let path = PathAndQuery::from_maybe_shared(Bytes::from(path)).ok()?;
    // Parsing removes a fragment.
    (path.as_str().len() == length).then_some(path)
}
