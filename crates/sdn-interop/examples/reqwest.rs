//! Invites with reqwest and the settings that it needs.
//!
//!     cargo run -p sdn-interop --example reqwest

mod scene;

use std::error::Error;
use std::iter;
use std::time::Duration;

use reqwest::{redirect, retry};
use sdn_proto::bytes::Bytes;
use sdn_proto::http::{Response, StatusCode};
use sdn_proto::{Call, CallError, Outgoing, TransportError, TransportErrorKind as Kind};

/// Classifies an error of reqwest, and removes its URL, which contains the room.
fn failed(error: reqwest::Error) -> TransportError {
    let kind = if error.is_connect() && error.is_timeout() {
        Kind::ConnectTimeout
    } else if error.is_connect() || error.is_builder() {
        Kind::Connect
    } else if error.is_request() && is_excluded(&error) {
        Kind::GoingAway
    } else if error.is_timeout() {
        Kind::TotalTimeout
    } else {
        Kind::Other
    };
    TransportError::new(kind, error.without_url())
}

/// Returns whether an HTTP/2 server shuts down without an error and excludes the request.
///
/// A reset stream does not mean that, not even with `REFUSED_STREAM`, because proxies send it after
/// the node has read the request.
fn is_excluded(error: &reqwest::Error) -> bool {
    let mut causes = iter::successors(error.source(), |&cause| cause.source());
    let error = causes.find_map(|cause| cause.downcast_ref::<h2::Error>());
    error.is_some_and(|error| {
        error.is_remote() && error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR)
    })
}

/// Turns off redirects, proxies from the environment and `referer`.
///
/// It turns retries off, because reqwest repeats requests that an HTTP/2 server refuses with
/// `REFUSED_STREAM`. Pings find dead connections.
pub(crate) fn builder(connect: Duration, total: Duration) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .connect_timeout(connect)
        .timeout(total)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .retry(retry::never())
        .http2_keep_alive_interval(Duration::from_secs(3))
        .http2_keep_alive_timeout(Duration::from_secs(10))
        .http2_keep_alive_while_idle(true)
        // Longer than the two together, so that a dead connection is found before it is used again.
        .pool_idle_timeout(Duration::from_secs(15))
}

/// Sends a request and reads its response, up to the limit of the body.
pub(crate) async fn execute(
    client: &reqwest::Client,
    outgoing: Outgoing,
) -> Result<Response<Bytes>, TransportError> {
    let limit = outgoing.max_response_bytes();
    let sent = outgoing.request().clone();
    // An HTTP/2 server can repeat the tokens in its GOAWAY, and reqwest repeats that in its error.
    let failed = |error| failed(error).without_secrets_of(&sent);
    let request = outgoing.into_request().try_into().map_err(failed)?;
    let mut response = client.execute(request).await.map_err(failed)?;
    let length = response.content_length();
    let mut body = Vec::new();
    while body.len() <= limit {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Err(error) if response.status() == StatusCode::OK => return Err(failed(error)),
            // Any other status says that the call failed.
            Ok(None) | Err(_) => break,
        }
    }
    if response.status() == StatusCode::OK {
        if body.len() > limit {
            return Err(Kind::BodyTooLarge { limit }.into());
        }
        // Reqwest treats an HTTP/2 stream that is reset with `NO_ERROR` as the end of the body.
        if length.is_some_and(|length| body.len() as u64 != length) {
            return Err(TransportError::new(Kind::ConnectionLost, "the body is incomplete"));
        }
    }
    body.truncate(limit);
    Ok(Response::from(response).map(|_| body.into()))
}

async fn send<C: Call>(
    client: &reqwest::Client,
    server: &C::Server,
    call: &C,
) -> Result<C::Output, CallError> {
    match execute(client, Outgoing::new(call, server)).await {
        Ok(response) => C::parse_response(&response).map_err(CallError::Api),
        Err(error) => Err(CallError::Transport(error)),
    }
    // A server may repeat the request in its error.
    .map_err(|error| error.without_secrets_of(&call.to_request(server)))
}

#[tokio::main]
pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let scene = scene::Scene::new()?;
    let client = builder(Duration::from_secs(10), Duration::from_secs(150)).build()?;
    send(&client, &scene.session, &scene.invite).await?;
    scene.print();
    Ok(())
}
