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

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Failed {
    /// reqwest's error, without the URL, which has a room in it.
    Reqwest(reqwest::Error),
    TooLong,
}

impl TransportError for Failed {
    fn delivery(&self) -> Delivery {
        match self {
            Self::Reqwest(error) if error.is_connect() || error.is_builder() => Delivery::NotSent,
            _ => Delivery::Unknown,
        }
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reqwest(_) => "no answer came",
            Self::TooLong => "the body is too long",
        })
    }
}

impl Error for Failed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Reqwest(error) => Some(error),
            Self::TooLong => None,
        }
    }
}

impl From<reqwest::Error> for Failed {
    fn from(error: reqwest::Error) -> Self {
        Self::Reqwest(error.without_url())
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
    loop {
        match answer.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= max_bytes => {
                body.extend_from_slice(&chunk);
            }
            Ok(None) => break,
            // The status alone tells that the call failed.
            _ if answer.status() != StatusCode::OK => break,
            Ok(Some(_)) => return Err(Failed::TooLong),
            Err(error) => return Err(error.into()),
        }
    }
    let mut response = Response::new(body);
    *response.status_mut() = answer.status();
    *response.headers_mut() = answer.headers().clone();
    Ok(response)
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
    println!("{}", scene.last_event());
    Ok(())
}
