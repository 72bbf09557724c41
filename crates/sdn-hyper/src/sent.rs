//! The part of a request that is kept until its response arrives.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Request, Uri};

/// The parts of a request that may contain secrets, which an error must not show.
///
/// It costs a fifth of a copy of the request.
pub(crate) struct Sent {
    /// `None` if it contains no secret.
    uri: Option<Uri>,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

impl Sent {
    pub(crate) fn of(request: &Request<Bytes>) -> Self {
        let uri = request.uri();
        let has_user = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
        let uri = (has_user || uri.query().is_some()).then(|| uri.clone());
        let headers = request.headers().iter().filter(|(name, _)| *name != CONTENT_TYPE);
        let headers = headers.map(|(name, value)| (name.clone(), value.clone())).collect();
        Self { uri, headers, body: request.body().clone() }
    }

    pub(crate) fn into_request(self) -> Request<Bytes> {
        let mut request = Request::new(self.body);
        *request.uri_mut() = self.uri.unwrap_or_default();
        request.headers_mut().extend(self.headers);
        request
    }
}
