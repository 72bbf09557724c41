//! What an author writes without a library: no checks, no types, and all JSON as values.

use std::hint::black_box;

use http::{Request, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::input::Invitation;
use crate::{Measure, ours};

/// The characters that `encodeURIComponent` escapes.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

pub fn invite_by_3pid(input: &Invitation, measure: Measure<'_>) {
    let mut request = None;
    measure(&mut || {
        let input = black_box(input);
        request = Some(post(
            input,
            &json!({
                "address": input.address,
                "id_access_token": input.id_access_token,
                "id_server": input.id_server,
                "medium": input.medium,
            }),
        ));
    });
    assert_same(request, &ours::request_by_3pid(input));
}

pub fn invite_user(input: &Invitation, measure: Measure<'_>) {
    let mut request = None;
    measure(&mut || {
        let input = black_box(input);
        request = Some(post(input, &json!({ "reason": input.reason, "user_id": input.user_id })));
    });
    assert_same(request, &ours::request_to_user(input));
}

fn post(input: &Invitation, body: &Value) -> Request<Vec<u8>> {
    let base = input.node.trim_end_matches('/');
    let room_id = utf8_percent_encode(input.room_id, ESCAPED);
    Request::post(format!("{base}/_api/client/v3/rooms/{room_id}/invite"))
        .header("authorization", format!("Bearer {}", input.access_token))
        .header("content-type", "application/json")
        .body(serde_json::to_vec(body).expect("the value is JSON"))
        .expect("the input is valid")
}

fn assert_same(request: Option<Request<Vec<u8>>>, ours: &Request<bytes::Bytes>) {
    let request = request.expect("the work has run");
    assert_eq!((request.uri(), &request.body()[..]), (ours.uri(), &ours.body()[..]));
}

/// The error's code, message and delay.
type Refusal = (Option<String>, Option<String>, Option<u64>);

pub fn parse(response: Response<Vec<u8>>, measure: Measure<'_>) {
    let mut result = None;
    measure(&mut || result = Some(read(black_box(&response))));
    assert_eq!(result.map(|result| result.is_ok()), Some(response.status() == 200));
}

fn read(response: &Response<Vec<u8>>) -> Result<Value, Refusal> {
    let value = serde_json::from_slice::<Value>(response.body());
    if response.status() == 200 {
        return value.map_err(|_| Refusal::default());
    }
    let value = value.unwrap_or_default();
    let text = |name: &str| value[name].as_str().map(str::to_owned);
    let retry_after = response.headers().get("retry-after");
    let delay = retry_after.and_then(|value| value.to_str().ok()?.parse().ok());
    Err((text("errcode"), text("error"), delay.or(value["retry_after_ms"].as_u64())))
}
