use serde::Deserialize;

use crate::id::UserId;
use crate::prelude::*;

/// Asks the identity server which user the session's token belongs to.
///
/// `GET /{prefix}/identity/v2/account`, see the specification's [account information]. It is the
/// cheapest way to check whether a token still works, and whether the user has to accept terms.
///
/// ```
/// use sdn_proto::identity::GetAccount;
/// use sdn_proto::{Call, IdAccessToken, IdentityServer};
///
/// let session = IdentityServer::new("https://id.example")?.session(IdAccessToken::new("id_secret")?);
/// assert_eq!(GetAccount::new().to_request(&session).uri().path(), "/_api/identity/v2/account");
/// let user = GetAccount::parse_response(&http::Response::new(r#"{"user_id":"@alice:node.example"}"#))?;
/// assert_eq!(user.as_str(), "@alice:node.example");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [account information]: https://spec.matrix.org/v1.19/identity-service-api/#get_matrixidentityv2account
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct GetAccount {}

impl GetAccount {
    /// Asks for the session's user.
    pub fn new() -> Self {
        Self {}
    }
}

#[derive(Deserialize)]
struct Answer {
    user_id: UserId,
}

impl Call for GetAccount {
    type Server = IdentitySession;
    type Output = UserId;

    endpoint!(GET "/identity/v2/account");

    fn to_request(&self, session: &IdentitySession) -> Request<Bytes> {
        session.request::<Self>(&[], Bytes::new())
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<UserId, ApiError> {
        response::object(response).map(|Answer { user_id }| user_id)
    }
}

compose!(GetAccount, |_| GetAccount::new());
