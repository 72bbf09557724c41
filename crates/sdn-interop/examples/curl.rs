//! Invites with libcurl.
//!
//!     cargo run -p sdn-interop --example curl
//!
//! The libcurl here is built without TLS, because that builds quickly. The feature `ssl` of the
//! `curl` crate adds it.

mod scene;

use std::error::Error;
use std::mem;
use std::time::Duration;

use curl::easy::{Easy2, Handler, HttpVersion, List, WriteError};
use sdn_proto::bytes::Bytes;
use sdn_proto::http::Response;
use sdn_proto::plain::{PlainRequest, PlainResponse};
use sdn_proto::{Call, InviteBy3pid, Outgoing, TransportError, TransportErrorKind as Kind};

/// The received part of a response.
#[derive(Default)]
pub(crate) struct Received {
    headers: Vec<(String, String)>,
    is_head_whole: bool,
    body: Vec<u8>,
    max_bytes: usize,
}

impl Handler for Received {
    fn header(&mut self, line: &[u8]) -> bool {
        let line = String::from_utf8_lossy(line);
        if line.starts_with("HTTP/") {
            // A response begins, perhaps after a 103.
            (self.headers, self.is_head_whole) = Default::default();
        }
        self.is_head_whole |= line.trim().is_empty();
        // Trailers come after the head.
        let pair = line.split_once(':').filter(|_| !self.is_head_whole);
        self.headers.extend(pair.map(|(name, value)| (name.to_owned(), value.to_owned())));
        true
    }

    /// Curl stops when this consumes less than all of the data.
    fn write(&mut self, data: &[u8]) -> Result<usize, WriteError> {
        let count = data.len().min(self.max_bytes - self.body.len());
        self.body.extend_from_slice(&data[..count]);
        Ok(count)
    }
}

/// Creates a handle with the required settings: no redirects, and no proxy from the environment.
///
/// Curl repeats requests, even a POST, if a kept connection breaks, so the handle keeps no
/// connection. It also repeats them after HTTP/2's `REFUSED_STREAM`, so the handle uses HTTP/1.1.
pub(crate) fn handle(connect: Duration, total: Duration) -> Result<Easy2<Received>, curl::Error> {
    let mut handle = Easy2::new(Received::default());
    handle.connect_timeout(connect)?;
    handle.timeout(total)?;
    handle.follow_location(false)?;
    handle.proxy("")?;
    handle.forbid_reuse(true)?;
    handle.http_version(HttpVersion::V11)?;
    handle.path_as_is(true)?;
    Ok(handle)
}

/// Sends a request and reads its response, up to the limit of the body.
pub(crate) fn execute(
    handle: &mut Easy2<Received>,
    outgoing: Outgoing,
) -> Result<Response<Bytes>, TransportError> {
    let max_bytes = outgoing.max_response_bytes();
    *handle.get_mut() = Received { max_bytes, ..Received::default() };
    prepare(handle, outgoing.into_request().into())
        .map_err(|error| TransportError::new(Kind::Connect, error))?;
    let ended = handle.perform();
    // Curl counts the bytes it has written.
    let is_sent = handle.request_size() != Ok(0);
    let status = handle.response_code().unwrap_or_default() as u16;
    let Received { headers, is_head_whole, body, .. } = mem::take(handle.get_mut());
    // For curl, an incomplete head or a single 103 is a response too. Any status but 200 says that
    // the call failed, even if the body is incomplete.
    if !is_head_whole || status < 200 || (status == 200 && ended.is_err()) {
        return Err(match ended {
            Err(error) if error.is_write_error() => Kind::BodyTooLarge { limit: max_bytes }.into(),
            Err(error) => TransportError::new(kind(&error, is_sent), error),
            Ok(()) => TransportError::new(Kind::ConnectionLost, "the response is incomplete"),
        });
    }
    let plain = PlainResponse { status, headers, body: body.into() };
    Response::try_from(plain).map_err(|error| TransportError::new(Kind::Protocol, error))
}

fn kind(error: &curl::Error, is_sent: bool) -> Kind {
    match (is_sent, error.is_operation_timedout()) {
        (false, false) => Kind::Connect,
        (false, true) => Kind::ConnectTimeout,
        (true, false) => Kind::Other,
        (true, true) => Kind::TotalTimeout,
    }
}

fn prepare(handle: &mut Easy2<Received>, request: PlainRequest) -> Result<(), curl::Error> {
    handle.url(&request.url)?;
    handle.get(true)?;
    if request.method != "GET" {
        handle.post_fields_copy(&request.body)?;
    }
    handle.custom_request(&request.method)?;
    let mut headers = List::new();
    // Curl would add these headers.
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
    let response = execute(&mut handle, Outgoing::new(&scene.invite, &scene.session))?;
    InviteBy3pid::parse_response(&response)?;
    scene.print();
    Ok(())
}
