//! A web page that invites somebody by e-mail address, starting from a node's access token.

mod fetch;

use sdn_proto::flow::{Flow, IdentityServerAt, InviteFlow, Step};
use sdn_proto::{
    AccessToken, IdentityServer, InvalidInput, Node, RoomId, ServerName, ThirdPartyId,
};
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::UrlSearchParams;

/// Sends the invitation that the query `parameters` describes, and returns the outcome.
///
/// `base` is the URL of both the node and the identity server. The others are `token`, `room`,
/// `address` and `id_server`.
#[wasm_bindgen]
pub async fn invite(parameters: UrlSearchParams) -> String {
    let flow = match flow(|name| parameters.get(name).unwrap_or_default()) {
        Ok(flow) => flow,
        Err(error) => return format!("bad input: {error}"),
    };
    match run(flow).await {
        Ok(_) => "invited".to_owned(),
        Err(error) => format!("failed: {error}"),
    }
}

fn flow(parameter: impl Fn(&str) -> String) -> Result<InviteFlow, InvalidInput> {
    let base = parameter("base");
    let session = Node::new(&base)?.session(AccessToken::new(parameter("token"))?);
    let third_party_id = ThirdPartyId::email(parameter("address"))?;
    let at = IdentityServerAt::Server {
        name: ServerName::new(parameter("id_server"))?,
        base: IdentityServer::new(&base)?,
    };
    Ok(InviteFlow::new(session, RoomId::new(parameter("room"))?, third_party_id, at))
}

/// Runs a flow that has no wait budget.
async fn run<F: Flow>(mut flow: F) -> F::Outcome {
    loop {
        match flow.step() {
            Step::Send(outgoing) => flow.received(fetch::execute(outgoing).await),
            // Without a budget this does not happen.
            Step::Wait(_) => flow.waited(),
            Step::Done(outcome) => break outcome,
        }
    }
}
