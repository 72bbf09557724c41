use serde::Deserialize;

use crate::id::KeyId;
use crate::prelude::*;
use crate::public_key::PublicKey;

/// Asks an identity server for one of its long-term public keys. Needs no token.
///
/// `GET /{prefix}/identity/v2/pubkey/{keyId}`, see the specification's [key management].
///
/// ```
/// use sdn_proto::identity::GetPublicKey;
/// use sdn_proto::{Call, IdentityServer, id::KeyId};
///
/// let server = IdentityServer::new("https://id.example")?;
/// let request = GetPublicKey::new(KeyId::new("ed25519:0")?).to_request(&server);
/// assert_eq!(request.uri().path(), "/_api/identity/v2/pubkey/ed25519%3A0");
///
/// let answer = r#"{"public_key":"mN6qmPE8hy5P5fkXx+fEblXFgj7CMVG8PQOEInHSWdU"}"#;
/// let key = GetPublicKey::parse_response(&http::Response::new(answer))?;
/// assert_eq!(key.as_bytes()[0], 0x98);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [key management]: https://spec.matrix.org/v1.19/identity-service-api/#key-management
#[derive(Debug, Clone)]
pub struct GetPublicKey {
    key_id: KeyId,
}

impl GetPublicKey {
    /// Asks for the key of this name.
    pub fn new(key_id: KeyId) -> Self {
        Self { key_id }
    }
}

#[derive(Deserialize)]
struct Answer {
    public_key: PublicKey,
}

impl Call for GetPublicKey {
    type Server = IdentityServer;
    type Output = PublicKey;

    endpoint!(GET "/identity/v2/pubkey/{keyId}");

    fn to_request(&self, server: &IdentityServer) -> Request<Bytes> {
        server.request::<Self>(&[self.key_id.as_str()], Bytes::new())
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<PublicKey, ApiError> {
        response::object(response).map(|Answer { public_key }| public_key)
    }
}

compose!(GetPublicKey, |p| GetPublicKey::new(p.get("key_id")?));
