use serde::Deserialize;

use crate::prelude::*;

/// Asks a Matrix node which kinds of login it accepts. Needs no token.
///
/// `GET /{prefix}/client/v3/login`, see the specification's [login types].
///
/// ```
/// use sdn_proto::client::GetLoginFlows;
/// use sdn_proto::{Call, Dialect, Node};
///
/// let node = Node::new("https://matrix.example")?.with_dialect(Dialect::Matrix);
/// let request = GetLoginFlows::new().to_request(&node);
/// assert_eq!(request.uri().path(), "/_matrix/client/v3/login");
///
/// let response = http::Response::new(r#"{"flows":[{"type":"m.login.password"}]}"#);
/// assert_eq!(GetLoginFlows::parse_response(&response)?, ["m.login.password"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [login types]: https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3login
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct GetLoginFlows {}

impl GetLoginFlows {
    /// Asks for the kinds of login.
    pub fn new() -> Self {
        Self {}
    }
}

#[derive(Deserialize)]
struct Answer {
    #[serde(deserialize_with = "crate::object::list")]
    flows: Vec<LoginType>,
}

#[derive(Deserialize)]
struct LoginType {
    r#type: String,
}

impl Call for GetLoginFlows {
    type Server = Node;
    /// The types, such as `m.login.password`.
    type Output = Vec<String>;

    endpoint!(GET "/client/v3/login");

    fn to_request(&self, node: &Node) -> Request<Bytes> {
        node.request::<Self>(&[], Bytes::new())
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<Vec<String>, ApiError> {
        let Answer { flows } = response::object(response)?;
        Ok(flows.into_iter().map(|flow| flow.r#type).collect())
    }
}

compose!(GetLoginFlows, |_| GetLoginFlows::new());
