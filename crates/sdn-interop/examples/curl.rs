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

use curl::easy::{Easy2, Handler, List, WriteError};
use sdn_proto::bytes::Bytes;
use sdn_proto::http::header::{HeaderName, HeaderValue};
use sdn_proto::http::{Method, Request, Response, StatusCode};
use sdn_proto::{Delivery, InviteBy3pid};

/// What comes of an answer.
#[derive(Default)]
pub(crate) struct Answer {
    response: Response<Vec<u8>>,
    is_head_whole: bool,
    max_bytes: usize,
}

impl Handler for Answer {
    fn header(&mut self, line: &[u8]) -> bool {
        if line.starts_with(b"HTTP/") {
            // An answer begins, perhaps after a 103.
            self.response.headers_mut().clear();
            self.is_head_whole = false;
        }
        self.is_head_whole |= line.trim_ascii().is_empty();
        // Behind the head come trailers.
        let colon = line.iter().position(|&byte| byte == b':').filter(|_| !self.is_head_whole);
        let name = colon.and_then(|colon| HeaderName::from_bytes(&line[..colon]).ok());
        let value =
            colon.and_then(|colon| HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok());
        self.response.headers_mut().extend(name.zip(value));
        true
    }

    /// Taking less than there is makes curl stop.
    fn write(&mut self, data: &[u8]) -> Result<usize, WriteError> {
        let body = self.response.body_mut();
        let count = data.len().min(self.max_bytes - body.len());
        body.extend_from_slice(&data[..count]);
        Ok(count)
    }
}

/// A handle as it should be set up for this: no redirects, and no proxy of the environment. A connection is not kept, for on a
/// kept one that breaks curl sends a request once more, even a POST.
pub(crate) fn handle(connect: Duration, total: Duration) -> Result<Easy2<Answer>, curl::Error> {
    let mut handle = Easy2::new(Answer::default());
    handle.connect_timeout(connect)?;
    handle.timeout(total)?;
    handle.follow_location(false)?;
    handle.proxy("")?;
    handle.forbid_reuse(true)?;
    handle.path_as_is(true)?;
    Ok(handle)
}

/// Why there is no answer, and what is known of the request.
pub(crate) type Failed = (Delivery, Box<dyn Error>);

/// Carries a request, and reads at most `max_bytes` of the answer's body.
pub(crate) fn carry(
    handle: &mut Easy2<Answer>,
    request: &Request<Bytes>,
    max_bytes: usize,
) -> Result<Response<Vec<u8>>, Failed> {
    *handle.get_mut() = Answer { max_bytes, ..Answer::default() };
    prepare(handle, request).map_err(|error| (Delivery::NotSent, error.into()))?;
    let ended = handle.perform();
    // Curl counts what it has written.
    let is_sent = !matches!(handle.request_size(), Ok(0));
    let delivery = if is_sent { Delivery::Unknown } else { Delivery::NotSent };
    let status = handle.response_code().ok().and_then(|code| u16::try_from(code).ok());
    let status = status.and_then(|code| StatusCode::from_u16(code).ok());
    let Answer { mut response, is_head_whole, .. } = mem::take(handle.get_mut());
    // Curl also takes a head that breaks off, or a 103 and no more, for an answer.
    match (ended, status.filter(|status| is_head_whole && !status.is_informational())) {
        // Any other status than 200 alone tells that the call failed, whatever came of the body.
        (Err(error), None | Some(StatusCode::OK)) => Err((delivery, error.into())),
        (Ok(()), None) => Err((delivery, "the answer breaks off".into())),
        (_, Some(status)) => {
            *response.status_mut() = status;
            Ok(response)
        }
    }
}

fn prepare(handle: &mut Easy2<Answer>, request: &Request<Bytes>) -> Result<(), curl::Error> {
    handle.url(&request.uri().to_string())?;
    handle.get(true)?;
    if request.method() != Method::GET {
        handle.post(true)?;
        handle.post_fields_copy(request.body())?;
    }
    handle.custom_request(request.method().as_str())?;
    let mut headers = List::new();
    // What curl would add on its own, it does not if told so.
    for name in ["Accept:", "Content-Type:", "Expect:"] {
        headers.append(name)?;
    }
    for (name, value) in request.headers() {
        headers.append(&format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())))?;
    }
    handle.http_headers(headers)
}

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let scene = scene::Scene::new()?;
    let mut handle = handle(Duration::from_secs(10), Duration::from_secs(150))?;
    let request = scene.invite.to_request(&scene.session);
    let response = carry(&mut handle, &request, 64 * 1024).map_err(|(delivery, error)| {
        format!("{error}; whether the invitation was sent: {delivery:?}")
    })?;
    InviteBy3pid::parse_response(&response)?;
    println!("{}", scene.last_event());
    Ok(())
}
