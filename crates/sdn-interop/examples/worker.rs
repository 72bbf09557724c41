//! Invites from a worker whose host does all HTTP and knows nothing but plain parts: method, URL, header pairs and bytes.
//!
//!     cargo run -p sdn-interop --example worker

mod scene;

use std::error::Error;

use sdn_blocking::Client;
use sdn_proto::bytes::Bytes;
use sdn_proto::http::{Request, Response};
use sdn_proto::plain::{PlainRequest, PlainResponse};
use sdn_proto::{Delivery, InviteBy3pid};

/// What a host offers its workers. All that it says of a failure is a text.
pub(crate) type Fetch<'a> = &'a dyn Fn(PlainRequest, usize) -> Result<PlainResponse, String>;

/// Carries a request, and has the host read at most `max_bytes` of the answer's body.
pub(crate) fn carry(
    fetch: Fetch<'_>,
    request: Request<Bytes>,
    max_bytes: usize,
) -> Result<Response<Bytes>, (Delivery, String)> {
    // The host does not say whether it has sent anything, so nobody knows.
    let unknown = |problem: String| (Delivery::Unknown, problem);
    let answer = fetch(request.into(), max_bytes).map_err(unknown)?;
    answer.try_into().map_err(|_| unknown("the host gave no status".to_owned()))
}

/// A host; here with this project's own client, in earnest with a runtime's `fetch`, a queue or a foreign function.
pub(crate) fn fetch(
    client: &Client,
    plain: PlainRequest,
    max_bytes: usize,
) -> Result<PlainResponse, String> {
    let mut request = Request::builder().method(&*plain.method).uri(plain.url);
    for (name, value) in plain.headers {
        request = request.header(name, value);
    }
    let request = request.body(plain.body).map_err(|error| error.to_string())?;
    let response = client.carry(&request, max_bytes).map_err(|error| error.to_string())?;
    let headers = response.headers().iter().map(|(name, value)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    Ok(PlainResponse {
        status: response.status().as_u16(),
        headers: headers.collect(),
        body: response.body().clone(),
    })
}

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let scene = scene::Scene::new()?;
    let client = Client::new();
    let request = scene.invite.to_request(&scene.session);
    let response = carry(&|plain, max| fetch(&client, plain, max), request, 64 * 1024);
    let response = response.map_err(|(_, problem)| problem)?;
    InviteBy3pid::parse_response(&response)?;
    println!("{}", scene.last_event());
    Ok(())
}
