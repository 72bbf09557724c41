//! Reads the conformance data, and shows results in its words. `conformance/README.md` describes
//! the files.

use std::fs;
use std::time::UNIX_EPOCH;

use sdn_proto::http::Response;
use sdn_proto::{ApiError, ApiErrorKind, RetryAfter};
use serde_json::{Value, json};

/// Returns the cases under `list` of the file about `subject`.
pub(crate) fn cases(subject: &str, list: &str) -> Vec<Value> {
    let path = format!("{}/tests/conformance/{subject}.json", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let file: Value = serde_json::from_slice(&text).unwrap();
    assert_eq!(file["subject"], subject);
    let cases = file[list].as_array().unwrap_or_else(|| panic!("no {list} in {path}")).clone();
    assert!(!cases.is_empty());
    cases
}

pub(crate) fn text<'a>(case: &'a Value, key: &str) -> &'a str {
    case[key].as_str().unwrap_or_else(|| panic!("no {key} in {case}"))
}

fn body(case: &Value) -> Vec<u8> {
    if case.get("body_hex").is_some() {
        let hex = text(case, "body_hex");
        let digit = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        return (0..hex.len()).step_by(2).map(digit).collect();
    }
    let times = case.get("body_repeat").map_or(1, |times| times.as_u64().unwrap());
    text(case, "body").repeat(times.try_into().unwrap()).into_bytes()
}

pub(crate) fn response(case: &Value) -> Response<Vec<u8>> {
    let status = u16::try_from(case["status"].as_u64().unwrap()).unwrap();
    let mut builder = Response::builder().status(status);
    for header in case["headers"].as_array().unwrap() {
        builder = builder.header(header[0].as_str().unwrap(), header[1].as_str().unwrap());
    }
    builder.body(body(case)).unwrap()
}

/// Shows an error's facts about its response, after checks that hold for every error.
pub(crate) fn show_error(error: &ApiError, response: &Response<Vec<u8>>) -> Value {
    assert_eq!(error.status(), response.status());
    assert!(response.body().starts_with(error.body()));
    let is_page = matches!(error.kind(), ApiErrorKind::UnexpectedStatus | ApiErrorKind::Malformed);
    assert_eq!(error.body().len(), response.body().len().min(if is_page { 512 } else { 4096 }));
    for shown in [error.to_string(), format!("{error:?}")] {
        assert!(!shown.chars().any(char::is_control), "{shown:?}");
        assert!(shown.len() < 8192, "{} bytes", shown.len());
    }
    assert!(std::error::Error::source(error).is_none());
    let location = response.headers().get("location").filter(|_| error.status().is_redirection());
    assert_eq!(error.location(), location.map(|location| location.to_str().unwrap()));

    let (delay_ms, date) = match error.retry_after() {
        Some(RetryAfter::Delay(delay)) => (Some(delay.as_millis()), None),
        Some(RetryAfter::At(time)) => {
            assert!(time > UNIX_EPOCH);
            (None, Some(httpdate::fmt_http_date(time)))
        }
        None => (None, None),
    };
    json!({
        "kind": kind(error),
        "code": error.code().map(|code| code.as_str()),
        "message": error.message(),
        "retry_after_ms": delay_ms,
        "retry_after_at": date,
    })
}

fn kind(error: &ApiError) -> &'static str {
    match error.kind() {
        ApiErrorKind::Refused => "refused",
        ApiErrorKind::UnexpectedStatus => "unexpected_status",
        ApiErrorKind::Unsuccessful => "unsuccessful",
        ApiErrorKind::Malformed => "malformed",
        _ => "unknown to this test",
    }
}
