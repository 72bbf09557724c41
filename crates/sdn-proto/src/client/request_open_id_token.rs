use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::id::UserId;
use crate::open_id_token::OpenIdToken;
use crate::prelude::*;

/// Asks the node for a token that proves to an identity server who the caller is.
///
/// `POST /{prefix}/client/v3/user/{userId}/openid/request_token`, see the specification's [OpenID] section.
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
/// let answer = r#"{"access_token":"oid","token_type":"Bearer","matrix_server_name":"node.example","expires_in":3600}"#;
/// let token = RequestOpenIdToken::parse_response(&http::Response::new(answer))?;
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
    /// Asks for a token of the caller, whose own ID this must be.
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
        let Members { matrix_server_name, expires_in, .. } = response::object(response)?;
        Ok(OpenIdToken::new(json, matrix_server_name, Duration::from_secs(expires_in)))
    }
}

#[derive(Deserialize)]
struct Members {
    #[serde(rename = "access_token")]
    _access_token: String,
    matrix_server_name: String,
    expires_in: u64,
}

compose!(RequestOpenIdToken, |p| RequestOpenIdToken::new(p.get("user_id")?));
