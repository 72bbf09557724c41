//! Invites with reqwest's blocking client and the settings that it needs.
//!
//!     cargo run -p sdn-interop --example reqwest_blocking

mod scene;

use std::error::Error;
use std::io::{self, Read};
use std::time::{Duration, Instant};

use reqwest::blocking::{Client, ClientBuilder};
use reqwest::redirect;
use sdn_proto::bytes::Bytes;
use sdn_proto::http::{Response, StatusCode};
use sdn_proto::{Call, InviteBy3pid, Outgoing, TransportError, TransportErrorKind as Kind};

/// Turns off redirects, proxies from the environment and `referer`.
///
/// It uses only HTTP/1.1. Over HTTP/2, reqwest repeats requests that a server refuses with
/// `REFUSED_STREAM`, and its blocking client has no pings to find a dead connection.
pub(crate) fn builder(connect: Duration, total: Duration) -> ClientBuilder {
    Client::builder()
        .connect_timeout(connect)
        .timeout(total)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .http1_only()
}

/// Sends a request and reads its response, up to the limit of the body.
///
/// If the server stops sending within the body, this takes up to twice as long as `timeout`.
pub(crate) fn execute(
    client: &Client,
    outgoing: Outgoing,
    timeout: Duration,
) -> Result<Response<Bytes>, TransportError> {
    let deadline = Instant::now() + timeout;
    let limit = outgoing.max_response_bytes();
    let request = outgoing.into_request().try_into().map_err(failed)?;
    let mut response = client.execute(request).map_err(failed)?;
    let mut body = Vec::new();
    match read(&mut response, &mut body, limit, deadline) {
        Err(error) if response.status() == StatusCode::OK => return Err(error),
        // Any other status says that the call failed.
        _ => body.truncate(limit),
    }
    let mut received = Response::new(body.into());
    *received.status_mut() = response.status();
    *received.headers_mut() = response.headers().clone();
    Ok(received)
}

/// Classifies an error of reqwest, and removes its URL, which contains the room.
fn failed(error: reqwest::Error) -> TransportError {
    let is_sent = !error.is_connect() && !error.is_builder();
    let kind = match (is_sent, error.is_timeout()) {
        (false, false) => Kind::Connect,
        (false, true) => Kind::ConnectTimeout,
        (true, false) => Kind::Other,
        (true, true) => Kind::TotalTimeout,
    };
    TransportError::new(kind, error.without_url())
}

/// Reads the body. The client's timeout starts again with each read.
fn read(
    response: &mut impl Read,
    body: &mut Vec<u8>,
    limit: usize,
    deadline: Instant,
) -> Result<(), TransportError> {
    let mut buffer = [0; 8192];
    while Instant::now() < deadline {
        match response.read(&mut buffer).map_err(failed_in_body)? {
            0 => return Ok(()),
            count => body.extend_from_slice(&buffer[..count]),
        }
        if body.len() > limit {
            return Err(Kind::BodyTooLarge { limit }.into());
        }
    }
    Err(Kind::TotalTimeout.into())
}

fn failed_in_body(error: io::Error) -> TransportError {
    match error.downcast::<reqwest::Error>() {
        Ok(error) => failed(error),
        Err(error) => TransportError::new(Kind::Other, error),
    }
}

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let scene = scene::Scene::new()?;
    let timeout = Duration::from_secs(150);
    let client = builder(Duration::from_secs(10), timeout).build()?;
    let outgoing = Outgoing::new(&scene.invite, &scene.session);
    let response = execute(&client, outgoing, timeout)?;
    InviteBy3pid::parse_response(&response)?;
    scene.print();
    Ok(())
}
