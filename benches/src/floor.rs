//! The least work that makes a request of the `http` crate: path and body exist already, and are copied.

use std::hint::black_box;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::uri::{Parts, PathAndQuery};
use http::{HeaderMap, HeaderValue, Method, Request, Uri};

use crate::input::Invitation;
use crate::{Measure, ours};

pub fn invite_by_3pid(input: &Invitation, measure: Measure<'_>) {
    copy(&ours::request_by_3pid(input), measure);
}

pub fn invite_user(input: &Invitation, measure: Measure<'_>) {
    copy(&ours::request_to_user(input), measure);
}

fn copy(request: &Request<Bytes>, measure: Measure<'_>) {
    let uri = request.uri().clone().into_parts();
    let path = request.uri().path().to_owned();
    let bearer = request.headers()[AUTHORIZATION].clone();
    let mut copied = None;
    measure(&mut || {
        let path = Bytes::copy_from_slice(black_box(&path).as_bytes());
        let mut parts = Parts::default();
        parts.scheme = uri.scheme.clone();
        parts.authority = uri.authority.clone();
        parts.path_and_query = PathAndQuery::from_maybe_shared(path).ok();
        let mut headers = HeaderMap::with_capacity(4);
        headers.insert(AUTHORIZATION, bearer.clone());
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let mut request = Request::new(Bytes::copy_from_slice(black_box(request).body()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = Uri::from_parts(parts).expect("these are the parts of a URI");
        *request.headers_mut() = headers;
        copied = Some(request);
    });
    let copied = copied.expect("the work has run");
    assert_eq!((copied.uri(), copied.body()), (request.uri(), request.body()));
}
