//! A stored login.

use std::fmt;

use sdn_proto::{AccessToken, Node, UserId};

use crate::output::printable;

/// A login: a token, its node and its user.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    /// The node, with its dialect.
    pub(crate) node: Node,
    pub(crate) user_id: UserId,
    pub(crate) device_id: Option<String>,
    pub(crate) token: AccessToken,
}

impl Login {
    /// Returns whether both are of the same user at the same node. The file has one entry for each.
    pub(super) fn is_of_same_user(&self, other: &Self) -> bool {
        is_same_server(&self.node, &other.node) && self.user_id == other.user_id
    }
}

/// Prints the options that choose this login.
impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "--node {} --user {}", self.node, printable(self.user_id.as_str()))
    }
}

/// Returns whether two nodes are the same server. The dialect does not matter.
pub(super) fn is_same_server(one: &Node, other: &Node) -> bool {
    one.to_string() == other.to_string()
}
