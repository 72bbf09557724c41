//! Requests and responses as plain parts.
#![cfg(feature = "proptest")]

use bytes::Bytes;
use http::{Request, Response};
use proptest::prelude::*;
use sdn_proto::generate::strategy;
use sdn_proto::plain::{PlainRequest, PlainResponse};
use sdn_proto::{Call, InviteBy3pid, Session};

proptest! {
    /// Checks that `http` builds the same request from the plain parts.
    #[test]
    fn plain_request_becomes_the_same_request(session in strategy::<Session>(), invite in strategy::<InviteBy3pid>()) {
        let request = invite.to_request(&session);
        let plain = PlainRequest::from(request.clone());
        prop_assert!(plain.headers.iter().all(|(name, _)| *name == name.to_lowercase()));
        let again = Request::<Bytes>::try_from(plain).unwrap();
        prop_assert_eq!(again.method(), request.method());
        prop_assert_eq!(again.uri().to_string(), request.uri().to_string());
        prop_assert_eq!(again.headers(), request.headers());
        prop_assert_eq!(format!("{:?}", again.headers()), format!("{:?}", request.headers()));
        prop_assert_eq!(again.body(), request.body());
    }

    /// Checks that no response of a host leads to a panic.
    #[test]
    fn any_response_is_converted_or_refused(
        status in any::<u16>(),
        headers in proptest::collection::vec((any::<String>(), any::<String>()), 0..8),
        body in any::<Vec<u8>>(),
    ) {
        let plain = PlainResponse { status, headers: headers.clone(), body: body.clone().into() };
        match Response::<Bytes>::try_from(plain) {
            Ok(response) => {
                let again = PlainResponse::from(response.clone());
                let again = Response::<Bytes>::try_from(again).unwrap();
                prop_assert_eq!(again.headers(), response.headers());
                prop_assert_eq!(response.status().as_u16(), status);
                prop_assert!(response.headers().len() <= headers.len());
                prop_assert_eq!(response.body(), &body);
            }
            Err(_) => prop_assert!(!(100..1000).contains(&status)),
        }
    }
}

#[test]
fn headers_ignore_case_and_skip_invalid() {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let plain = PlainResponse {
        status: 429,
        headers: vec![
            pair("Retry-After", " 7\r\n"),
            pair("Via", "1.1 a"),
            pair("VIA", "1.1 ü"),
            pair("no name", "x"),
            pair("", "x"),
            pair("split", "a\r\nb: c"),
        ],
        body: Bytes::new(),
    };
    let response = Response::<Bytes>::try_from(plain).unwrap();
    assert_eq!(response.headers()["retry-after"], "7");
    let via: Vec<_> = response.headers().get_all("via").iter().map(|it| it.as_bytes()).collect();
    assert_eq!(via, [b"1.1 a", "1.1 ü".as_bytes()]);
    assert_eq!(response.headers().len(), 3);
    let error = InviteBy3pid::parse_response(&response).unwrap_err();
    assert!(error.retry_after().is_some());
}

#[test]
fn invalid_plain_request_is_refused() {
    let plain = PlainRequest {
        method: "POST".to_owned(),
        url: "https://node.example/".to_owned(),
        headers: vec![("a".to_owned(), "b".to_owned())],
        body: Bytes::new(),
    };
    assert!(Request::<Bytes>::try_from(plain.clone()).is_ok());
    let pair = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
    for wrong in [
        PlainRequest { method: "PO ST".to_owned(), ..plain.clone() },
        PlainRequest { url: "https://no de.example/".to_owned(), ..plain.clone() },
        PlainRequest { headers: pair("a b", "c"), ..plain.clone() },
        PlainRequest { headers: pair("a", "b\r\nc: d"), ..plain },
    ] {
        assert!(Request::<Bytes>::try_from(wrong).is_err());
    }
}

#[test]
fn plain_parts_print_no_secret() {
    let request = Request::post("https://node.example/?access_token=planted")
        .header("authorization", "Bearer planted")
        .body(Bytes::from("planted"))
        .unwrap();
    let response = PlainResponse {
        status: 200,
        headers: vec![("set-cookie".to_owned(), "planted".to_owned())],
        body: Bytes::from("planted"),
    };
    assert_eq!(
        format!("{:?}", PlainRequest::from(request)),
        "PlainRequest { method: \"POST\", .. }"
    );
    assert_eq!(format!("{response:?}"), "PlainResponse { status: 200, .. }");
}
