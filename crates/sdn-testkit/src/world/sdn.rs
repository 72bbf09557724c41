//! Setup of SDN-like nodes.

use super::{World, device_of};
use crate::model::node::Family;
use crate::model::wallet::Wallet;

impl World {
    /// Adds an SDN-like node by its host and optional port. An existing node becomes SDN-like.
    ///
    /// Its users are wallets. Their IDs do not contain the node's name.
    pub fn add_sdn_node(&self, name: &str) {
        self.lock().state.node(name).family = Family::Sdn;
    }

    /// Logs a wallet in at an SDN-like node and returns a new access token.
    ///
    /// Adds the node if it is missing. [`Wallet::user_id`] is the user's ID.
    pub fn add_wallet(&self, node: &str, wallet: &Wallet) -> String {
        let mut inner = self.lock();
        let index = inner.state.node_index_or_new(node);
        let node = &mut inner.state.nodes[index];
        node.family = Family::Sdn;
        node.logins.know(&wallet.digits());
        inner.state.issue_token(index, device_of(&wallet.user_id()))
    }

    /// Makes an SDN-like node ask every login for a signature of this key too.
    ///
    /// Adds the node if it is missing. Without it, `app_token` is ignored.
    pub fn require_developer_key(&self, node: &str, key: &Wallet) {
        let mut inner = self.lock();
        let node = inner.state.node(node);
        node.family = Family::Sdn;
        node.logins.developer = Some(key.digits());
    }

    /// Makes an SDN-like node trust an identity server, named as in `id_server`.
    ///
    /// It refuses invitations with any other identity server with `M_SERVER_NOT_TRUSTED`. Adds the node
    /// if it is missing.
    pub fn trust_identity_server(&self, node: &str, id_server: &str) {
        let mut inner = self.lock();
        let node = inner.state.node(node);
        node.family = Family::Sdn;
        node.trusted.insert(id_server.to_ascii_lowercase());
    }
}
