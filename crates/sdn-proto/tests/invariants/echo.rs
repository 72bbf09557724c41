//! If a server's error repeats a request, escaped in any way, the request's secrets can be removed
//! from the error.

use std::collections::BTreeSet;
use std::error::Error;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sdn_proto::bytes::Bytes;
use sdn_proto::http::{Request, Response};
use sdn_proto::{ApiError, Call, TransportError, TransportErrorKind};
use serde_json::{Value, json};
use url::Url;

/// Shorter secrets can be part of any word.
const MIN_SECRET_BYTES: usize = 8;
/// Nothing shows how often a run of these was escaped, so a secret must have another character.
const ESCAPE: char = '\\';
/// Errors cut off most of a longer request, so it would only take time.
const MAX_REQUEST_BYTES: usize = 2000;

/// Parses responses that repeat the request with this URL as one of the crate's calls.
pub(super) fn check<C: Call>(request: &Request<Bytes>, url: &Url) {
    let received = received(request);
    if received.len() > MAX_REQUEST_BYTES {
        return;
    }
    let secrets: Vec<_> = secrets(request, url).into_iter().map(Secret::new).collect();
    // One of the ways, because all of them would slow a fuzzer down.
    let way = WAYS[received.len() % WAYS.len()];
    let echo = way(&received);
    for response in responses(&echo, secrets.first().map_or("", |secret| &secret.text)) {
        let Err(error) = C::parse_response(&response) else { continue };
        let body = String::from_utf8_lossy(error.body()).into_owned();
        let message = error.message().unwrap_or_default().to_owned();
        let error = error.without_secrets_of(request);
        assert_clean(&error, &secrets);
        assert_no_beginning(&body, &String::from_utf8_lossy(error.body()), &secrets);
        assert_no_beginning(&message, error.message().unwrap_or_default(), &secrets);
    }
    let error = TransportError::new(TransportErrorKind::Other, echo);
    let error = error.without_secrets_of(request);
    assert_without(&error.source().unwrap().to_string(), &secrets);
    assert_without(&format!("{error:?}"), &secrets);
}

struct Secret {
    text: String,
    /// The text in each of the ways, without repetitions.
    written: Vec<String>,
}

impl Secret {
    fn new(text: String) -> Self {
        let written: BTreeSet<_> = WAYS.iter().map(|way| way(&text)).collect();
        Self { text, written: written.into_iter().collect() }
    }
}

/// The secrets that the protocol puts into requests.
fn secrets(request: &Request<Bytes>, url: &Url) -> Vec<String> {
    let bearer = request
        .headers()
        .get("authorization")
        .map(|value| value.to_str().unwrap().strip_prefix("Bearer ").unwrap().to_owned());
    let mut secrets: Vec<_> = bearer.into_iter().collect();
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
    secrets.retain(|secret| secret.len() >= MIN_SECRET_BYTES && secret.contains(|c| c != ESCAPE));
    secrets
}

/// The request as a server receives it.
fn received(request: &Request<Bytes>) -> String {
    let mut text = format!("{} {} HTTP/1.1\r\n", request.method(), request.uri());
    for (name, value) in request.headers() {
        text += &format!("{name}: {}\r\n", value.to_str().unwrap());
    }
    format!("{text}\r\n{}", std::str::from_utf8(request.body()).unwrap())
}

type Way = fn(&str) -> String;

/// The ways to write a text into another.
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

/// Returns every kind of error that can repeat a text.
fn responses(echo: &str, secret: &str) -> Vec<Response<String>> {
    let object = |code: &str, message: &str| json!({ "errcode": code, "error": message });
    let response = |status, body: String| Response::builder().status(status).body(body).unwrap();
    vec![
        response(403, object("M_FORBIDDEN", echo).to_string()),
        response(500, object(&format!("M_{secret}"), "no").to_string()),
        response(400, format!(r#"{{"errcode":"M_UNKNOWN","error":"no","request":"{echo}"}}"#)),
        response(200, object(secret, echo).to_string()),
        response(200, json!({ "success": false, "errcode": secret, "error": echo }).to_string()),
        response(502, format!("<html><pre>{echo}</pre></html>")),
        response(302, echo.to_owned()),
        response(200, format!("<{echo}")),
    ]
}

fn assert_clean(error: &ApiError, secrets: &[Secret]) {
    assert_without(&error.to_string(), secrets);
    assert_without(&format!("{error:?}"), secrets);
    assert_without(error.code().map_or("", |code| code.as_str()), secrets);
    assert_without(error.message().unwrap_or_default(), secrets);
    assert_without(&String::from_utf8_lossy(error.body()), secrets);
}

fn assert_without(text: &str, secrets: &[Secret]) {
    for Secret { text: secret, written } in secrets {
        for written in written.iter().filter(|written| text.contains(*written)) {
            let rest = without_replacements(text);
            // `%B3a%2F` contains the characters of `3a%2F`, but its first three are one escape.
            let is_there = rest.contains(written) && undone(&rest).contains(&undone(secret));
            assert!(!is_there, "{secret:?} is in {text:?}");
        }
    }
}

/// Marks the replacements of secrets, because the first or last character of one may also be the
/// secret's. The text's end may be cut off within one.
fn without_replacements(text: &str) -> String {
    const REPLACEMENT: &str = "[redacted]";
    let rest = text.trim_end_matches('…').replace(REPLACEMENT, "\u{fffd}");
    let mut cut = (1..REPLACEMENT.len()).rev().map(|length| &REPLACEMENT[..length]);
    let whole = cut.find_map(|cut| rest.strip_suffix(cut)).unwrap_or(&rest);
    whole.to_owned()
}

/// If a text ended with the beginning of a secret, which may have been cut off, it does not end so
/// any more.
fn assert_no_beginning(before: &str, after: &str, secrets: &[Secret]) {
    // A replacement can be longer than a secret, and then the text is cut elsewhere.
    if after != before && after.len() + char::MAX.len_utf8() > before.len() {
        return;
    }
    for Secret { text: secret, .. } in secrets {
        let start = secret.get(..MIN_SECRET_BYTES).unwrap_or(secret);
        let has_start = before.ends_with(start) && after.ends_with(start);
        assert!(!has_start, "{secret:?} begins in {after:?}");
    }
}

/// Undoes the escapes of a text, and those in the result.
fn undone(text: &str) -> String {
    let mut text = text.to_owned();
    loop {
        let mut next = out_of_json(&percent_decode_str(&text).decode_utf8_lossy());
        for (name, character) in
            [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
        {
            next = next.replace(name, character);
        }
        if next == text {
            return text;
        }
        text = next;
    }
}

/// Undoes each escape of JSON or of Rust, after any number of backslashes.
fn out_of_json(text: &str) -> String {
    let mut parts = text.split('\\');
    let mut undone = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let in_braces = part.strip_prefix("u{").and_then(|rest| rest.split_once('}'));
        let (digits, length) = match (in_braces, part.strip_prefix('u')) {
            (Some((digits, _)), _) => (digits, digits.len() + 3),
            (None, Some(rest)) => (rest.get(..4).unwrap_or_default(), 5),
            (None, None) => ("", 1),
        };
        let unescaped = match part.chars().next() {
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            Some('b') => Some('\u{8}'),
            Some('f') => Some('\u{c}'),
            _ => u32::from_str_radix(digits, 16).ok().and_then(char::from_u32),
        };
        undone.extend(unescaped);
        undone += if unescaped.is_some() { &part[length..] } else { part };
    }
    undone
}
