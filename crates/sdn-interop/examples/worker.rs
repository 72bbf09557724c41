//! Invites from a worker whose host sends all requests, in plain parts: method, URL, header pairs
//! and bytes.
//!
//!     cargo run -p sdn-interop --example worker

mod scene;

use std::error::Error;

use sdn_blocking::Client;
use sdn_proto::bytes::Bytes;
use sdn_proto::http::{self, Response};
use sdn_proto::plain::{PlainRequest, PlainResponse};
use sdn_proto::{Call, InviteBy3pid, Outgoing, TransportError, TransportErrorKind as Kind};

/// A host's function for its workers. It must not follow redirects or send a request twice. A
/// failure is only a text.
pub(crate) type Fetch<'a> = &'a dyn Fn(PlainRequest, usize) -> Result<PlainResponse, String>;

/// Sends a request through the host, which reads at most the limit of the response's body.
pub(crate) fn execute(
    fetch: Fetch<'_>,
    outgoing: Outgoing,
) -> Result<Response<Bytes>, TransportError> {
    let limit = outgoing.max_response_bytes();
    // The host does not report whether it sent anything, so the outcome is unknown.
    let mut response = fetch(outgoing.into_request().into(), limit)
        .map_err(|problem| TransportError::new(Kind::Other, problem))?;
    if response.body.len() > limit && response.status == 200 {
        return Err(Kind::BodyTooLarge { limit }.into());
    }
    response.body.truncate(limit);
    Response::try_from(response).map_err(|error| TransportError::new(Kind::Protocol, error))
}

/// Stands in for the host: in production, a runtime's `fetch`, a queue or a foreign function.
pub(crate) fn fetch(
    client: &Client,
    plain: PlainRequest,
    limit: usize,
) -> Result<PlainResponse, String> {
    let request = plain.try_into().map_err(|error: http::Error| error.to_string())?;
    let result = client.execute(Outgoing::from_request(request, limit));
    Ok(result.map_err(|error| error.to_string())?.into())
}

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let scene = scene::Scene::new()?;
    let client = Client::new();
    let outgoing = Outgoing::new(&scene.invite, &scene.session);
    let response = execute(&|plain, limit| fetch(&client, plain, limit), outgoing)?;
    InviteBy3pid::parse_response(&response)?;
    scene.print();
    Ok(())
}
