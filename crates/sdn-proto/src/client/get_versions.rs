use crate::prelude::*;
use crate::versions::Versions;

/// Asks a node which versions of the specification it supports. Needs no token.
///
/// `GET /{prefix}/client/versions`, see the specification's [versions endpoint].
///
/// ```
/// use sdn_proto::client::GetVersions;
/// use sdn_proto::{Call, Node};
///
/// let node = Node::new("https://node.example")?;
/// assert_eq!(GetVersions::new().to_request(&node).uri().path(), "/_api/client/versions");
///
/// let answer = r#"{"versions":["v1.11"],"unstable_features":{"org.example.x":true}}"#;
/// let versions = GetVersions::parse_response(&http::Response::new(answer))?;
/// assert!(versions.versions.contains(&"v1.11".to_owned()) && versions.unstable_features["org.example.x"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [versions endpoint]: https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientversions
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct GetVersions {}

impl GetVersions {
    /// Asks for the versions.
    pub fn new() -> Self {
        Self {}
    }
}

impl Call for GetVersions {
    type Server = Node;
    type Output = Versions;

    endpoint!(GET "/client/versions");

    fn to_request(&self, node: &Node) -> Request<Bytes> {
        node.request::<Self>(&[], Bytes::new())
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<Versions, ApiError> {
        response::object(response)
    }
}

compose!(GetVersions, |_| GetVersions::new());
