//! The status of an invitation, from every kind of result.

use sdn_proto::http::Response;
use sdn_proto::{
    ApiError, Call, CallError, Delivery, InviteStatus, InviteUser, TransportError,
    TransportErrorKind,
};

const ALL: [(InviteStatus, &str); 4] = [
    (InviteStatus::Invited, "invited"),
    (InviteStatus::Refused, "refused"),
    (InviteStatus::NotSent, "not_sent"),
    (InviteStatus::Unknown, "unknown"),
];

fn error(status: u16, body: &str) -> ApiError {
    let response = Response::builder().status(status).body(body.to_owned()).unwrap();
    InviteUser::parse_response(&response).unwrap_err()
}

#[test]
fn status_is_its_word_everywhere() {
    for (status, word) in ALL {
        assert_eq!((status.as_str(), status.to_string().as_str()), (word, word));
        let json = serde_json::to_string(&status).unwrap();
        assert_eq!(json, format!("{word:?}"));
        assert_eq!(serde_json::from_str::<InviteStatus>(&json).unwrap(), status);
    }
    assert!(serde_json::from_str::<InviteStatus>(r#""sent""#).is_err());
}

#[test]
fn status_follows_the_result() {
    let of = |result: Result<(), CallError>| InviteStatus::of(&result);
    assert_eq!(of(Ok(())), InviteStatus::Invited);
    for (status, body, expected) in [
        (403, r#"{"errcode":"M_FORBIDDEN"}"#, InviteStatus::Refused),
        (500, r#"{"errcode":"M_UNKNOWN"}"#, InviteStatus::Refused),
        (302, "", InviteStatus::Refused),
        (401, r#"{"errcode":"M_UNKNOWN_TOKEN"}"#, InviteStatus::NotSent),
        (401, "<html>", InviteStatus::NotSent),
        (403, r#"{"errcode":"M_MISSING_TOKEN"}"#, InviteStatus::NotSent),
        (429, "<html>", InviteStatus::NotSent),
        (400, r#"{"errcode":"M_LIMIT_EXCEEDED"}"#, InviteStatus::NotSent),
        (504, "<html>", InviteStatus::Unknown),
        (200, "<html>", InviteStatus::Unknown),
    ] {
        assert_eq!(of(Err(error(status, body).into())), expected, "{status} {body}");
    }
    for (kind, expected) in [
        (TransportErrorKind::Connect, InviteStatus::NotSent),
        (TransportErrorKind::GoingAway, InviteStatus::NotSent),
        (TransportErrorKind::TotalTimeout, InviteStatus::Unknown),
        (TransportErrorKind::Other, InviteStatus::Unknown),
    ] {
        assert_eq!(of(Err(TransportError::from(kind).into())), expected, "{kind:?}");
    }
}

#[test]
fn delivery_has_status_and_word() {
    for (delivery, status, word) in [
        (Delivery::NotSent, InviteStatus::NotSent, "not_sent"),
        (Delivery::Answered, InviteStatus::Refused, "answered"),
        (Delivery::Unknown, InviteStatus::Unknown, "unknown"),
    ] {
        assert_eq!(InviteStatus::from(delivery), status);
        assert_eq!((delivery.as_str(), delivery.to_string().as_str()), (word, word));
    }
}
