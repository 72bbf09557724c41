use serde::Deserialize;

use crate::open_id_token::OpenIdToken;
use crate::prelude::*;
use crate::secret::IdAccessToken;

/// Gets a token from an identity server, for the user of an OpenID token.
///
/// `POST /{prefix}/identity/v2/account/register`, see the specification's [registration]. The
/// OpenID token is sent unchanged, with all its members.
///
/// ```
/// use sdn_proto::client::RequestOpenIdToken;
/// use sdn_proto::identity::Register;
/// use sdn_proto::{Call, IdentityServer};
///
/// let answer = r#"{"access_token":"oid","matrix_server_name":"node.example","expires_in":3600,"token_type":"Bearer"}"#;
/// let open_id = RequestOpenIdToken::parse_response(&http::Response::new(answer))?;
///
/// let server = IdentityServer::new("https://id.example")?;
/// let request = Register::new(open_id).to_request(&server);
/// assert_eq!(request.uri().path(), "/_api/identity/v2/account/register");
/// assert_eq!(request.body(), answer);
///
/// let token = Register::parse_response(&http::Response::new(r#"{"token":"id_secret"}"#))?;
/// let session = server.session(token);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [registration]: https://spec.matrix.org/v1.19/identity-service-api/#post_matrixidentityv2accountregister
#[derive(Debug, Clone)]
pub struct Register {
    open_id_token: OpenIdToken,
}

impl Register {
    /// Registers the user of the token.
    pub fn new(open_id_token: OpenIdToken) -> Self {
        Self { open_id_token }
    }
}

/// Sydent sends both members; the specification names `token`.
#[derive(Deserialize)]
struct Answer {
    token: Option<String>,
    access_token: Option<String>,
}

impl Call for Register {
    type Server = IdentityServer;
    type Output = IdAccessToken;

    endpoint!(POST "/identity/v2/account/register");

    fn to_request(&self, server: &IdentityServer) -> Request<Bytes> {
        let body = Bytes::copy_from_slice(self.open_id_token.expose().as_bytes());
        server.request::<Self>(&[], body)
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<IdAccessToken, ApiError> {
        let Answer { token, access_token } = response::object(response)?;
        let token = token.or(access_token).unwrap_or_default();
        IdAccessToken::new(token).map_err(|invalid| response::invalid(response, invalid))
    }
}

compose!(Register, |p| Register::new(p.get("open_id_token")?));
