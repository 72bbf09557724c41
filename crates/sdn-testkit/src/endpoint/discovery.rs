//! `GET /.well-known/{sdn,matrix}/client`.

use serde_json::json;

use super::{Answer, Call, Refusal, State};

pub(crate) fn get(world: &mut State, call: &Call<'_>) -> Answer {
    let discovery = &world.nodes[call.server].discovery;
    let discovery = discovery.as_ref().ok_or_else(Refusal::no_such_resource)?;
    let mut document = json!({ "m.homeserver": { "base_url": discovery.node } });
    if let Some(base_url) = &discovery.identity_server {
        document["m.identity_server"] = json!({ "base_url": base_url });
    }
    Ok(document)
}
