//! The part of a request that is kept until its response arrives.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Request, Uri};

/// The parts of a request that may contain secrets, which an error must not show.
///
/// It costs a fifth of a copy of the request.
pub(crate) struct Sent {
    /// `None` if it contains no secret.
    uri: Option<Uri>,
    authorization: Option<HeaderValue>,
    other_headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

impl Sent {
    pub(crate) fn of(request: &Request<Bytes>) -> Self {
        let uri = request.uri();
        let has_user = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
        let uri = (has_user || uri.query().is_some()).then(|| uri.clone());
        let (mut authorization, mut other_headers) = (None, Vec::new());
        for (name, value) in request.headers() {
            if *name == AUTHORIZATION && authorization.is_none() {
                authorization = Some(value.clone());
            } else if *name != CONTENT_TYPE {
                other_headers.push((name.clone(), value.clone()));
            }
        }
        Self { uri, authorization, other_headers, body: request.body().clone() }
    }

    pub(crate) fn into_request(self) -> Request<Bytes> {
        let mut request = Request::new(self.body);
        *request.uri_mut() = self.uri.unwrap_or_default();
        let authorization = self.authorization.map(|value| (AUTHORIZATION, value));
        for (name, value) in self.other_headers.into_iter().chain(authorization) {
            request.headers_mut().append(name, value);
        }
        request
    }
}
