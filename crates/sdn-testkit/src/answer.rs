//! The result of an endpoint, and how it becomes an HTTP response.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{Response, StatusCode};
use serde_json::{Value, json};

/// The result of an endpoint: the body of a 200, or another response.
pub(crate) type Answer = Result<Value, Refusal>;

/// Every response except a 200.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// A standard error object.
    Error { status: StatusCode, body: Value, retry_after: Option<Duration> },
    /// An HTML page, which unknown paths and identity servers return instead of an error object.
    Page { status: StatusCode, title: &'static str, text: String },
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, errcode: &str, error: &str) -> Self {
        let body = json!({ "errcode": errcode, "error": error });
        Refusal::Error { status, body, retry_after: None }
    }

    /// Adds a member to the error object.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        if let Refusal::Error { body, .. } = &mut self {
            body[name] = value.into();
        }
        self
    }

    pub(crate) fn bad_request(errcode: &str, error: &str) -> Self {
        Refusal::new(StatusCode::BAD_REQUEST, errcode, error)
    }

    pub(crate) fn forbidden(error: &str) -> Self {
        Refusal::new(StatusCode::FORBIDDEN, "M_FORBIDDEN", error)
    }

    pub(crate) fn unrecognized() -> Self {
        Refusal::new(StatusCode::NOT_FOUND, "M_UNRECOGNIZED", "Unrecognized request")
    }

    pub(crate) fn wrong_method() -> Self {
        Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "M_UNRECOGNIZED", "Unrecognized request")
    }

    /// Returns the response of a real node to nearly every problem at an identity server.
    pub(crate) fn internal() -> Self {
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "M_UNKNOWN", "Internal server error")
    }

    /// Returns the response to a path without an endpoint.
    pub(crate) fn no_such_resource() -> Self {
        Refusal::Page {
            status: StatusCode::NOT_FOUND,
            title: "No Such Resource",
            text: "Sorry. No luck finding that resource.".to_owned(),
        }
    }

    /// Returns a 429 with the delay in the body and in `Retry-After`.
    pub(crate) fn limit_exceeded(delay: Duration) -> Self {
        Refusal::rate_limited("Too Many Requests", delay, Some(delay))
    }

    /// Returns a 429 with the delay only in the body.
    pub(crate) fn limit_exceeded_in_body(delay: Duration) -> Self {
        Refusal::rate_limited("You are sending too many requests too quickly!", delay, None)
    }

    fn rate_limited(error: &str, delay: Duration, retry_after: Option<Duration>) -> Self {
        let milliseconds = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        Refusal::Error {
            status: StatusCode::TOO_MANY_REQUESTS,
            body: json!({
                "errcode": "M_LIMIT_EXCEEDED",
                "error": error,
                "retry_after_ms": milliseconds,
            }),
            retry_after,
        }
    }
}

pub(crate) fn into_response(answer: Answer) -> Response<Bytes> {
    match answer {
        Ok(body) => json_response(StatusCode::OK, &body),
        Err(Refusal::Error { status, body, retry_after }) => {
            let mut response = json_response(status, &body);
            if let Some(delay) = retry_after {
                response.headers_mut().insert(RETRY_AFTER, whole_seconds(delay).into());
            }
            response
        }
        Err(Refusal::Page { status, title, text }) => {
            let page = page(status, title, &text);
            response(status, "text/html; charset=utf-8", Bytes::from(page))
        }
    }
}

fn page(status: StatusCode, title: &str, text: &str) -> String {
    format!(
        "
<html>
  <head><title>{} - {title}</title></head>
  <body>
    <h1>{title}</h1>
    <p>{text}</p>
  </body>
</html>
",
        status.as_u16()
    )
}

/// Returns the response to `OPTIONS`: no body, and the headers with which a browser continues.
pub(crate) fn preflight() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    allow_any_origin(&mut response);
    response
}

fn json_response(status: StatusCode, body: &Value) -> Response<Bytes> {
    response(status, "application/json", Bytes::from(body.to_string()))
}

fn response(status: StatusCode, content_type: &'static str, body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    allow_any_origin(&mut response);
    response
}

fn allow_any_origin(response: &mut Response<Bytes>) {
    let headers = response.headers_mut();
    headers.insert("access-control-allow-origin", HeaderValue::from_static("*"));
    headers.insert(
        "access-control-allow-methods",
        HeaderValue::from_static("GET, HEAD, POST, PUT, DELETE, OPTIONS"),
    );
    headers.insert(
        "access-control-allow-headers",
        HeaderValue::from_static("X-Requested-With, Content-Type, Authorization, Date"),
    );
}

/// Returns the seconds of a delay, rounded up, so that an obedient client never retries too early.
fn whole_seconds(delay: Duration) -> u64 {
    delay.as_secs().saturating_add(u64::from(delay.subsec_nanos() > 0))
}
