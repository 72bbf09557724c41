use serde::{Deserialize, Serialize};

use crate::dialect::Dialect;
use crate::error::InvalidInput;
use crate::object::Object;
use crate::prelude::*;

/// Asks a domain where its node and its identity server are. Needs no token.
///
/// `GET /.well-known/sdn/client` (`/.well-known/matrix/client` in the Matrix dialect) at the
/// domain, see the specification's [discovery]. A 404 means that the domain does not name servers.
/// A redirect is an error here, and [`DiscoverFlow`](crate::flow::DiscoverFlow) follows it.
///
/// In the Matrix dialect, ask `https://{domain}` with the server name of a user ID. The response
/// names the real servers. In the SDN dialect, ask the node's own base URL unless you know another
/// domain. There the server name of a user ID is a wallet address, which is not in DNS.
///
/// ```
/// use sdn_proto::client::Discover;
/// use sdn_proto::{Call, Node};
///
/// let domain = Node::new("https://example.com")?;
/// assert_eq!(Discover::new().to_request(&domain).uri(), "https://example.com/.well-known/sdn/client");
///
/// let answer = r#"{"m.node":{"base_url":"https://node.example.com"},"m.identity_server":{"base_url":"https://id.example.com"}}"#;
/// let found = Discover::parse_response(&http::Response::new(answer))?;
/// assert_eq!(found.node(&domain).unwrap()?.to_string(), "https://node.example.com/");
/// assert_eq!(found.identity_server(&domain).unwrap()?.to_string(), "https://id.example.com/");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [discovery]: https://spec.matrix.org/v1.19/client-server-api/#server-discovery
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Discover {}

impl Discover {
    /// Asks for the discovery document.
    pub fn new() -> Self {
        Self {}
    }
}

/// The servers that a domain names.
///
/// A domain must not name a server on this machine, such as `https://localhost:8090` or
/// `http://127.0.0.1` ([`Rule::Loopback`](crate::Rule::Loopback)). Otherwise a token would go to
/// any program that listens there. Only a domain that is on this machine may name one. Only the
/// URL's text is checked, not the addresses that a name resolves to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Discovery {
    #[serde(rename = "m.node", skip_serializing_if = "Option::is_none")]
    node: Option<Object<Base>>,
    #[serde(rename = "m.homeserver", skip_serializing_if = "Option::is_none")]
    homeserver: Option<Object<Base>>,
    #[serde(rename = "m.identity_server", skip_serializing_if = "Option::is_none")]
    identity_server: Option<Object<Base>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Base {
    base_url: String,
}

impl Base {
    /// Adds the last slash, which many documents omit.
    fn with_slash(&self) -> String {
        format!("{}/", self.base_url.strip_suffix('/').unwrap_or(&self.base_url))
    }
}

impl Discovery {
    /// Returns the node, if the domain names one, in the dialect of the domain.
    ///
    /// It is the member `m.homeserver`. In the SDN dialect it is `m.node`, or `m.homeserver` if
    /// there is no `m.node`.
    ///
    /// # Errors
    ///
    /// The base URL breaks a rule of [`Node::new`], or leads to this machine and `domain` does not.
    pub fn node(&self, domain: &Node) -> Option<Result<Node, InvalidInput>> {
        let sdn = match domain.dialect() {
            Dialect::Sdn => self.node.as_ref(),
            Dialect::Matrix => None,
        };
        let base = sdn.or(self.homeserver.as_ref());
        base.map(|Object(base)| Node::discovered(Node::FIELD, &base.with_slash(), domain))
    }

    /// Returns the identity server, if the domain names one, in the dialect of the domain.
    ///
    /// # Errors
    ///
    /// The base URL breaks a rule of [`IdentityServer::new`], or leads to this machine and `domain`
    /// does not.
    pub fn identity_server(&self, domain: &Node) -> Option<Result<IdentityServer, InvalidInput>> {
        let base = self.identity_server.as_ref();
        base.map(|Object(base)| IdentityServer::discovered(&base.with_slash(), domain))
    }
}

impl Call for Discover {
    type Server = Node;
    type Output = Discovery;

    endpoint!(GET "/.well-known/sdn/client", "/.well-known/matrix/client");

    fn to_request(&self, node: &Node) -> Request<Bytes> {
        node.request::<Self>(&[], Bytes::new())
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<Discovery, ApiError> {
        response::object(response)
    }
}

compose!(Discover, |_| Discover::new());
