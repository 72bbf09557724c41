//! Invites over reqwest, with a client as it should be set up for this.
//!
//!     cargo run -p sdn-interop --example reqwest

mod scene;

use std::error::Error;
use std::fmt;
use std::time::Duration;

use reqwest::redirect;
use sdn_proto::bytes::Bytes;
use sdn_proto::http::{Request, Response, StatusCode};
use sdn_proto::{Call, CallError, Delivery, TransportError};

/// Why there is no answer: reqwest's error, without the URL, which has a room in it; or none, if the body is too long.
#[derive(Debug)]
pub(crate) struct Failed(Option<reqwest::Error>);

impl TransportError for Failed {
    fn delivery(&self) -> Delivery {
        let is_unsent = |error: &reqwest::Error| error.is_connect() || error.is_builder();
        if self.0.as_ref().is_some_and(is_unsent) { Delivery::NotSent } else { Delivery::Unknown }
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "no answer came" } else { "the body is too long" })
    }
}

impl Error for Failed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.as_ref().map(|error| error as _)
    }
}

impl From<reqwest::Error> for Failed {
    fn from(error: reqwest::Error) -> Self {
        Self(Some(error.without_url()))
    }
}

/// No redirects, no proxy of the environment, no `referer`.
pub(crate) fn builder(connect: Duration, total: Duration) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .connect_timeout(connect)
        .timeout(total)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .referer(false)
}

/// Carries a request, and reads at most `max_bytes` of the answer's body.
pub(crate) async fn carry(
    client: &reqwest::Client,
    request: Request<Bytes>,
    max_bytes: usize,
) -> Result<Response<Vec<u8>>, Failed> {
    let mut answer = client.execute(request.try_into()?).await?;
    let mut body = Vec::new();
    while body.len() <= max_bytes {
        match answer.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Err(error) if answer.status() == StatusCode::OK => return Err(error.into()),
            // Any other status alone tells that the call failed.
            Ok(None) | Err(_) => break,
        }
    }
    if body.len() > max_bytes && answer.status() == StatusCode::OK {
        return Err(Failed(None));
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
    Ok(C::parse_response(&response.map_err(CallError::Transport)?)?)
}

#[tokio::main]
pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let scene = scene::Scene::new()?;
    let client = builder(Duration::from_secs(10), Duration::from_secs(150)).build()?;
    send(&client, &scene.session, &scene.invite).await?;
    scene.tell();
    Ok(())
}
