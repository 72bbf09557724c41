use serde::{Deserialize, Serialize};

use crate::id::UserId;
use crate::prelude::*;

/// Asks the node which user the session's access token belongs to.
///
/// `GET /{prefix}/client/v3/account/whoami`, see the specification's [whoami endpoint].
///
/// ```
/// use sdn_proto::client::WhoAmI;
/// use sdn_proto::{AccessToken, Call, Node};
///
/// let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
/// assert_eq!(WhoAmI::new().to_request(&session).uri().path(), "/_api/client/v3/account/whoami");
///
/// let me = WhoAmI::parse_response(&http::Response::new(r#"{"user_id":"@alice:node.example","device_id":"D"}"#))?;
/// assert_eq!((me.user_id.as_str(), me.device_id.as_deref()), ("@alice:node.example", Some("D")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [whoami endpoint]: https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3accountwhoami
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct WhoAmI {}

impl WhoAmI {
    /// Asks for the session's user.
    pub fn new() -> Self {
        Self {}
    }
}

/// The user and device of an access token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Me {
    /// The user.
    pub user_id: UserId,
    /// The device that the token was issued to, if there is one.
    pub device_id: Option<String>,
    /// Whether the user is a guest, with few rights.
    #[serde(default)]
    pub is_guest: bool,
}

impl Call for WhoAmI {
    type Server = Session;
    type Output = Me;

    endpoint!(GET "/client/v3/account/whoami");

    fn to_request(&self, session: &Session) -> Request<Bytes> {
        session.request::<Self>(&[], Bytes::new())
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<Me, ApiError> {
        response::object(response)
    }
}

compose!(WhoAmI, |_| WhoAmI::new());
