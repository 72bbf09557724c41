//! Invites from a worker whose host does all HTTP and knows nothing but plain parts: method, URL, header pairs and bytes.
//!
//!     cargo run -p sdn-interop --example worker

mod scene;

use std::error::Error;

use sdn_blocking::Client;
use sdn_proto::bytes::Bytes;
use sdn_proto::http::{self, Request, Response};
use sdn_proto::plain::{PlainRequest, PlainResponse};
use sdn_proto::{Call, Delivery, InviteBy3pid};

/// What a host offers its workers. It must not follow redirects, nor send a request twice. All that it says of a failure is a
/// text.
pub(crate) type Fetch<'a> = &'a dyn Fn(PlainRequest, usize) -> Result<PlainResponse, String>;

/// Carries a request, and has the host read at most `max_bytes` of the answer's body.
pub(crate) fn carry(
    fetch: Fetch<'_>,
    request: Request<Bytes>,
    max_bytes: usize,
) -> Result<Response<Bytes>, (Delivery, String)> {
    // The host does not say whether it has sent anything, so nobody knows.
    let unknown = |problem: String| (Delivery::Unknown, problem);
    let mut answer = fetch(request.into(), max_bytes).map_err(unknown)?;
    if answer.body.len() > max_bytes && answer.status == 200 {
        return Err(unknown("the body is too long".to_owned()));
    }
    answer.body.truncate(max_bytes);
    answer.try_into().map_err(|_| unknown("the host gave no status".to_owned()))
}

/// A host; here with this project's own client, in earnest with a runtime's `fetch`, a queue or a foreign function.
pub(crate) fn fetch(
    client: &Client,
    plain: PlainRequest,
    max_bytes: usize,
) -> Result<PlainResponse, String> {
    let request = plain.try_into().map_err(|error: http::Error| error.to_string())?;
    let response = client.carry(&request, max_bytes).map_err(|error| error.to_string())?;
    Ok(response.into())
}

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let scene = scene::Scene::new()?;
    let client = Client::new();
    let request = scene.invite.to_request(&scene.session);
    let response =
        carry(&|plain, max| fetch(&client, plain, max), request, InviteBy3pid::MAX_RESPONSE_BYTES);
    let response = response.map_err(|(_, problem)| problem)?;
    InviteBy3pid::parse_response(&response)?;
    scene.tell();
    Ok(())
}
