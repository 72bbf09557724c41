//! Invites over reqwest's blocking client, with a client as it should be set up for this.
//!
//!     cargo run -p sdn-interop --example reqwest_blocking

mod scene;

use std::error::Error;
use std::io::{self, ErrorKind, Read};
use std::time::{Duration, Instant};

use reqwest::blocking::{Client, ClientBuilder};
use reqwest::redirect;
use sdn_proto::bytes::Bytes;
use sdn_proto::http::{Request, Response, StatusCode};
use sdn_proto::{Call, Delivery, InviteBy3pid};

/// Why there is no answer, and what is known of the request.
pub(crate) type Failed = (Delivery, Box<dyn Error>);

/// No redirects, no proxy of the environment, no `referer`. HTTP/1.1 only, because over HTTP/2
/// reqwest repeats by itself what a server refuses with `REFUSED_STREAM`, and its blocking client
/// has no pings to find a connection that has died without a word.
pub(crate) fn builder(connect: Duration, total: Duration) -> ClientBuilder {
    Client::builder()
        .connect_timeout(connect)
        .timeout(total)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .http1_only()
}

/// Carries a request, and reads at most `max_bytes` of the answer's body. If the server falls silent in the body, that may
/// take twice as long as `timeout`.
pub(crate) fn carry(
    client: &Client,
    request: Request<Bytes>,
    max_bytes: usize,
    timeout: Duration,
) -> Result<Response<Vec<u8>>, Failed> {
    let failed = |error: reqwest::Error| {
        let is_sent = !error.is_connect() && !error.is_builder();
        let delivery = if is_sent { Delivery::Unknown } else { Delivery::NotSent };
        // Its URL has a room in it.
        (delivery, error.without_url().into())
    };
    let deadline = Instant::now() + timeout;
    let mut answer = client.execute(request.try_into().map_err(failed)?).map_err(failed)?;
    let mut body = Vec::new();
    match read(&mut answer, &mut body, max_bytes, deadline) {
        Err(error) if answer.status() == StatusCode::OK => {
            return Err((Delivery::Unknown, error.into()));
        }
        // Any other status alone tells that the call failed.
        _ => body.truncate(max_bytes),
    }
    let mut response = Response::new(body);
    *response.status_mut() = answer.status();
    *response.headers_mut() = answer.headers().clone();
    Ok(response)
}

/// The client's own limit of time begins anew with each read.
fn read(
    answer: &mut impl Read,
    body: &mut Vec<u8>,
    max_bytes: usize,
    deadline: Instant,
) -> io::Result<()> {
    let mut buffer = [0; 8192];
    while Instant::now() < deadline {
        match answer.read(&mut buffer)? {
            0 => return Ok(()),
            count => body.extend_from_slice(&buffer[..count]),
        }
        if body.len() > max_bytes {
            return Err(io::Error::new(ErrorKind::InvalidData, "the body is too long"));
        }
    }
    Err(ErrorKind::TimedOut.into())
}

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let scene = scene::Scene::new()?;
    let timeout = Duration::from_secs(150);
    let client = builder(Duration::from_secs(10), timeout).build()?;
    let request = scene.invite.to_request(&scene.session);
    let response = carry(&client, request, InviteBy3pid::MAX_RESPONSE_BYTES, timeout).map_err(
        |(delivery, error)| format!("{error}; whether the invitation was sent: {delivery:?}"),
    )?;
    InviteBy3pid::parse_response(&response)?;
    scene.tell();
    Ok(())
}
