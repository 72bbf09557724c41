//! Sends a request with the browser's `fetch()`.

use js_sys::{Array, Reflect, Uint8Array, try_iter};
use sdn_proto::bytes::Bytes;
use sdn_proto::http::Response;
use sdn_proto::plain::{PlainRequest, PlainResponse};
use sdn_proto::{Outgoing, TransportError, TransportErrorKind as Kind};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, ReadableStreamDefaultReader, ReferrerPolicy, RequestCache, RequestCredentials,
    RequestInit, RequestRedirect,
};

/// A node may wait 120 seconds for its identity server.
const TIMEOUT_MS: u32 = 150_000;

/// Sends a request and reads its response, up to the limit of the body.
///
/// A script does not learn whether a failed request was sent. So the outcome of every failure after
/// the request is built is unknown.
pub(crate) async fn execute(outgoing: Outgoing) -> Result<Response<Bytes>, TransportError> {
    let limit = outgoing.max_response_bytes();
    let request = to_fetch(outgoing.into_request().into())
        .map_err(|error| TransportError::new(Kind::Connect, text(&error, "message")))?;
    let window = web_sys::window().ok_or(Kind::Connect)?;
    let response = JsFuture::from(window.fetch_with_request(&request)).await.map_err(failed)?;
    from_fetch(response.unchecked_into(), limit).await
}

fn failed(error: JsValue) -> TransportError {
    let is_timeout = text(&error, "name") == "TimeoutError";
    let kind = if is_timeout { Kind::TotalTimeout } else { Kind::Other };
    TransportError::new(kind, text(&error, "message"))
}

/// Returns a member of an exception.
fn text(error: &JsValue, name: &str) -> String {
    Reflect::get(error, &name.into()).ok().and_then(|text| text.as_string()).unwrap_or_default()
}

/// Builds a request without cookies, cache and `referer`. A redirect becomes a response that a
/// script cannot read.
fn to_fetch(plain: PlainRequest) -> Result<web_sys::Request, JsValue> {
    let init = RequestInit::new();
    init.set_method(&plain.method);
    init.set_redirect(RequestRedirect::Manual);
    init.set_credentials(RequestCredentials::Omit);
    init.set_cache(RequestCache::NoStore);
    init.set_referrer_policy(ReferrerPolicy::NoReferrer);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(TIMEOUT_MS)));
    if !plain.body.is_empty() {
        init.set_body(&Uint8Array::from(&plain.body[..]));
    }
    let fetch = web_sys::Request::new_with_str_and_init(&plain.url, &init)?;
    for (name, value) in &plain.headers {
        fetch.headers().append(name, value)?;
    }
    Ok(fetch)
}

async fn from_fetch(
    response: web_sys::Response,
    limit: usize,
) -> Result<Response<Bytes>, TransportError> {
    let headers = headers(&response).map_err(failed)?;
    let mut body = Vec::new();
    match read(&response, limit, &mut body).await {
        Err(error) if response.status() == 200 => return Err(error),
        // Any other status says that the call failed, even if the body is incomplete.
        _ => body.truncate(limit),
    }
    let plain = PlainResponse { status: response.status(), headers, body: body.into() };
    Response::try_from(plain).map_err(|error| TransportError::new(Kind::Other, error))
}

fn headers(response: &web_sys::Response) -> Result<Vec<(String, String)>, JsValue> {
    let mut headers = Vec::new();
    for pair in try_iter(&response.headers())?.into_iter().flatten() {
        let pair: Array = pair?.unchecked_into();
        if let (Some(name), Some(value)) = (pair.get(0).as_string(), pair.get(1).as_string()) {
            headers.push((name, value));
        }
    }
    Ok(headers)
}

async fn read(
    response: &web_sys::Response,
    limit: usize,
    body: &mut Vec<u8>,
) -> Result<(), TransportError> {
    let Some(stream) = response.body() else { return Ok(()) };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    while body.len() <= limit {
        let chunk = JsFuture::from(reader.read()).await.map_err(failed)?;
        if Reflect::get(&chunk, &"done".into()).map_err(failed)?.is_truthy() {
            return Ok(());
        }
        let value = Reflect::get(&chunk, &"value".into()).map_err(failed)?;
        body.extend(value.unchecked_into::<Uint8Array>().to_vec());
    }
    let _ = reader.cancel();
    Err(Kind::BodyTooLarge { limit }.into())
}
