//! Invites over reqwest, with a client as it should be set up for this.
//!
//!     cargo run -p sdn-interop --example reqwest

mod scene;

use std::error::Error;
use std::fmt;
use std::iter;
use std::time::Duration;

use reqwest::{redirect, retry};
use sdn_proto::bytes::Bytes;
use sdn_proto::error::without_secrets_of;
use sdn_proto::http::{Request, Response, StatusCode};
use sdn_proto::{Call, CallError, Delivery, TransportError};

/// Why there is no answer. Without a cause the body is too long or too short.
#[derive(Debug)]
pub(crate) struct Failed {
    delivery: Delivery,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

impl Failed {
    /// Takes reqwest's error, without the URL, which has a room in it, and without the tokens that an
    /// HTTP/2 server may repeat in it.
    fn new(error: reqwest::Error, request: &Request<Bytes>) -> Self {
        let delivery = if is_unsent(&error) { Delivery::NotSent } else { Delivery::Unknown };
        let cause = without_secrets_of(error.without_url().into(), request);
        Self { delivery, cause: Some(cause) }
    }
}

impl TransportError for Failed {
    fn delivery(&self) -> Delivery {
        self.delivery
    }
}

fn is_unsent(error: &reqwest::Error) -> bool {
    error.is_connect() || error.is_builder() || error.is_request() && is_excluded(error)
}

/// Whether an HTTP/2 server shuts down in good order and says that it did not handle the request. A
/// reset stream says nothing of the kind, not even with `REFUSED_STREAM`: proxies send it after the
/// node has read the request.
fn is_excluded(error: &reqwest::Error) -> bool {
    let mut causes = iter::successors(error.source(), |&cause| cause.source());
    let error = causes.find_map(|cause| cause.downcast_ref::<h2::Error>());
    error.is_some_and(|error| {
        error.is_remote() && error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR)
    })
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.cause.is_some() {
            "no answer came"
        } else {
            "the body is too long or breaks off"
        })
    }
}

impl Error for Failed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_ref().map(|cause| &**cause as _)
    }
}

/// No redirects, no proxy of the environment, no `referer`. No retries either, because reqwest
/// repeats by itself what an HTTP/2 server refuses with `REFUSED_STREAM`. Pings find connections
/// that have died without a word.
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
        // Longer than the two together, so that such a connection is found before it is used again.
        .pool_idle_timeout(Duration::from_secs(15))
}

/// Carries a request, and reads at most `max_bytes` of the answer's body.
pub(crate) async fn carry(
    client: &reqwest::Client,
    request: Request<Bytes>,
    max_bytes: usize,
) -> Result<Response<Vec<u8>>, Failed> {
    let sent = request.clone();
    let failed = |error| Failed::new(error, &sent);
    let mut answer = client.execute(request.try_into().map_err(failed)?).await.map_err(failed)?;
    let length = answer.content_length();
    let mut body = Vec::new();
    while body.len() <= max_bytes {
        match answer.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Err(error) if answer.status() == StatusCode::OK => return Err(failed(error)),
            // Any other status alone tells that the call failed.
            Ok(None) | Err(_) => break,
        }
    }
    // An HTTP/2 stream that is reset with `NO_ERROR` is a body's end for reqwest.
    let is_whole =
        body.len() <= max_bytes && length.is_none_or(|length| body.len() as u64 == length);
    if !is_whole && answer.status() == StatusCode::OK {
        return Err(Failed { delivery: Delivery::Unknown, cause: None });
    }
    body.truncate(max_bytes);
    Ok(Response::from(answer).map(|_| body))
}

async fn send<C: Call>(
    client: &reqwest::Client,
    server: &C::Server,
    call: &C,
) -> Result<C::Output, CallError<Failed>> {
    let response = carry(client, call.to_request(server), C::MAX_RESPONSE_BYTES).await;
    let response = response.map_err(CallError::Transport)?;
    // A server may repeat the request in its error.
    C::parse_response(&response)
        .map_err(|error| error.without_secrets_of(&call.to_request(server)).into())
}

#[tokio::main]
pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let scene = scene::Scene::new()?;
    let client = builder(Duration::from_secs(10), Duration::from_secs(150)).build()?;
    send(&client, &scene.session, &scene.invite).await?;
    scene.tell();
    Ok(())
}
