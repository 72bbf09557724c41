//! The delivery of responses that are not a success: `ApiError::delivery`.

use std::fmt::Debug;

use sdn_proto::client::WhoAmI;
use sdn_proto::http::Response;
use sdn_proto::identity::SubmitEmailToken;
use sdn_proto::{
    ApiError, Call, CallError, Delivery, InviteBy3pid, TransportError, TransportErrorKind,
};

const OBJECT: &str = r#"{"errcode":"M_UNKNOWN","error":"no"}"#;
const PAGE: &str = "<html><h1>It is not the node's</h1></html>";

fn error_of<C: Call<Output: Debug>>(status: u16, body: &str) -> ApiError {
    let response = Response::builder().status(status).body(body).unwrap();
    C::parse_response(&response).unwrap_err()
}

#[test]
fn pages_are_judged_by_status() {
    for (statuses, expected) in [
        (&[300, 301, 302, 303, 304, 307, 308, 399][..], Delivery::Answered),
        (&[400, 401, 403, 404, 408, 413, 429, 451, 499], Delivery::Answered),
        (&[500, 502, 503, 504, 520, 599], Delivery::Unknown),
        (&[200, 201, 202, 204, 206, 299], Delivery::Unknown),
        (&[100, 103, 600, 999], Delivery::Unknown),
    ] {
        for status in statuses {
            for body in [PAGE, "", r#"{"error":"upstream timed out"}"#, "{", "\u{feff}", "[1,"] {
                if *status == 200 && body.starts_with(r#"{"error""#) {
                    continue; // A success of this call.
                }
                let error = error_of::<InviteBy3pid>(*status, body);
                assert_eq!(error.delivery(), expected, "{status} {body:?}");
            }
        }
    }
}

#[test]
fn error_object_is_answered() {
    for status in [201, 204, 302, 400, 403, 404, 429, 500, 502, 503, 504] {
        let error = error_of::<InviteBy3pid>(status, OBJECT);
        assert_eq!(error.delivery(), Delivery::Answered, "{status}");
    }
    // Not an error object: the code is missing, empty, not a string, or in an array.
    for body in ["{}", r#"{"errcode":""}"#, r#"{"errcode":7}"#, r#"[{"errcode":"M_UNKNOWN"}]"#] {
        let error = error_of::<InviteBy3pid>(503, body);
        assert_eq!(error.delivery(), Delivery::Unknown, "{body}");
    }
}

#[test]
fn malformed_successes_are_unknown() {
    for body in ["", PAGE, r#"{"user_id":"@alice"#, "{}", "[]", "null", r#"{"user_id":"alice"}"#] {
        let error = error_of::<WhoAmI>(200, body);
        assert_eq!(error.delivery(), Delivery::Unknown, "{body}");
    }
    // The server sent this error object, although the call does not expect it.
    assert_eq!(error_of::<WhoAmI>(200, OBJECT).delivery(), Delivery::Answered);
    assert_eq!(error_of::<SubmitEmailToken>(200, OBJECT).delivery(), Delivery::Answered);
    assert_eq!(error_of::<SubmitEmailToken>(200, "{}").delivery(), Delivery::Unknown);
}

#[test]
fn unsuccessful_is_answered() {
    for body in [r#"{"success":false}"#, r#"{"success":false,"errcode":"M_NO_VALID_SESSION"}"#] {
        let error = error_of::<SubmitEmailToken>(200, body);
        assert_eq!(error.delivery(), Delivery::Answered, "{body}");
    }
}

#[test]
fn call_errors_follow_their_kind() {
    for (status, expected) in [(504, Delivery::Unknown), (404, Delivery::Answered)] {
        let error = CallError::from(error_of::<InviteBy3pid>(status, PAGE));
        assert_eq!(error.delivery(), expected);
    }
    let error = TransportError::from(TransportErrorKind::Connect);
    assert_eq!(CallError::from(error).delivery(), Delivery::NotSent);
}
