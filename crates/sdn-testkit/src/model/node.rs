//! A node: its name, and the passwords and tokens of its users.

use std::collections::BTreeMap;

pub(crate) struct Node {
    pub(crate) name: String,
    /// Access token to the device that it was issued to.
    pub(crate) tokens: BTreeMap<String, Device>,
    /// User ID to password; a user without one cannot log in with one.
    pub(crate) passwords: BTreeMap<String, String>,
    /// OpenID token to user ID.
    pub(crate) open_id_tokens: BTreeMap<String, String>,
    /// What its domain's discovery document says; without, there is none.
    pub(crate) discovery: Option<Discovery>,
}

/// A user's device, as which a client is logged in.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Device {
    pub(crate) user: String,
    pub(crate) id: String,
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
            passwords: BTreeMap::new(),
            open_id_tokens: BTreeMap::new(),
            discovery: None,
        }
    }
}
