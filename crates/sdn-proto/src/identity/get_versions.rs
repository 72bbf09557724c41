use crate::prelude::*;
use crate::versions::Versions;

/// Asks an identity server which versions of the specification it supports. Needs no token.
///
/// `GET /{prefix}/identity/versions`, see the specification's [API versions].
///
/// ```
/// use sdn_proto::identity::GetVersions;
/// use sdn_proto::{Call, IdentityServer};
///
/// let server = IdentityServer::new("https://id.example")?;
/// assert_eq!(GetVersions::new().to_request(&server).uri().path(), "/_api/identity/versions");
/// let versions = GetVersions::parse_response(&http::Response::new(r#"{"versions":["v1.1"]}"#))?;
/// assert_eq!(versions.versions, ["v1.1"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [API versions]: https://spec.matrix.org/v1.19/identity-service-api/#api-versions
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
    type Server = IdentityServer;
    type Output = Versions;

    endpoint!(GET "/identity/versions");

    fn to_request(&self, server: &IdentityServer) -> Request<Bytes> {
        server.request::<Self>(&[], Bytes::new())
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<Versions, ApiError> {
        response::object(response)
    }
}

compose!(GetVersions, |_| GetVersions::new());
