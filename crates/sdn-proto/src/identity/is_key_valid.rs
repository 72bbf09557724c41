use serde::Deserialize;

use crate::prelude::*;
use crate::public_key::PublicKey;

/// Asks an identity server whether a long-term public key belongs to it and is still valid. Needs
/// no token.
///
/// `GET /{prefix}/identity/v2/pubkey/isvalid?public_key={public_key}`, see the specification's [key
/// management].
///
/// ```
/// use sdn_proto::identity::IsKeyValid;
/// use sdn_proto::{Call, IdentityServer, PublicKey};
///
/// let server = IdentityServer::new("https://id.example")?;
/// let key = PublicKey::new("mN6qmPE8hy5P5fkXx+fEblXFgj7CMVG8PQOEInHSWdU")?;
/// assert_eq!(
///     IsKeyValid::new(key).to_request(&server).uri().path_and_query().unwrap(),
///     "/_api/identity/v2/pubkey/isvalid?public_key=mN6qmPE8hy5P5fkXx%2BfEblXFgj7CMVG8PQOEInHSWdU",
/// );
/// assert!(IsKeyValid::parse_response(&http::Response::new(r#"{"valid":true}"#))?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [key management]: https://spec.matrix.org/v1.19/identity-service-api/#key-management
#[derive(Debug, Clone)]
pub struct IsKeyValid {
    public_key: PublicKey,
}

impl IsKeyValid {
    /// Asks about this key.
    pub fn new(public_key: PublicKey) -> Self {
        Self { public_key }
    }
}

#[derive(Deserialize)]
struct Answer {
    valid: bool,
}

impl Call for IsKeyValid {
    type Server = IdentityServer;
    type Output = bool;

    endpoint!(GET "/identity/v2/pubkey/isvalid?public_key={public_key}");

    fn to_request(&self, server: &IdentityServer) -> Request<Bytes> {
        server.request::<Self>(&[self.public_key.as_str()], Bytes::new())
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<bool, ApiError> {
        response::object(response).map(|Answer { valid }| valid)
    }
}

compose!(IsKeyValid, |p| IsKeyValid::new(p.get("public_key")?));
