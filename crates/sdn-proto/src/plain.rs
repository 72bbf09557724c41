//! Requests and responses as plain parts, for hosts that have no `http` crate.
//!
//! A script's runtime, a foreign function or a queue between two processes has its own type for
//! requests. The two types here consist of text and bytes, which all of them support.
//!
//! ```
//! use sdn_proto::bytes::Bytes;
//! use sdn_proto::http::Response;
//! use sdn_proto::plain::{PlainRequest, PlainResponse};
//! use sdn_proto::{AccessToken, Call, InviteUser, Node, RoomId, UserId};
//!
//! # fn host_fetch(method: &str, url: &str, headers: &[(String, String)], body: &[u8]) -> (u16, Vec<(String, String)>, Vec<u8>) {
//! #     assert_eq!((method, url), ("POST", "https://node.example/_api/client/v3/rooms/!a%3Anode.example/invite"));
//! #     assert!(headers.contains(&("authorization".to_owned(), "Bearer syt_secret".to_owned())));
//! #     assert_eq!(body, br#"{"user_id":"@bob:node.example"}"#);
//! #     (200, Vec::new(), b"{}".to_vec())
//! # }
//! let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
//! let invite = InviteUser::new(RoomId::new("!a:node.example")?, UserId::new("@bob:node.example")?);
//!
//! let request = PlainRequest::from(invite.to_request(&session));
//! let (status, headers, body) = host_fetch(&request.method, &request.url, &request.headers, &request.body);
//! let response = PlainResponse { status, headers, body: body.into() };
//!
//! InviteUser::parse_response(&Response::<Bytes>::try_from(response)?)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! If the conversion of a response fails, the outcome of the request is
//! [`Delivery::Unknown`](crate::Delivery::Unknown). A host in Rust can convert the other way: a
//! plain request into one of `http`, and its response into a plain one.

use std::fmt;

use bytes::Bytes;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use http::status::InvalidStatusCode;
use http::{HeaderMap, Request, Response, StatusCode};

/// A request in plain parts. `Debug` prints only its method, because the other parts may contain
/// secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct PlainRequest {
    /// The method, such as `POST`.
    pub method: String,
    /// The absolute URL. Do not decode its percent-encoded bytes.
    pub url: String,
    /// The names, in lower case, and values of the headers, without `host` and `content-length`.
    pub headers: Vec<(String, String)>,
    /// The body, which may be empty.
    pub body: Bytes,
}

/// A response in plain parts. `Debug` prints only its status, because the other parts may contain
/// secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct PlainResponse {
    /// The status code.
    pub status: u16,
    /// The names and values of the headers, in any order and case.
    pub headers: Vec<(String, String)>,
    /// The body, with all transfer and content codings decoded.
    pub body: Bytes,
}

impl From<Request<Bytes>> for PlainRequest {
    fn from(request: Request<Bytes>) -> Self {
        let (head, body) = request.into_parts();
        Self {
            method: head.method.to_string(),
            url: head.uri.to_string(),
            headers: pairs(&head.headers),
            body,
        }
    }
}

/// Fails if HTTP does not allow the method, the URL or a header. Marks `authorization` as
/// sensitive.
impl TryFrom<PlainRequest> for Request<Bytes> {
    type Error = http::Error;

    fn try_from(plain: PlainRequest) -> Result<Self, Self::Error> {
        let mut request = Request::builder().method(&*plain.method).uri(plain.url);
        for (name, value) in plain.headers {
            request = request.header(name, value);
        }
        let mut request = request.body(plain.body)?;
        if let Some(bearer) = request.headers_mut().get_mut(AUTHORIZATION) {
            bearer.set_sensitive(true);
        }
        Ok(request)
    }
}

impl From<Response<Bytes>> for PlainResponse {
    fn from(response: Response<Bytes>) -> Self {
        let (head, body) = response.into_parts();
        Self { status: head.status.as_u16(), headers: pairs(&head.headers), body }
    }
}

/// Fails if the status is not from 100 to 999. Drops white space around a header's value, and skips
/// a header that HTTP does not allow.
impl TryFrom<PlainResponse> for Response<Bytes> {
    type Error = InvalidStatusCode;

    fn try_from(plain: PlainResponse) -> Result<Self, Self::Error> {
        let mut response = Self::new(plain.body);
        *response.status_mut() = StatusCode::from_u16(plain.status)?;
        for (name, value) in &plain.headers {
            let name = HeaderName::from_bytes(name.as_bytes());
            let value = HeaderValue::from_bytes(value.as_bytes().trim_ascii());
            if let (Ok(name), Ok(value)) = (name, value) {
                response.headers_mut().append(name, value);
            }
        }
        Ok(response)
    }
}

fn pairs(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect()
}

impl fmt::Debug for PlainRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlainRequest").field("method", &self.method).finish_non_exhaustive()
    }
}

impl fmt::Debug for PlainResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlainResponse").field("status", &self.status).finish_non_exhaustive()
    }
}
