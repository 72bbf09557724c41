//! Whatever a server answers, reading it ends in a success or an error that agrees with an independent reading, and all
//! that can be printed of it is bounded, one line, and harmless to a terminal.

use std::time::Duration;

use arbitrary::{Result, Unstructured};
use sdn_proto::error::{ApiError, ApiErrorKind, RetryAfter};
use sdn_proto::generate::HostileText;
use sdn_proto::http::{HeaderName, HeaderValue, Response, StatusCode};
use sdn_proto::{Call, InviteBy3pid, InviteUser, Redacted};
use serde_json::{Value, json};

/// Reads a response from `data` and lets every call read it. Data that make no response pass.
pub fn check(data: &[u8]) {
    if let Ok(response) = draw(&mut Unstructured::new(data)) {
        check_call::<InviteBy3pid>(&response);
        check_call::<InviteUser>(&response);
        check_redacted(&response);
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
    Ok(match u.int_in_range(0..=3)? {
        // The rest as it is, where libFuzzer can work on it.
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

fn check_call<C: Call>(response: &Response<Vec<u8>>) {
    let json = serde_json::from_slice::<Value>(without_mark(response.body())).ok();
    match C::parse_response(response) {
        Ok(_) => {
            assert_eq!(response.status(), 200);
            let text = std::str::from_utf8(without_mark(response.body())).unwrap().trim();
            assert!(text.starts_with(|c: char| "{[\"-0123456789tfn".contains(c)), "{text:?}");
        }
        Err(error) => {
            check_shown(&error);
            check_error(&error, response, json.as_ref());
        }
    }
}

fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body)
}

fn check_shown(error: &ApiError) {
    let shown = error.to_string();
    assert!(shown.len() < 10_000, "{} bytes", shown.len());
    let harmful = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(!shown.contains(harmful), "{shown:?}");
    let debugged = format!("{error:?}");
    assert!(debugged.len() < 20_000 && !debugged.contains(harmful), "{debugged:?}");
}

fn check_error(error: &ApiError, response: &Response<Vec<u8>>, json: Option<&Value>) {
    let status = response.status();
    assert_eq!(error.status(), status);
    let kept = response.body().len().min(ApiError::MAX_BODY_BYTES);
    assert_eq!(error.body(), &response.body()[..kept]);
    assert_eq!(error.code().is_some(), error.kind() == ApiErrorKind::Refused);
    assert_eq!(error.kind() == ApiErrorKind::Malformed, status == 200);
    assert!(error.message().is_none_or(|message| message.len() <= 1024));
    if error.kind() == ApiErrorKind::Refused {
        assert!((400..600).contains(&status.as_u16()));
    }
    check_delay(error, response, json);

    let Some(json) = json else { return };
    // `Value` is the stricter reader: what it takes is JSON.
    assert_ne!(error.kind(), ApiErrorKind::Malformed);
    let code = json["errcode"].as_str().filter(|code| (1..=255).contains(&code.len()));
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

fn check_redacted(response: &Response<Vec<u8>>) {
    let shown = Redacted(response).to_string();
    assert!(!shown.contains(|c: char| c.is_control() && c != '\n'), "{shown:?}");
}
