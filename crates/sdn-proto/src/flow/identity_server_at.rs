use crate::id::ServerName;
use crate::identity_server::IdentityServer;
use crate::node::Node;

/// Where the identity server of a flow is.
///
/// Flows ask it in the node's dialect.
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
    /// The node knows it as `name`, and we reach it at `base`.
    Server {
        /// The name that the node uses.
        name: ServerName,
        /// The base URL that we use.
        base: IdentityServer,
    },
    /// This domain's discovery document names it, as [`DiscoverFlow`](super::DiscoverFlow) finds it.
    ///
    /// In the SDN dialect, that is the node itself unless you know another domain: the server name
    /// of a user ID is a wallet address there, which no name server knows.
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
