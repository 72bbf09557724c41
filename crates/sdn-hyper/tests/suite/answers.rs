//! Complete answers: what was sent for them, and what is made of them.

use sdn_proto::{ApiError, ApiErrorKind, Call, Delivery, ErrorCode, InviteBy3pid};

use super::server::{answer, serve, serve_answer};
use super::{
    ACCESS_TOKEN, ID_ACCESS_TOKEN, api_error, assert_delivery, transport_error, try_to_invite,
};
use crate::{Client, Error, NAME};

const LIMIT: usize = InviteBy3pid::MAX_RESPONSE_BYTES;

#[test]
fn a_success_and_exactly_the_headers_of_the_call() {
    let server = serve_answer(answer("200 OK", "{}"));
    try_to_invite(&Client::new(), &server.base_url()).unwrap();

    let request = server.requests().remove(0);
    assert_eq!(request.line, "POST /_api/client/v3/rooms/!room%3Anode.example/invite HTTP/1.1");
    let body = format!(
        r#"{{"address":"alice@example.com","id_access_token":"{ID_ACCESS_TOKEN}","id_server":"id.example","medium":"email"}}"#
    );
    assert_eq!(request.body, body);
    let user_agent = format!("{NAME}{}", env!("CARGO_PKG_VERSION"));
    let expected = [
        ("authorization", format!("Bearer {ACCESS_TOKEN}")),
        ("content-length", body.len().to_string()),
        ("content-type", "application/json".to_owned()),
        ("host", server.address().to_string()),
        ("user-agent", user_agent),
    ];
    assert_eq!(request.headers, expected.map(|(name, value)| (name.to_owned(), value)));
}

#[test]
fn an_error_of_the_server() {
    let server = serve_answer(answer(
        "403 Forbidden",
        r#"{"errcode":"M_FORBIDDEN","error":"You are not in the room"}"#,
    ));
    let error = api_error(&Client::new(), &server.base_url());
    assert_eq!(error.kind(), ApiErrorKind::Refused);
    assert_eq!(error.code(), Some(&ErrorCode::Forbidden));
}

#[test]
fn informational_answers_are_passed_over() {
    let early = "HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\n\r\n";
    let server = serve_answer(format!("{early}{}", answer("200 OK", "{}")));
    try_to_invite(&Client::new(), &server.base_url()).unwrap();
}

#[test]
fn chunks_and_the_end_of_the_connection_end_a_body() {
    let chunked =
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n";
    try_to_invite(&Client::new(), &serve_answer(chunked).base_url()).unwrap();
    let closed = serve(|connection| {
        connection.answer(b"HTTP/1.1 200 OK\r\n\r\n{}");
    });
    try_to_invite(&Client::new(), &closed.base_url()).unwrap();
}

#[test]
fn an_answer_without_a_body() {
    let server = serve_answer("HTTP/1.1 204 No Content\r\n\r\n");
    let error = api_error(&Client::new(), &server.base_url());
    assert_eq!((error.kind(), error.status().as_u16()), (ApiErrorKind::UnexpectedStatus, 204));
    let server = serve_answer(answer("200 OK", ""));
    assert_eq!(api_error(&Client::new(), &server.base_url()).kind(), ApiErrorKind::Malformed);
}

#[test]
fn redirects_are_not_followed() {
    let other = serve_answer(answer("200 OK", "{}"));
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        let location = other.base_url();
        for target in [location.as_str(), "/elsewhere"] {
            let server = serve_answer(format!(
                "HTTP/1.1 {status}\r\nlocation: {target}\r\ncontent-length: 5\r\n\r\nmoved"
            ));
            let error = api_error(&Client::new(), &server.base_url());
            assert_eq!(error.kind(), ApiErrorKind::UnexpectedStatus);
            assert_eq!(error.status().as_str(), &status[..3]);
            assert_eq!(error.body(), "moved");
            assert_eq!(server.requests().len(), 1);
        }
    }
    assert_eq!(other.connections(), 0);
}

#[test]
fn a_body_of_just_the_limit() {
    let body = format!("{{}}{}", " ".repeat(LIMIT - 2));
    let server = serve_answer(answer("200 OK", &body));
    try_to_invite(&Client::new(), &server.base_url()).unwrap();
}

#[test]
fn a_body_beyond_the_limit() {
    let body = format!("{{}}{}", " ".repeat(LIMIT - 1));
    let with_length = answer("200 OK", &body);
    let until_close = format!("HTTP/1.1 200 OK\r\n\r\n{body}");
    let chunked = format!(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
        body.len()
    );
    for bytes in [with_length, until_close, chunked] {
        let server = serve(move |connection| {
            connection.answer(bytes.as_bytes());
        });
        let error = transport_error(&Client::new(), &server.base_url());
        assert!(matches!(error, Error::BodyTooLarge { limit: LIMIT }), "{error:?}");
        assert_delivery(&error, Delivery::Unknown);
        assert!(error.to_string().contains("65536"), "{error}");
    }
}

#[test]
fn an_endless_body_is_cut_while_it_is_read() {
    for (status, is_success) in [("200 OK", true), ("502 Bad Gateway", false)] {
        let (sent, written) = std::sync::mpsc::channel();
        let server = serve(move |connection| {
            let head = format!("HTTP/1.1 {status}\r\ncontent-length: 1073741824\r\n\r\n");
            assert!(connection.answer(head.as_bytes()));
            let piece = [b' '; 64 * 1024];
            let pieces = (0..16 * 1024).take_while(|_| connection.write(piece).is_ok()).count();
            sent.send(pieces * piece.len()).unwrap();
        });
        if is_success {
            let error = transport_error(&Client::new(), &server.base_url());
            assert!(matches!(error, Error::BodyTooLarge { .. }), "{error:?}");
        } else {
            let error = api_error(&Client::new(), &server.base_url());
            assert_eq!(error.status().as_u16(), 502);
            assert_eq!(error.body().len(), ApiError::MAX_BODY_BYTES);
        }
        // What is on its way fits into the buffers of two sockets.
        let written = written.recv_timeout(std::time::Duration::from_secs(10)).unwrap();
        assert!(written < 64 * 1024 * 1024, "{written} bytes");
    }
}

#[test]
fn cookies_are_not_kept() {
    let server =
        serve_answer("HTTP/1.1 200 OK\r\nset-cookie: a=b; Path=/\r\ncontent-length: 2\r\n\r\n{}");
    let client = Client::new();
    try_to_invite(&client, &server.base_url()).unwrap();
    try_to_invite(&client, &server.base_url()).unwrap();
    assert_eq!(server.requests()[1].header("cookie"), None);
}
