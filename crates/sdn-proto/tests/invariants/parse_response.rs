//! Any response is parsed as a success or as an error that agrees with an independent parser. Each
//! printed error is bounded, one line, and harmless to a terminal.

use std::fmt::Debug;
use std::time::Duration;

use arbitrary::{Result, Unstructured};
use sdn_proto::generate::HostileText;
use sdn_proto::http::{HeaderName, HeaderValue, Response, StatusCode};
use sdn_proto::{
    ApiError, ApiErrorKind, Call, Delivery, InviteBy3pid, InviteUser, Redacted, RetryAfter,
};
use serde_json::{Value, json};

use super::calls::{self, Described, Visitor};
use super::{has_no_control, is_harmless};

/// Makes a response from `data` and parses it as every call. Data that make no response pass.
pub fn check(data: &[u8]) {
    if let Ok(response) = draw(&mut Unstructured::new(data)) {
        let json = serde_json::from_slice(without_mark(response.body())).ok();
        let mut checked = Checked { response, json, errors: Vec::new() };
        for which in 0..calls::COUNT {
            calls::visit(which, &mut checked);
        }
        checked.check_ignored::<InviteBy3pid>();
        checked.check_ignored::<InviteUser>();
        checked.check_redacted();
    }
}

/// A response, and the errors that calls have made of it.
struct Checked {
    response: Response<Vec<u8>>,
    /// Its body, if that is JSON.
    json: Option<Value>,
    errors: Vec<ApiError>,
}

impl Visitor for &mut Checked {
    type Output = ();

    fn visit<C>(self, _: &Described)
    where
        C: Call,
        C::Output: Debug,
    {
        match C::parse_response(&self.response) {
            Ok(output) => self.check_output(&output),
            Err(error) => self.check_error(error),
        }
    }
}

fn draw(u: &mut Unstructured<'_>) -> Result<Response<Vec<u8>>> {
    let status = match u.int_in_range(0..=3)? {
        0 => 200,
        1 => *u.choose(&[400, 401, 403, 404, 429, 500, 502])?,
        _ => u.int_in_range(100..=999)?,
    };
    let mut response = Response::new(Vec::new());
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    for _ in 0..u.int_in_range(0..=3)? {
        let name =
            u.choose(&["retry-after", "retry-after", "set-cookie", "content-type", "x-a"])?;
        let value = match u.int_in_range(0..=2)? {
            0 => (*u.choose(&RETRY_AFTER)?).as_bytes().to_vec(),
            1 => u.arbitrary::<u64>()?.to_string().into_bytes(),
            _ => u.arbitrary::<HostileText>()?.0.into_bytes(),
        };
        if let Ok(value) = HeaderValue::from_bytes(&value) {
            response.headers_mut().append(HeaderName::from_static(name), value);
        }
    }
    *response.body_mut() = body(u)?;
    Ok(response)
}

const RETRY_AFTER: [&str; 6] = [
    "400",
    "0",
    "99999999999999999999999",
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "Fri, 31 Dec 9999 23:59:59 GMT",
    "soon",
];

fn body(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    Ok(match u.int_in_range(0..=5)? {
        4 | 5 => answer(u)?.to_string().into_bytes(),
        // The rest unchanged, because libFuzzer works best on plain bytes.
        0 | 1 => u.bytes(u.len())?.to_vec(),
        2 => {
            let (code, message) =
                (u.arbitrary::<HostileText>()?.0, u.arbitrary::<HostileText>()?.0);
            let object = json!({ "errcode": code, "error": message, "retry_after_ms": u.arbitrary::<u64>()? });
            let mark = if u.arbitrary()? { "\u{feff}" } else { "" };
            format!("{mark}{object}").into_bytes()
        }
        _ => {
            let piece = u.arbitrary::<HostileText>()?.0;
            format!("{{\"errcode\":\"M_{piece}\",\"error\":\"{}\"}}", piece.repeat(3)).into_bytes()
        }
    })
}

/// A successful response to one of the calls, perhaps with faults.
fn answer(u: &mut Unstructured<'_>) -> Result<Value> {
    let mut answer = calls::visit(u.choose_index(calls::COUNT)?, Success);
    for _ in 0..u.int_in_range(0..=2)? {
        spoil(u, &mut answer)?;
    }
    Ok(answer)
}

struct Success;

impl Visitor for Success {
    type Output = Value;

    fn visit<C>(self, described: &Described) -> Value {
        described.success()
    }
}

/// Replaces one value with another.
fn spoil(u: &mut Unstructured<'_>, value: &mut Value) -> Result<()> {
    let inner = match value {
        Value::Object(members) if !members.is_empty() && u.arbitrary()? => {
            let at = u.choose_index(members.len())?;
            members.values_mut().nth(at)
        }
        Value::Array(values) if !values.is_empty() && u.arbitrary()? => {
            let at = u.choose_index(values.len())?;
            values.get_mut(at)
        }
        _ => None,
    };
    if let Some(inner) = inner {
        return spoil(u, inner);
    }
    *value = match u.int_in_range(0..=5)? {
        0 => Value::Null,
        1 => u.arbitrary::<HostileText>()?.0.into(),
        2 => u.arbitrary::<i64>()?.into(),
        3 => json!([value]),
        4 => json!({ "a": value }),
        _ => u.arbitrary::<u64>()?.into(),
    };
    Ok(())
}

impl Checked {
    /// If a call returns nothing, any JSON is a success. `Value` is the stricter reader, so what it
    /// accepts is JSON.
    fn check_ignored<C: Call<Output = ()>>(&self) {
        if self.response.status() == 200 && self.json.is_some() {
            assert!(C::parse_response(&self.response).is_ok());
        }
    }

    fn check_output(&self, output: &dyn Debug) {
        let debugged = format!("{output:?}");
        assert!(is_harmless(&debugged), "{debugged:?}");
        assert_eq!(self.response.status(), 200);
        let text = std::str::from_utf8(without_mark(self.response.body())).unwrap().trim();
        assert!(text.starts_with(|c: char| "{[\"-0123456789tfn".contains(c)), "{text:?}");
    }

    /// Most calls make the same error of a response. What is the same is checked once.
    fn check_error(&mut self, error: ApiError) {
        let is_new = !self.errors.iter().any(|other| are_same(other, &error));
        // Its text says what is wrong for this call.
        if is_new || error.kind() == ApiErrorKind::Malformed {
            check_displayed(&error);
        }
        if is_new {
            check_debugged(&error);
            check_error(&error, &self.response, self.json.as_ref());
            self.errors.push(error);
        }
    }

    fn check_redacted(&self) {
        let shown = Redacted(&self.response).to_string();
        assert!(shown.split('\n').all(has_no_control), "{shown:?}");
    }
}

fn are_same(one: &ApiError, other: &ApiError) -> bool {
    one.kind() == other.kind()
        && one.status() == other.status()
        && one.delivery() == other.delivery()
        && one.code() == other.code()
        && one.message() == other.message()
        && one.retry_after() == other.retry_after()
        && one.location() == other.location()
        && one.body() == other.body()
}

fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body)
}

/// Parses JSON with each escaped surrogate replaced. A lone one is allowed by JSON's grammar, but
/// not in a string of Rust. Members that a call does not read may contain it.
fn without_surrogates(body: &[u8]) -> Option<Value> {
    let mut text = std::str::from_utf8(without_mark(body)).ok()?.to_owned();
    for at in 0..text.len() {
        let is_surrogate = text.get(at..at + 4).is_some_and(|start| {
            let digits = start.as_bytes();
            start.starts_with("\\u") && digits[2].eq_ignore_ascii_case(&b'd') && digits[3] >= b'8'
        });
        if is_surrogate {
            text.replace_range(at + 2..at + 4, "00");
        }
    }
    serde_json::from_str(&text).ok()
}

fn check_displayed(error: &ApiError) {
    let shown = error.to_string();
    assert!(shown.len() < 10_000, "{} bytes", shown.len());
    assert!(is_harmless(&shown), "{shown:?}");
}

fn check_debugged(error: &ApiError) {
    let debugged = format!("{error:?}");
    assert!(debugged.len() < 20_000 && is_harmless(&debugged), "{debugged:?}");
}

fn check_error(error: &ApiError, response: &Response<Vec<u8>>, json: Option<&Value>) {
    let status = response.status();
    assert_eq!(error.status(), status);
    let is_page = matches!(error.kind(), ApiErrorKind::UnexpectedStatus | ApiErrorKind::Malformed);
    let kept = response.body().len().min(if is_page { 512 } else { 4096 });
    assert_eq!(error.body(), &response.body()[..kept]);
    check_delivery(error, json);
    if error.kind() == ApiErrorKind::Unsuccessful {
        assert_eq!(status, 200);
        let replaced = json.is_none().then(|| without_surrogates(response.body())).flatten();
        let json = json.or(replaced.as_ref());
        let is_code = |name| json.is_some_and(|json| json[name].is_string());
        let is_false = json.is_some_and(|json| json["success"] == false);
        assert!(is_false || is_code("errcode") || is_code("errorcode"), "{json:?}");
        return;
    }
    assert_eq!(error.code().is_some(), error.kind() == ApiErrorKind::Refused);
    assert_eq!(error.kind() == ApiErrorKind::Malformed, status == 200);
    assert!(error.message().is_none_or(|message| message.len() <= 1024));
    if error.kind() == ApiErrorKind::Refused {
        assert!((400..600).contains(&status.as_u16()));
    }
    check_delay(error, response, json);

    let Some(json) = json else { return };
    let code = code(json);
    if (400..600).contains(&status.as_u16()) && json.is_object() {
        assert_eq!(error.code().map(|code| code.as_str()), code);
        let message = code.and(json["error"].as_str());
        assert_eq!(error.message().is_some(), message.is_some());
        let (read, sent) = (error.message().unwrap_or(""), message.unwrap_or(""));
        assert!(sent.starts_with(read) && (read.len() == sent.len() || read.len() > 1020));
    } else {
        assert_eq!(error.code(), None);
    }
}

/// An object that `Value` rejects, such as one with a lone surrogate, can be an error object to our
/// parser.
fn check_delivery(error: &ApiError, json: Option<&Value>) {
    let is_decided = match error.status().as_u16() {
        300..=499 => true,
        _ => error.kind() == ApiErrorKind::Unsuccessful || json.and_then(code).is_some(),
    };
    let expected = if is_decided { Delivery::Answered } else { Delivery::Unknown };
    if is_decided || json.is_some() {
        assert_eq!(error.delivery(), expected);
    }
}

fn code(object: &Value) -> Option<&str> {
    let code = object.as_object()?.get("errcode")?.as_str()?;
    (1..=255).contains(&code.len()).then_some(code)
}

fn check_delay(error: &ApiError, response: &Response<Vec<u8>>, json: Option<&Value>) {
    let header = response.headers().get("retry-after");
    let digits = header.and_then(|value| value.to_str().ok()).map(str::trim);
    if let Some(seconds) = digits.and_then(|digits| digits.parse::<u32>().ok()) {
        if !digits.is_some_and(|digits| digits.starts_with('+')) {
            let delay = Duration::from_secs(seconds.into());
            assert_eq!(error.retry_after(), Some(RetryAfter::Delay(delay)));
        }
    }
    if header.is_none() && error.kind() != ApiErrorKind::Malformed {
        let milliseconds = json.and_then(|json| json.get("retry_after_ms")?.as_u64());
        if let Some(milliseconds) = milliseconds {
            let delay = Duration::from_millis(milliseconds);
            assert_eq!(error.retry_after(), Some(RetryAfter::Delay(delay)));
        }
    }
}
