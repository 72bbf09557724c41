use crate::id::ServerName;
use crate::identity_server::IdentityServer;
use crate::node::Node;

/// The place of a flow's identity server.
///
/// Flows send it calls in the node's dialect.
///
/// ```
/// use sdn_proto::flow::IdentityServerAt;
/// use sdn_proto::{IdentityServer, Node, ServerName};
///
/// let name = ServerName::new("id.example")?;
/// let by_name = IdentityServerAt::from(name.clone()); // https://id.example
/// let local = IdentityServerAt::Server { name, base: IdentityServer::new("http://127.0.0.1:8090")? };
/// let discovered = IdentityServerAt::from(Node::new("https://node.example")?); // asks the node
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdentityServerAt {
    /// The node uses the server's `name`, and the flow its `base` URL.
    Server {
        /// The name that the node uses.
        name: ServerName,
        /// The base URL that the flow uses.
        base: IdentityServer,
    },
    /// This domain's discovery document names it, as [`DiscoverFlow`](super::DiscoverFlow) finds
    /// it.
    ///
    /// In the SDN dialect, that is the node itself unless you know another domain. There the server
    /// name of a user ID is a wallet address, which is not in DNS.
    Discover(Node),
}

/// Discovered at this node or domain.
impl From<Node> for IdentityServerAt {
    fn from(domain: Node) -> Self {
        Self::Discover(domain)
    }
}

/// Over `https` at its name.
impl From<ServerName> for IdentityServerAt {
    fn from(name: ServerName) -> Self {
        let base = IdentityServer::at(&name);
        Self::Server { name, base }
    }
}
