use http::Response;
use serde::Deserialize;
use serde_json::Value;

use crate::error::ApiError;
use crate::id::UserId;
use crate::node::{Node, Session};
use crate::response;
use crate::secret::AccessToken;

/// A node's response to a login: the user, and the token of the session.
///
/// `Debug` does not print the token.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Login {
    /// The user that the node names.
    pub user_id: UserId,
    /// The device that the token belongs to, if the node names it.
    pub device_id: Option<String>,
    /// The token.
    pub access_token: AccessToken,
}

/// Members of any type, so that each missing or invalid one has its own error.
#[derive(Deserialize)]
struct Members {
    #[serde(default)]
    access_token: Value,
    #[serde(default)]
    user_id: Value,
    #[serde(default)]
    device_id: Value,
}

impl Login {
    /// Returns the session at the node that the login was sent to.
    pub fn session(&self, node: &Node) -> Session {
        node.session(self.access_token.clone())
    }

    /// Parses the response to a login. An error object instead of a token is a refusal, even in a
    /// 200.
    pub(crate) fn read<B: AsRef<[u8]>>(response: &Response<B>) -> Result<Self, ApiError> {
        let invalid = |invalid| response::invalid(response, invalid);
        let members: Members = response::object(response)?;
        let access_token = AccessToken::new(members.access_token.as_str().unwrap_or_default())
            .map_err(|error| {
                ApiError::refused_with_200(response).unwrap_or_else(|| invalid(error))
            })?;
        let user_id = UserId::new(members.user_id.as_str().unwrap_or_default()).map_err(invalid)?;
        let device_id = members.device_id.as_str().map(str::to_owned);
        Ok(Self { user_id, device_id, access_token })
    }
}
