//! `GET /.well-known/{sdn,matrix}/client`.

use serde_json::json;

use super::Node;
use crate::answer::{Answer, Refusal};

/// Where the servers of a domain are.
pub(crate) struct Discovery {
    pub(crate) node: String,
    pub(crate) identity_server: Option<String>,
}

/// A domain that was told nothing has no document.
pub(super) fn get(node: &Node) -> Answer {
    let discovery = node.discovery.as_ref().ok_or_else(Refusal::no_such_resource)?;
    let mut document = json!({ "m.homeserver": { "base_url": discovery.node } });
    if let Some(base_url) = &discovery.identity_server {
        document["m.identity_server"] = json!({ "base_url": base_url });
    }
    Ok(document)
}
