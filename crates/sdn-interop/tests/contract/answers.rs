//! Complete responses: their requests and their results.

use sdn_proto::{ApiErrorKind, Call, Delivery, ErrorCode, InviteBy3pid, TransportErrorKind};
use sdn_testkit::script::{response, serve_always, serve_once};

use super::{
    ACCESS_TOKEN, ID_ACCESS_TOKEN, api_error, assert_delivery, transport_error, try_to_invite,
};
use crate::{Client, NAME};

const LIMIT: usize = InviteBy3pid::MAX_RESPONSE_BYTES;

#[test]
fn success_has_exactly_the_calls_headers() {
    let server = serve_always(response("200 OK", "{}"));
    try_to_invite(&Client::new(), &server.base_url()).unwrap();

    let request = server.requests().remove(0);
    let path = "/_api/client/v3/rooms/!room%3Anode.example/invite";
    assert_eq!((&*request.method, &*request.path), ("POST", path));
    let body = format!(
        r#"{{"address":"alice@example.com","id_access_token":"{ID_ACCESS_TOKEN}","id_server":"id.example","medium":"email"}}"#
    );
    assert_eq!(request.body, body);
    let user_agent = format!("{NAME}{}", env!("CARGO_PKG_VERSION"));
    let expected = [
        ("authorization", format!("Bearer {ACCESS_TOKEN}")),
        ("content-length", body.len().to_string()),
        ("content-type", "application/json".to_owned()),
        ("host", server.base_url().replace("http://", "")),
        ("user-agent", user_agent),
    ];
    let mut headers = request.headers;
    headers.sort();
    assert_eq!(headers, expected.map(|(name, value)| (name.to_owned(), value)));
}

#[test]
fn server_error_keeps_its_parts() {
    let server = serve_always(response(
        "403 Forbidden",
        r#"{"errcode":"M_FORBIDDEN","error":"You are not in the room"}"#,
    ));
    let error = api_error(&Client::new(), &server.base_url());
    assert_eq!(error.kind(), ApiErrorKind::Refused);
    assert_eq!(error.code(), Some(&ErrorCode::Forbidden));
}

#[test]
fn response_without_body_is_unexpected() {
    let server = serve_always("HTTP/1.1 204 No Content\r\n\r\n");
    let error = api_error(&Client::new(), &server.base_url());
    assert_eq!((error.kind(), error.status().as_u16()), (ApiErrorKind::UnexpectedStatus, 204));
    let server = serve_always(response("200 OK", ""));
    assert_eq!(api_error(&Client::new(), &server.base_url()).kind(), ApiErrorKind::Malformed);
}

#[test]
fn page_delivery_depends_on_status() {
    for (status, body, expected) in [
        ("200 OK", "<html>", Delivery::Unknown),
        ("204 No Content", "", Delivery::Unknown),
        ("502 Bad Gateway", "<html>", Delivery::Unknown),
        ("503 Service Unavailable", "", Delivery::Unknown),
        ("504 Gateway Timeout", "<html>", Delivery::Unknown),
        ("502 Bad Gateway", r#"{"errcode":"M_UNKNOWN","error":"no"}"#, Delivery::Answered),
        ("307 Temporary Redirect", "", Delivery::Answered),
        ("404 Not Found", "<html>", Delivery::Answered),
    ] {
        let server = serve_always(response(status, body));
        let error = try_to_invite(&Client::new(), &server.base_url()).unwrap_err();
        assert_eq!(error.delivery(), expected, "{status} {body}");
    }
}

#[test]
fn too_long_body_is_an_error() {
    let body = format!("{{}}{}", " ".repeat(LIMIT - 1));
    let with_length = response("200 OK", &body);
    let until_close = format!("HTTP/1.1 200 OK\r\n\r\n{body}");
    let chunked = format!(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
        body.len()
    );
    for bytes in [with_length, until_close, chunked] {
        let server = serve_once(bytes);
        let error = transport_error(&Client::new(), &server.base_url());
        assert_eq!(error.kind(), TransportErrorKind::BodyTooLarge { limit: LIMIT }, "{error:?}");
        assert_delivery(&error, Delivery::Unknown);
        assert!(error.to_string().contains("65536"), "{error}");
    }
}

#[test]
fn cookies_are_not_kept() {
    let server =
        serve_always("HTTP/1.1 200 OK\r\nset-cookie: a=b; Path=/\r\ncontent-length: 2\r\n\r\n{}");
    let client = Client::new();
    try_to_invite(&client, &server.base_url()).unwrap();
    try_to_invite(&client, &server.base_url()).unwrap();
    assert_eq!(server.requests()[1].header("cookie"), None);
}
