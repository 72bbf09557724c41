//! Recorded responses of real servers, parsed as responses to an invitation: see `data/README.md`.

use std::fs;
use std::time::Duration;

use sdn_proto::http::Response;
use sdn_proto::{ApiErrorKind, Call, InviteBy3pid, RetryAfter};
use serde_json::{Value, json};

fn response(exchange: &Value) -> Response<String> {
    let status = u16::try_from(exchange["status"].as_u64().unwrap()).unwrap();
    let mut builder = Response::builder().status(status);
    for header in exchange["headers"].as_array().unwrap() {
        builder = builder.header(header[0].as_str().unwrap(), header[1].as_str().unwrap());
    }
    builder.body(exchange["body"].as_str().unwrap_or_default().to_owned()).unwrap()
}

/// Returns the parsed response in the words of the recorded expectation.
fn found(response: &Response<String>) -> Value {
    let status = response.status().as_u16();
    let Err(error) = InviteBy3pid::parse_response(response) else {
        return json!({"status": status, "kind": "ok", "code": null, "message": null, "retry_after_ms": null});
    };
    assert_eq!(error.status(), response.status());
    let kind = match error.kind() {
        ApiErrorKind::Refused => "refused",
        ApiErrorKind::UnexpectedStatus => "unexpected_status",
        ApiErrorKind::Malformed => "malformed",
        _ => "unknown to this test",
    };
    let delay = error.retry_after().map(|after| match after {
        RetryAfter::Delay(delay) => delay,
        RetryAfter::At(_) => Duration::MAX,
    });
    json!({
        "status": status,
        "kind": kind,
        "code": error.code().map(|code| code.as_str()),
        "message": error.message(),
        "retry_after_ms": delay.map(|delay| delay.as_millis()),
    })
}

#[test]
fn recorded_responses_are_parsed_as_expected() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/recorded.jsonl");
    let lines = fs::read_to_string(path).unwrap();
    let mut count = 0;
    for line in lines.lines() {
        let exchange: Value = serde_json::from_str(line).unwrap();
        assert_eq!(found(&response(&exchange)), exchange["expect"], "{}", exchange["case"]);
        count += 1;
    }
    assert_eq!(count, 171);
}
