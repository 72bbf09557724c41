use crate::prelude::*;

/// Ends the session at the identity server: its token no longer works.
///
/// `POST /{prefix}/identity/v2/account/logout`, see the specification's [logout].
///
/// ```
/// use sdn_proto::identity::LogOut;
/// use sdn_proto::{Call, IdAccessToken, IdentityServer};
///
/// let session = IdentityServer::new("https://id.example")?.session(IdAccessToken::new("id_secret")?);
/// assert_eq!(LogOut::new().to_request(&session).uri().path(), "/_api/identity/v2/account/logout");
/// LogOut::parse_response(&http::Response::new("{}"))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [logout]: https://spec.matrix.org/v1.19/identity-service-api/#post_matrixidentityv2accountlogout
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct LogOut {}

impl LogOut {
    /// Ends the session.
    pub fn new() -> Self {
        Self {}
    }
}

impl Call for LogOut {
    type Server = IdentitySession;
    type Output = ();

    endpoint!(POST "/identity/v2/account/logout");

    fn to_request(&self, session: &IdentitySession) -> Request<Bytes> {
        session.request::<Self>(&[], "{}")
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<(), ApiError> {
        response::ignored(response)
    }
}

compose!(LogOut, |_| LogOut::new());
