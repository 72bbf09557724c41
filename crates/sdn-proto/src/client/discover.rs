use bytes::Bytes;
use http::{Request, Response};
use serde::Deserialize;

use crate::call::Call;
use crate::error::{ApiError, InvalidInput};
use crate::identity_server::IdentityServer;
use crate::node::Node;
use crate::object::Object;
use crate::request::Piece;
use crate::response;

/// Asks a domain where its node and its identity server are. Needs no token.
///
/// `GET /.well-known/sdn/client` (`/.well-known/matrix/client` in the Matrix dialect) at the domain, see the
/// specification's [discovery]. The server to ask is `https://{domain}`; the answer names the real ones. A 404 means that
/// the domain has nothing to say.
///
/// ```
/// use sdn_proto::client::Discover;
/// use sdn_proto::{Call, Node};
///
/// let domain = Node::new("https://example.com")?;
/// assert_eq!(Discover::new().to_request(&domain).uri(), "https://example.com/.well-known/sdn/client");
///
/// let answer = r#"{"m.homeserver":{"base_url":"https://node.example.com"},"m.identity_server":{"base_url":"https://id.example.com"}}"#;
/// let found = Discover::parse_response(&http::Response::new(answer))?;
/// assert_eq!(found.node().unwrap()?.to_string(), "https://node.example.com/");
/// assert_eq!(found.identity_server().unwrap()?.to_string(), "https://id.example.com/");
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

/// What a domain says of its servers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Discovery {
    #[serde(rename = "m.homeserver")]
    node: Option<Object<Base>>,
    #[serde(rename = "m.identity_server")]
    identity_server: Option<Object<Base>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Base {
    base_url: String,
}

impl Base {
    /// Documents name a base with or without its last slash.
    fn with_slash(&self) -> String {
        format!("{}/", self.base_url.strip_suffix('/').unwrap_or(&self.base_url))
    }
}

impl Discovery {
    /// The node, if one is named, in the SDN dialect; an error if what is named is no base URL.
    pub fn node(&self) -> Option<Result<Node, InvalidInput>> {
        self.node.as_ref().map(|Object(base)| Node::new(base.with_slash()))
    }

    /// The identity server, if one is named, in the SDN dialect; an error if what is named is no base URL.
    pub fn identity_server(&self) -> Option<Result<IdentityServer, InvalidInput>> {
        self.identity_server.as_ref().map(|Object(base)| IdentityServer::new(base.with_slash()))
    }
}

impl Call for Discover {
    type Server = Node;
    type Output = Discovery;

    fn to_request(&self, node: &Node) -> Request<Bytes> {
        node.well_known().get(&[Piece::Text("/client")])
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<Discovery, ApiError> {
        response::object(response)
    }
}
