//! Invites over libcurl.
//!
//!     cargo run -p sdn-interop --example curl
//!
//! The libcurl here is built without TLS, to be quick to build; with the feature `ssl` of the crate it has it, and is set up
//! for it.

mod scene;

use std::error::Error;
use std::mem;
use std::time::Duration;

use curl::easy::{Easy2, Handler, HttpVersion, List, WriteError};
use sdn_proto::bytes::Bytes;
use sdn_proto::http::{Request, Response};
use sdn_proto::plain::{PlainRequest, PlainResponse};
use sdn_proto::{Call, Delivery, InviteBy3pid};

/// What has come of an answer.
#[derive(Default)]
pub(crate) struct Answer {
    headers: Vec<(String, String)>,
    is_head_whole: bool,
    body: Vec<u8>,
    max_bytes: usize,
}

impl Handler for Answer {
    fn header(&mut self, line: &[u8]) -> bool {
        let line = String::from_utf8_lossy(line);
        if line.starts_with("HTTP/") {
            // An answer begins, perhaps after a 103.
            (self.headers, self.is_head_whole) = Default::default();
        }
        self.is_head_whole |= line.trim().is_empty();
        // Behind the head come trailers.
        let pair = line.split_once(':').filter(|_| !self.is_head_whole);
        self.headers.extend(pair.map(|(name, value)| (name.to_owned(), value.to_owned())));
        true
    }

    /// Taking less than there is makes curl stop.
    fn write(&mut self, data: &[u8]) -> Result<usize, WriteError> {
        let count = data.len().min(self.max_bytes - self.body.len());
        self.body.extend_from_slice(&data[..count]);
        Ok(count)
    }
}

/// A handle as it should be set up for this: no redirects, and no proxy of the environment. Curl
/// repeats requests by itself, even a POST: on a kept connection that breaks, so none is kept, and
/// after HTTP/2's `REFUSED_STREAM`, so it speaks HTTP/1.1.
pub(crate) fn handle(connect: Duration, total: Duration) -> Result<Easy2<Answer>, curl::Error> {
    let mut handle = Easy2::new(Answer::default());
    handle.connect_timeout(connect)?;
    handle.timeout(total)?;
    handle.follow_location(false)?;
    handle.proxy("")?;
    handle.forbid_reuse(true)?;
    handle.http_version(HttpVersion::V11)?;
    handle.path_as_is(true)?;
    Ok(handle)
}

/// Why there is no answer, and what is known of the request.
pub(crate) type Failed = (Delivery, Box<dyn Error>);

/// Carries a request, and reads at most `max_bytes` of the answer's body.
pub(crate) fn carry(
    handle: &mut Easy2<Answer>,
    request: Request<Bytes>,
    max_bytes: usize,
) -> Result<Response<Bytes>, Failed> {
    *handle.get_mut() = Answer { max_bytes, ..Answer::default() };
    prepare(handle, request.into()).map_err(|error| (Delivery::NotSent, error.into()))?;
    let ended = handle.perform();
    // Curl counts what it has written.
    let sent = handle.request_size();
    let delivery = if sent == Ok(0) { Delivery::NotSent } else { Delivery::Unknown };
    let status = handle.response_code().unwrap_or_default() as u16;
    let Answer { headers, is_head_whole, body, .. } = mem::take(handle.get_mut());
    // Curl also takes a head that breaks off, or a 103 and no more, for an answer. Any other status than 200 alone tells that
    // the call failed, whatever came of the body.
    if !is_head_whole || status < 200 || (status == 200 && ended.is_err()) {
        return Err((delivery, ended.map_or_else(Box::from, |()| "the answer breaks off".into())));
    }
    let plain = PlainResponse { status, headers, body: body.into() };
    plain.try_into().map_err(|_| (delivery, "the status is none".into()))
}

fn prepare(handle: &mut Easy2<Answer>, request: PlainRequest) -> Result<(), curl::Error> {
    handle.url(&request.url)?;
    handle.get(true)?;
    if request.method != "GET" {
        handle.post_fields_copy(&request.body)?;
    }
    handle.custom_request(&request.method)?;
    let mut headers = List::new();
    // What curl would add on its own, it does not if told so.
    for name in ["Accept:", "Content-Type:", "Expect:"] {
        headers.append(name)?;
    }
    for (name, value) in request.headers {
        headers.append(&format!("{name}: {value}"))?;
    }
    handle.http_headers(headers)
}

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let scene = scene::Scene::new()?;
    let mut handle = handle(Duration::from_secs(10), Duration::from_secs(150))?;
    let request = scene.invite.to_request(&scene.session);
    let response = carry(&mut handle, request, InviteBy3pid::MAX_RESPONSE_BYTES).map_err(
        |(delivery, error)| format!("{error}; whether the invitation was sent: {delivery:?}"),
    )?;
    InviteBy3pid::parse_response(&response)?;
    scene.tell();
    Ok(())
}
