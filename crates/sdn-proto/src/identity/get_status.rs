use crate::prelude::*;

/// Checks whether a server is an identity server. Needs no token.
///
/// `GET /{prefix}/identity/v2`, see the specification's [status check].
///
/// ```
/// use sdn_proto::identity::GetStatus;
/// use sdn_proto::{Call, IdentityServer};
///
/// let server = IdentityServer::new("https://id.example")?;
/// assert_eq!(GetStatus::new().to_request(&server).uri(), "https://id.example/_api/identity/v2");
/// GetStatus::parse_response(&http::Response::new("{}"))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [status check]: https://spec.matrix.org/v1.19/identity-service-api/#status-check
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct GetStatus {}

impl GetStatus {
    /// Asks for the status.
    pub fn new() -> Self {
        Self {}
    }
}

impl Call for GetStatus {
    type Server = IdentityServer;
    type Output = ();

    endpoint!(GET "/identity/v2");

    fn to_request(&self, server: &IdentityServer) -> Request<Bytes> {
        server.request::<Self>(&[], Bytes::new())
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<(), ApiError> {
        response::ignored(response)
    }
}

compose!(GetStatus, |_| GetStatus::new());
