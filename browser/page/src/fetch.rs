//! Carrying a request with the browser's `fetch()`.

use js_sys::{Reflect, Uint8Array, try_iter};
use sdn_proto::Delivery;
use sdn_proto::bytes::Bytes;
use sdn_proto::http::{Request, Response};
use sdn_proto::plain::{PlainRequest, PlainResponse};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, ReadableStreamDefaultReader, ReferrerPolicy, RequestCache, RequestCredentials,
    RequestInit, RequestRedirect,
};

/// A node may wait 120 seconds for its identity server.
const TIMEOUT_MS: u32 = 150_000;

/// Carries a request, and reads at most `max_bytes` of the answer's body.
///
/// A script does not learn how far a failed request came: whatever fails once it is made leaves the outcome unknown.
pub(crate) async fn carry(
    request: Request<Bytes>,
    max_bytes: usize,
) -> Result<Response<Bytes>, Delivery> {
    let request = to_fetch(request.into()).map_err(|_| Delivery::NotSent)?;
    let window = web_sys::window().ok_or(Delivery::NotSent)?;
    let answer = JsFuture::from(window.fetch_with_request(&request)).await;
    let answer = answer.map_err(|_| Delivery::Unknown)?.unchecked_into();
    from_fetch(answer, max_bytes).await.ok_or(Delivery::Unknown)
}

/// No cookies, no cache, no `referer`; and a redirect is an answer that a script cannot read.
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

async fn from_fetch(answer: web_sys::Response, max_bytes: usize) -> Option<Response<Bytes>> {
    let mut headers = Vec::new();
    for pair in try_iter(&answer.headers()).ok()?? {
        let pair: js_sys::Array = pair.ok()?.unchecked_into();
        headers.push((pair.get(0).as_string()?, pair.get(1).as_string()?));
    }
    let mut body = Vec::new();
    let is_whole = read(&answer, max_bytes, &mut body).await.is_some();
    // Where the status alone tells that the call failed, what came of the body is enough.
    if !is_whole && answer.status() == 200 {
        return None;
    }
    body.truncate(max_bytes);
    PlainResponse { status: answer.status(), headers, body: body.into() }.try_into().ok()
}

async fn read(answer: &web_sys::Response, max_bytes: usize, body: &mut Vec<u8>) -> Option<()> {
    let Some(stream) = answer.body() else { return Some(()) };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    while body.len() <= max_bytes {
        let chunk = JsFuture::from(reader.read()).await.ok()?;
        if Reflect::get(&chunk, &"done".into()).ok()?.is_truthy() {
            return Some(());
        }
        let bytes: Uint8Array = Reflect::get(&chunk, &"value".into()).ok()?.unchecked_into();
        body.extend(bytes.to_vec());
    }
    let _ = reader.cancel();
    None
}
