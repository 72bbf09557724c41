//! `GET /.well-known/{sdn,matrix}/client`, and `/.well-known/api/client` of an SDN-like node.

use serde_json::json;

use super::{Answer, Call, Refusal, State};
use crate::model::node::Family;

pub(crate) fn get(world: &mut State, call: &Call<'_>) -> Answer {
    let node = &world.nodes[call.server];
    let discovery = node.discovery.as_ref().ok_or_else(Refusal::no_such_resource)?;
    let member = match node.family {
        Family::Synapse => "m.homeserver",
        Family::Sdn => "m.node",
    };
    let mut document = json!({ member: { "base_url": discovery.node } });
    if let Some(base_url) = &discovery.identity_server {
        document["m.identity_server"] = json!({ "base_url": base_url });
    }
    Ok(document)
}
