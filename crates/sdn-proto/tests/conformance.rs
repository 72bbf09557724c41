//! The conformance data, over no transport at all. `conformance/README.md` says what the files mean.

use std::fs;
use std::time::UNIX_EPOCH;

use sdn_proto::error::InvalidInput;
use sdn_proto::http::Response;
use sdn_proto::{
    AccessToken, ApiError, ApiErrorKind, Dialect, IdAccessToken, InviteBy3pid, InviteUser, Node,
    RetryAfter, RoomId, ServerName, Session, ThirdPartyId, UserId,
};
use serde_json::{Value, json};

fn cases(subject: &str) -> Vec<Value> {
    let path = format!("{}/tests/conformance/{subject}.json", env!("CARGO_MANIFEST_DIR"));
    let file: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let cases = file["cases"].as_array().unwrap().clone();
    assert!(!cases.is_empty());
    cases
}

fn text<'a>(case: &'a Value, key: &str) -> &'a str {
    case[key].as_str().unwrap_or_else(|| panic!("no {key} in {case}"))
}

fn check_values(subject: &str, parse: impl Fn(&str) -> Result<String, InvalidInput>) {
    for case in cases(subject) {
        let input = text(&case, "input");
        match parse(input) {
            Ok(value) => assert_eq!(case["value"], value, "{subject}: {case}"),
            Err(error) => {
                assert_eq!(case["error"], error.rule().name(), "{subject}: {case}");
                let shown = error.to_string();
                assert!(shown.starts_with(error.field()) && shown.contains(": "), "{shown}");
                assert!(input.len() < 4 || !shown.contains(input), "{shown} echoes its value");
            }
        }
    }
}

#[test]
fn values() {
    check_values("room_id", |text| RoomId::new(text).map(|id| id.to_string()));
    check_values("user_id", |text| UserId::new(text).map(|id| id.to_string()));
    check_values("server_name", |text| ServerName::new(text).map(|name| name.to_string()));
    check_values("email", |text| ThirdPartyId::email(text).map(|id| id.to_string()));
    check_values("msisdn", |text| ThirdPartyId::msisdn(text).map(|id| id.to_string()));
    check_values("node_url", |text| Node::new(text).map(|node| node.to_string()));
    check_values("token", |text| AccessToken::new(text).map(|token| token.expose().to_owned()));
    check_values("token", |text| IdAccessToken::new(text).map(|token| token.expose().to_owned()));
}

#[test]
fn only_plain_http_is_what_the_insecure_constructor_takes_more() {
    for case in cases("node_url") {
        let (strict, insecure) =
            (Node::new(text(&case, "input")), Node::new_insecure(text(&case, "input")));
        match strict {
            Err(error) if error.rule().name() == "insecure_http" => {
                assert!(insecure.is_ok(), "{case}");
            }
            _ => assert_eq!(strict, insecure, "{case}"),
        }
    }
}

fn session(case: &Value) -> Result<Session, InvalidInput> {
    let dialect: Dialect = text(case, "dialect").parse()?;
    let node = Node::new(text(case, "node"))?.with_dialect(dialect);
    Ok(node.session(AccessToken::new(text(case, "access_token"))?))
}

fn check_requests(
    subject: &str,
    build: impl Fn(&Value) -> Result<http::Request<bytes::Bytes>, InvalidInput>,
) {
    for case in cases(subject) {
        match build(&case) {
            Ok(request) => {
                let headers: Vec<Value> = request
                    .headers()
                    .iter()
                    .map(|(name, value)| json!([name.as_str(), value.to_str().unwrap()]))
                    .collect();
                let found = json!({
                    "method": request.method().as_str(),
                    "uri": request.uri().to_string(),
                    "headers": headers,
                    "body": std::str::from_utf8(request.body()).unwrap(),
                });
                assert_eq!(found, case["request"], "{subject}: {}", case["name"]);
                assert!(request.headers()["authorization"].is_sensitive());
            }
            Err(error) => {
                let found = json!({"field": error.field(), "rule": error.rule().name()});
                assert_eq!(found, case["error"], "{subject}: {}", case["name"]);
            }
        }
    }
}

#[test]
fn requests() {
    check_requests("invite_by_3pid", |case| {
        let invite = InviteBy3pid::from_parts(
            text(case, "room_id"),
            text(case, "address"),
            text(case, "id_access_token"),
            text(case, "id_server"),
            text(case, "medium"),
        )?;
        Ok(invite.to_request(&session(case)?))
    });
    check_requests("invite_user", |case| {
        let (room_id, user_id) =
            (RoomId::new(text(case, "room_id"))?, UserId::new(text(case, "user_id"))?);
        let mut invite = InviteUser::new(room_id, user_id);
        if case.get("reason").is_some() {
            invite = invite.with_reason(text(case, "reason"));
        }
        Ok(invite.to_request(&session(case)?))
    });
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

fn response(case: &Value) -> Response<Vec<u8>> {
    let status = u16::try_from(case["status"].as_u64().unwrap()).unwrap();
    let mut builder = Response::builder().status(status);
    for header in case["headers"].as_array().unwrap() {
        builder = builder.header(header[0].as_str().unwrap(), header[1].as_str().unwrap());
    }
    builder.body(body(case)).unwrap()
}

fn kind(error: &ApiError) -> &'static str {
    match error.kind() {
        ApiErrorKind::Refused => "refused",
        ApiErrorKind::UnexpectedStatus => "unexpected_status",
        ApiErrorKind::Malformed => "malformed",
        _ => "unknown to this test",
    }
}

fn delay_ms(error: &ApiError) -> Option<u128> {
    match error.retry_after()? {
        RetryAfter::Delay(delay) => Some(delay.as_millis()),
        RetryAfter::At(_) => None,
    }
}

fn date(error: &ApiError) -> Option<String> {
    match error.retry_after()? {
        RetryAfter::Delay(_) => None,
        RetryAfter::At(time) => {
            assert!(time > UNIX_EPOCH);
            Some(httpdate::fmt_http_date(time))
        }
    }
}

fn check_shown(error: &ApiError) {
    for shown in [error.to_string(), format!("{error:?}")] {
        assert!(!shown.chars().any(char::is_control), "{shown:?}");
        assert!(shown.len() < 8192, "{} bytes", shown.len());
    }
    assert!(std::error::Error::source(error).is_none());
}

#[test]
fn responses() {
    for case in cases("invite_response") {
        let response = response(&case);
        match InviteBy3pid::parse_response(&response) {
            Ok(()) => assert_eq!(case["ok"], true, "{}", case["name"]),
            Err(error) => {
                let found = json!({
                    "kind": kind(&error),
                    "code": error.code().map(|code| code.as_str()),
                    "message": error.message(),
                    "retry_after_ms": delay_ms(&error),
                    "retry_after_at": date(&error),
                });
                assert_eq!(found, case["error"], "{}", case["name"]);
                assert_eq!(error.status(), response.status());
                assert!(response.body().starts_with(error.body()));
                assert_eq!(error.body().len(), response.body().len().min(ApiError::MAX_BODY_BYTES));
                check_shown(&error);
            }
        }
        let both = [InviteBy3pid::parse_response(&response), InviteUser::parse_response(&response)];
        let [one, other] = both.map(|result| format!("{result:?}"));
        assert_eq!(one, other);
    }
}
