//! The delivery and the text of each kind of transport error.

use std::error::Error;
use std::io;

use sdn_proto::{Delivery, TransportError, TransportErrorKind as Kind};

const KINDS: [(Kind, Delivery, &str); 11] = [
    (Kind::Connect, Delivery::NotSent, "cannot connect to the server"),
    (Kind::Tls, Delivery::NotSent, "cannot open a secure connection to the server"),
    (Kind::ConnectTimeout, Delivery::NotSent, "connect timeout: no connection in time"),
    (Kind::NoSlot, Delivery::NotSent, "total timeout: no free connection in time"),
    (Kind::RateLimited, Delivery::NotSent, "rate limited, and the wait would exceed the budget"),
    (
        Kind::GoingAway,
        Delivery::NotSent,
        "the server closed the connection before it read the request",
    ),
    (Kind::TotalTimeout, Delivery::Unknown, "total timeout: no complete response in time"),
    (
        Kind::ConnectionLost,
        Delivery::Unknown,
        "the connection ended before the response was complete",
    ),
    (Kind::Protocol, Delivery::Unknown, "the response is not HTTP"),
    (
        Kind::BodyTooLarge { limit: 7 },
        Delivery::Unknown,
        "the response's body exceeds this call's 7 bytes",
    ),
    (Kind::Other, Delivery::Unknown, "the HTTP client failed"),
];

#[test]
fn kind_decides_delivery_and_text() {
    for (kind, delivery, text) in KINDS {
        let error = TransportError::from(kind);
        assert_eq!((error.kind(), error.delivery()), (kind, delivery));
        assert_eq!(error.to_string(), text);
        assert!(error.source().is_none());
    }
}

#[test]
fn cause_is_kept_and_not_repeated() {
    for (kind, _, text) in KINDS {
        let error = TransportError::new(kind, io::Error::other("cable")).clone();
        assert_eq!(error.to_string(), text);
        assert_eq!(error.source().unwrap().to_string(), "cable");
    }
}

#[test]
fn certificate_problem_says_what_to_do() {
    let tls = |cause: &str| TransportError::new(Kind::Tls, cause.to_owned());
    for (cause, advice) in [
        ("invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))", "CA:TRUE"),
        ("invalid peer certificate: Other(OtherError(UnsupportedCertVersion))", "version 3"),
        ("invalid peer certificate: UnknownIssuer", "trust the authority's certificate"),
    ] {
        let shown = tls(cause).to_string();
        assert!(shown.starts_with("cannot open a secure connection to the server: "), "{shown}");
        assert!(shown.contains(advice) && !shown.contains(cause), "{shown}");
        // Also behind other causes.
        let outer = TransportError::new(Kind::Tls, tls(cause));
        assert!(outer.to_string().contains(advice), "{outer}");
        let other = TransportError::new(Kind::Connect, cause.to_owned());
        assert_eq!(other.to_string(), "cannot connect to the server");
    }
    let expired = tls("invalid peer certificate: certificate expired");
    assert_eq!(expired.to_string(), "cannot open a secure connection to the server");
}
