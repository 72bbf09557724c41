//! The bytes of a request's head.

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING, USER_AGENT};
use http::{HeaderValue, Method, Request};

use crate::net::Server;

/// Returns the head of a request.
///
/// Adds `host` and `user-agent`, unless the request has them. Adds `content-length` if there is a
/// body or the method allows one.
pub(super) fn head(
    request: &Request<Bytes>,
    server: &Server,
    user_agent: &HeaderValue,
    room: usize,
) -> Vec<u8> {
    let (uri, headers, length) = (request.uri(), request.headers(), request.body().len());
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let slash = if path.starts_with('/') { "" } else { "/" };
    let mut bytes = Vec::with_capacity(512 + path.len() + room);
    let mut add = |parts: &[&[u8]]| parts.iter().for_each(|part| bytes.extend_from_slice(part));

    let method = request.method().as_str();
    add(&[method.as_bytes(), b" ", slash.as_bytes(), path.as_bytes(), b" HTTP/1.1\r\n"]);
    if !headers.contains_key(HOST) {
        let (host, port) = server.host_header();
        add(&[b"host: ", host.as_bytes()]);
        if let Some(port) = port {
            add(&[b":", port.to_string().as_bytes()]);
        }
        add(&[b"\r\n"]);
    }
    if !headers.contains_key(USER_AGENT) {
        add(&[b"user-agent: ", user_agent.as_bytes(), b"\r\n"]);
    }
    for (name, value) in headers {
        // The real length is added below.
        if *name != CONTENT_LENGTH && *name != TRANSFER_ENCODING {
            add(&[name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"]);
        }
    }
    if length > 0 || matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH) {
        add(&[b"content-length: ", length.to_string().as_bytes(), b"\r\n"]);
    }
    add(&[b"\r\n"]);
    bytes
}

#[cfg(test)]
mod tests {
    use http::request::Builder;

    use super::*;

    fn text(request: Builder, body: &'static str) -> String {
        let request = request.body(Bytes::from(body)).unwrap();
        let server = Server::of(request.uri()).unwrap();
        let bytes = head(&request, &server, &HeaderValue::from_static("mine/1"), 0);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn needed_headers_are_added() {
        assert_eq!(
            text(Request::post("http://a.example:8008/x?y=z").header("a", "b"), "{}"),
            "POST /x?y=z HTTP/1.1\r\nhost: a.example:8008\r\nuser-agent: mine/1\r\na: b\r\n\
             content-length: 2\r\n\r\n"
        );
        assert_eq!(
            text(Request::get("https://a.example?y=z"), ""),
            "GET /?y=z HTTP/1.1\r\nhost: a.example\r\nuser-agent: mine/1\r\n\r\n"
        );
    }

    #[test]
    fn body_always_has_its_length() {
        let post = Request::post("http://a").header("content-length", "9");
        let post = text(post.header("transfer-encoding", "chunked"), "");
        assert!(post.ends_with("\r\ncontent-length: 0\r\n\r\n"), "{post}");
        assert!(!post.contains('9') && !post.contains("chunked"), "{post}");
        let get = text(Request::get("http://a"), "{}");
        assert!(get.ends_with("\r\ncontent-length: 2\r\n\r\n"), "{get}");
    }

    #[test]
    fn callers_host_and_user_agent_stay() {
        let request = Request::get("http://a").header("host", "b").header("user-agent", "c");
        assert_eq!(text(request, ""), "GET / HTTP/1.1\r\nhost: b\r\nuser-agent: c\r\n\r\n");
    }
}
