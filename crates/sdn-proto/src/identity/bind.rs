use crate::id::{UserId, ValidationSessionId};
use crate::prelude::*;
use crate::secret::ClientSecret;
use crate::signed::Association;

/// Binds a validated address to the user at the identity server.
///
/// `POST /{prefix}/identity/v2/3pid/bind`, see the specification's [bind]. Later invitations to the
/// address reach the user. The output is the association, signed by the identity server, with the
/// invitations that were waiting.
///
/// ```
/// use sdn_proto::id::ValidationSessionId;
/// use sdn_proto::identity::Bind;
/// use sdn_proto::secret::ClientSecret;
/// use sdn_proto::{Call, IdAccessToken, IdentityServer, UserId};
///
/// let session = IdentityServer::new("https://id.example")?.session(IdAccessToken::new("id_secret")?);
/// let call = Bind::new(
///     ClientSecret::new("monkeys")?,
///     ValidationSessionId::new("574465591")?,
///     UserId::new("@alice:node.example")?,
/// );
/// assert_eq!(
///     call.to_request(&session).body(),
///     r#"{"client_secret":"monkeys","mxid":"@alice:node.example","sid":"574465591"}"#,
/// );
///
/// let answer = r#"{"medium":"email","address":"alice@example.com","mxid":"@alice:node.example",
///     "ts":1,"not_before":1,"not_after":2,"signatures":{"id.example":{"ed25519:0":"c2ln"}}}"#;
/// let association = Bind::parse_response(&http::Response::new(answer))?;
/// assert_eq!(association.mxid().as_str(), "@alice:node.example");
/// assert!(association.invites().is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [bind]: https://spec.matrix.org/v1.19/identity-service-api/#post_matrixidentityv23pidbind
#[derive(Debug, Clone)]
pub struct Bind {
    client_secret: ClientSecret,
    session_id: ValidationSessionId,
    user_id: UserId,
}

impl Bind {
    /// Binds the address validated in `session_id` to `user_id`, the session's user.
    pub fn new(
        client_secret: ClientSecret,
        session_id: ValidationSessionId,
        user_id: UserId,
    ) -> Self {
        Self { client_secret, session_id, user_id }
    }
}

impl Call for Bind {
    type Server = IdentitySession;
    type Output = Association;

    endpoint!(POST "/identity/v2/3pid/bind");

    /// Enough for some thousand waiting invitations.
    const MAX_RESPONSE_BYTES: usize = 4 * 1024 * 1024;

    fn to_request(&self, session: &IdentitySession) -> Request<Bytes> {
        let body = json::object(&[
            ("client_secret", Some(self.client_secret.expose())),
            ("mxid", Some(self.user_id.as_str())),
            ("sid", Some(self.session_id.as_str())),
        ]);
        session.request::<Self>(&[], body)
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<Association, ApiError> {
        response::object(response)
    }
}

compose!(Bind, |p| Bind::new(p.get("client_secret")?, p.get("sid")?, p.get("mxid")?));
