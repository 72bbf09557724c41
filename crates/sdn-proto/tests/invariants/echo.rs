//! Whatever a request holds: where a server's error repeats it, escaped in whichever way, its secrets can be taken out.

use std::error::Error;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sdn_proto::bytes::Bytes;
use sdn_proto::http::{Request, Response};
use sdn_proto::{ApiError, Call, TransportError, TransportErrorKind};
use serde_json::{Value, json};

/// A shorter one may be a part of any word.
const MIN_SECRET_BYTES: usize = 8;
/// A longer one, of which most would be cut off, would only cost time.
const MAX_REQUEST_BYTES: usize = 2000;

/// Has one of the calls of the crate read answers that repeat its request.
pub(super) fn check<C: Call>(request: &Request<Bytes>) {
    let (received, secrets) = (received(request), secrets(request));
    if received.len() > MAX_REQUEST_BYTES {
        return;
    }
    // One of the ways, so that a fuzzer is not slowed down by them all.
    let way = WAYS[received.len() % WAYS.len()];
    for answer in answers(&way(&received), secrets.first().map_or("", String::as_str)) {
        let Err(error) = C::parse_response(&answer) else { continue };
        let error = error.without_secrets_of(request);
        for secret in &secrets {
            assert_clean(&error, secret);
        }
    }
    let error = TransportError::new(TransportErrorKind::Other, way(&received));
    let error = error.without_secrets_of(request);
    for secret in &secrets {
        assert_without(&error.source().unwrap().to_string(), secret);
        assert_without(&format!("{error:?}"), secret);
    }
}

/// Those that the protocol puts into requests.
fn secrets(request: &Request<Bytes>) -> Vec<String> {
    let bearer = request
        .headers()
        .get("authorization")
        .map(|value| value.to_str().unwrap().strip_prefix("Bearer ").unwrap().to_owned());
    let mut secrets: Vec<_> = bearer.into_iter().collect();
    let url = url::Url::parse(&request.uri().to_string()).unwrap();
    let query = url.query_pairs().filter(|(name, _)| name == "client_secret");
    secrets.extend(query.map(|(_, secret)| secret.into_owned()));
    let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
    for place in [
        "/access_token",
        "/client_secret",
        "/id_access_token",
        "/identifier/app_token",
        "/identifier/token",
        "/invite_3pid/0/id_access_token",
        "/password",
        "/private_key",
        "/third_party_signed/token",
        "/token",
    ] {
        secrets.extend(body.pointer(place).and_then(Value::as_str).map(str::to_owned));
    }
    secrets.retain(|secret| secret.len() >= MIN_SECRET_BYTES);
    secrets
}

/// The request as a server gets it.
fn received(request: &Request<Bytes>) -> String {
    let mut text = format!("{} {} HTTP/1.1\r\n", request.method(), request.uri());
    for (name, value) in request.headers() {
        text += &format!("{name}: {}\r\n", value.to_str().unwrap());
    }
    format!("{text}\r\n{}", std::str::from_utf8(request.body()).unwrap())
}

type Way = fn(&str) -> String;

/// The ways to write a text in another.
const WAYS: [Way; 9] = [
    str::to_owned,
    in_json,
    |text| in_json(&in_json(text)),
    |text| in_json(text).replace('/', r"\/").replace('<', r"\u003c").replace('&', r"\u0026"),
    |text| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string(),
    |text| in_json(text).bytes().map(|byte| format!("%{byte:02x}")).collect(),
    |text| WAYS[4](&WAYS[4](text)),
    in_html,
    |text| in_json(&in_html(text)),
];

fn in_json(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn in_html(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;").replace('\'', "&#39;")
}

/// Every kind of error that can repeat a text.
fn answers(echo: &str, secret: &str) -> Vec<Response<String>> {
    let object = |code: &str, message: &str| json!({ "errcode": code, "error": message });
    let answer = |status, body: String| Response::builder().status(status).body(body).unwrap();
    vec![
        answer(403, object("M_FORBIDDEN", echo).to_string()),
        answer(500, object(&format!("M_{secret}"), "no").to_string()),
        answer(400, format!(r#"{{"errcode":"M_UNKNOWN","error":"no","request":"{echo}"}}"#)),
        answer(200, object(secret, echo).to_string()),
        answer(200, json!({ "success": false, "errcode": secret, "error": echo }).to_string()),
        answer(502, format!("<html><pre>{echo}</pre></html>")),
        answer(302, echo.to_owned()),
        answer(200, format!("<{echo}")),
    ]
}

fn assert_clean(error: &ApiError, secret: &str) {
    assert_without(&error.to_string(), secret);
    assert_without(&format!("{error:?}"), secret);
    assert_without(error.code().map_or("", |code| code.as_str()), secret);
    assert_without(error.message().unwrap_or_default(), secret);
    assert_without(&String::from_utf8_lossy(error.body()), secret);
}

fn assert_without(text: &str, secret: &str) {
    for way in WAYS {
        assert!(!text.contains(&way(secret)), "{secret:?} is in {text:?}");
    }
    // The beginning of one that is cut off.
    let start = secret.get(..MIN_SECRET_BYTES).unwrap_or(secret);
    assert!(!text.ends_with(start), "{secret:?} begins in {text:?}");
}
