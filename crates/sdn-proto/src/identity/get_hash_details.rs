use serde::{Deserialize, Serialize};

use crate::prelude::*;

/// Asks the identity server how to hash addresses in a [`Lookup`](super::Lookup).
///
/// `GET /{prefix}/identity/v2/hash_details`, see the specification's [hash details].
///
/// ```
/// use sdn_proto::identity::GetHashDetails;
/// use sdn_proto::{Call, IdAccessToken, IdentityServer};
///
/// let session = IdentityServer::new("https://id.example")?.session(IdAccessToken::new("id_secret")?);
/// assert_eq!(GetHashDetails::new().to_request(&session).uri().path(), "/_api/identity/v2/hash_details");
///
/// let answer = r#"{"algorithms":["none","sha256"],"lookup_pepper":"matrixrocks"}"#;
/// let details = GetHashDetails::parse_response(&http::Response::new(answer))?;
/// assert_eq!((details.algorithms.len(), details.lookup_pepper.as_str()), (2, "matrixrocks"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [hash details]: https://spec.matrix.org/v1.19/identity-service-api/#get_matrixidentityv2hash_details
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct GetHashDetails {}

impl GetHashDetails {
    /// Asks for the details.
    pub fn new() -> Self {
        Self {}
    }
}

/// How to hash addresses for an identity server. This may change at any time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HashDetails {
    /// The names of the algorithms that the server accepts.
    pub algorithms: Vec<String>,
    /// The text that is hashed together with each address.
    pub lookup_pepper: String,
}

impl HashDetails {
    /// Creates details that are already known.
    pub fn new(algorithms: Vec<String>, lookup_pepper: impl Into<String>) -> Self {
        Self { algorithms, lookup_pepper: lookup_pepper.into() }
    }
}

impl Call for GetHashDetails {
    type Server = IdentitySession;
    type Output = HashDetails;

    endpoint!(GET "/identity/v2/hash_details");

    fn to_request(&self, session: &IdentitySession) -> Request<Bytes> {
        session.request::<Self>(&[], Bytes::new())
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<HashDetails, ApiError> {
        response::object(response)
    }
}

compose!(GetHashDetails, |_| GetHashDetails::new());
