//! A node: its family, and the tokens and logins of its users.

use std::collections::{BTreeMap, BTreeSet};

use super::login::Logins;

pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) family: Family,
    /// Access token to the device that it was issued to.
    pub(crate) tokens: BTreeMap<String, Device>,
    /// User ID to password. A user without a password cannot use `POST login`.
    pub(crate) passwords: BTreeMap<String, String>,
    /// OpenID token to user ID.
    pub(crate) open_id_tokens: BTreeMap<String, String>,
    /// The domain's discovery document, if it has one.
    pub(crate) discovery: Option<Discovery>,
    /// Logins with wallets, of an SDN-like node.
    pub(crate) logins: Logins,
    /// The names of the identity servers that an SDN-like node trusts, in lower case.
    pub(crate) trusted: BTreeSet<String>,
}

/// The software that a node behaves like. The prefix of a request does not matter.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Synapse,
    /// What the public SDKs of SDN expect. Where they say nothing, it is like Dendrite, from which
    /// SDN's nodes probably descend.
    Sdn,
}

/// A user's device, on which a client is logged in.
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
            family: Family::Synapse,
            tokens: BTreeMap::new(),
            passwords: BTreeMap::new(),
            open_id_tokens: BTreeMap::new(),
            discovery: None,
            logins: Logins::default(),
            trusted: BTreeSet::new(),
        }
    }

    pub(crate) fn trusts(&self, identity_server: &str) -> bool {
        self.trusted.contains(&identity_server.to_ascii_lowercase())
    }
}
