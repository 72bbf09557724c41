//! A web page that invites somebody by e-mail address, with nothing but a node's access token.

mod fetch;

use sdn_proto::flow::{Flow, Invite, Step};
use sdn_proto::{
    AccessToken, IdentityServer, InvalidInput, Node, RoomId, ServerName, ThirdPartyId,
};
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::UrlSearchParams;

/// Invites as `parameters` say, in the form of a query, and tells what came of it.
///
/// `base` is where both the node and the identity server are; the others are `token`, `room`, `address` and `id_server`.
#[wasm_bindgen]
pub async fn invite(parameters: UrlSearchParams) -> String {
    let flow = match flow(|name| parameters.get(name).unwrap_or_default()) {
        Ok(flow) => flow,
        Err(error) => return format!("bad input: {error}"),
    };
    match run(flow).await {
        Ok(_) => "invited".to_owned(),
        Err(failure) => format!("failed: {failure}"),
    }
}

fn flow(parameter: impl Fn(&str) -> String) -> Result<Invite, InvalidInput> {
    let base = parameter("base");
    let session = Node::new(&base)?.session(AccessToken::new(parameter("token"))?);
    let third_party_id = ThirdPartyId::email(parameter("address"))?;
    Ok(Invite::new(session, RoomId::new(parameter("room"))?, third_party_id)
        .at_base(ServerName::new(parameter("id_server"))?, IdentityServer::new(&base)?))
}

/// Runs a flow that waits for no rate limit, and accepts no terms: there is nobody here to ask.
async fn run<F: Flow>(mut flow: F) -> F::Outcome {
    loop {
        match flow.step() {
            Step::Send(outgoing) => {
                let max_bytes = outgoing.max_response_bytes();
                match fetch::carry(outgoing.into_request(), max_bytes).await {
                    Ok(response) => flow.response(&response),
                    Err(delivery) => flow.failed(delivery),
                }
            }
            // Without a budget it does not come to this.
            Step::Wait(_) => flow.waited(),
            Step::AcceptTerms(_) => flow.decline(),
            Step::Done(outcome) => break outcome,
        }
    }
}
