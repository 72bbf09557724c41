use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::id::UserId;
use crate::open_id_token::OpenIdToken;
use crate::prelude::*;

/// Asks the node for a token that proves the caller's user ID to an identity server.
///
/// `POST /{prefix}/client/v3/user/{userId}/openid/request_token`, see the specification's [OpenID]
/// section.
///
/// Nodes send their name in different members, or do not send it: see [`OpenIdToken::server_name`].
///
/// ```
/// use sdn_proto::client::RequestOpenIdToken;
/// use sdn_proto::{AccessToken, Call, Node, UserId};
///
/// let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
/// let call = RequestOpenIdToken::new(UserId::new("@alice:node.example")?);
/// assert_eq!(
///     call.to_request(&session).uri().path(),
///     "/_api/client/v3/user/%40alice%3Anode.example/openid/request_token",
/// );
///
/// let answer = r#"{"access_token":"oid","token_type":"Bearer","sdn_server_name":"node.example","expires_in":3600}"#;
/// let token = RequestOpenIdToken::parse_response(&http::Response::new(answer))?;
/// assert_eq!(token.server_name(), Some("node.example"));
/// assert_eq!(token.expires_in().as_secs(), 3600);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [OpenID]: https://spec.matrix.org/v1.19/client-server-api/#openid
#[derive(Debug, Clone)]
pub struct RequestOpenIdToken {
    user_id: UserId,
}

impl RequestOpenIdToken {
    /// Asks for a token of the caller. `user_id` must be the caller's.
    pub fn new(user_id: UserId) -> Self {
        Self { user_id }
    }
}

impl Call for RequestOpenIdToken {
    type Server = Session;
    type Output = OpenIdToken;

    endpoint!(POST "/client/v3/user/{userId}/openid/request_token");

    fn to_request(&self, session: &Session) -> Request<Bytes> {
        session.request::<Self>(&[self.user_id.as_str()], "{}")
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<OpenIdToken, ApiError> {
        let json: Box<RawValue> = response::json(response)?;
        let members: Members = response::object(response)?;
        let expires_in = Duration::from_secs(members.expires_in);
        Ok(OpenIdToken::new(json, members.server_name(), expires_in))
    }
}

#[derive(Deserialize)]
struct Members {
    #[serde(rename = "access_token")]
    _access_token: String,
    /// The names that most SDN clients read, that SDN's JavaScript client reads, and that Matrix
    /// specifies.
    sdn_server_name: Option<Value>,
    sendingnetwork_server_name: Option<Value>,
    matrix_server_name: Option<Value>,
    expires_in: u64,
}

impl Members {
    fn server_name(self) -> Option<String> {
        [self.sdn_server_name, self.sendingnetwork_server_name, self.matrix_server_name]
            .into_iter()
            .find_map(|name| if let Some(Value::String(name)) = name { Some(name) } else { None })
    }
}

compose!(RequestOpenIdToken, |p| RequestOpenIdToken::new(p.get("user_id")?));
