//! A node: its name, and the tokens of its users.

use std::collections::BTreeMap;

pub(crate) struct Node {
    pub(crate) name: String,
    /// Access token to user ID.
    pub(crate) tokens: BTreeMap<String, String>,
    /// OpenID token to user ID.
    pub(crate) open_id_tokens: BTreeMap<String, String>,
    /// What its domain's discovery document says; without, there is none.
    pub(crate) discovery: Option<Discovery>,
}

/// Where the servers of a domain are.
pub(crate) struct Discovery {
    pub(crate) node: String,
    pub(crate) identity_server: Option<String>,
}

impl Node {
    pub(crate) fn new(name: &str) -> Self {
        Node {
            name: name.to_owned(),
            tokens: BTreeMap::new(),
            open_id_tokens: BTreeMap::new(),
            discovery: None,
        }
    }
}
