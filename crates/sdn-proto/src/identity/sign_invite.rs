use crate::id::{InviteToken, UserId};
use crate::prelude::*;
use crate::secret::InvitePrivateKey;
use crate::signed::SignedInvite;

/// Asks the identity server to sign the acceptance of an invitation, with the token and the private
/// key from its mail.
///
/// `POST /{prefix}/identity/v2/sign-ed25519`, see the specification's [ephemeral invitation
/// signing]. The server receives the key. To keep it, sign the acceptance yourself with the feature
/// `verify`.
///
/// ```
/// use sdn_proto::id::InviteToken;
/// use sdn_proto::identity::SignInvite;
/// use sdn_proto::secret::InvitePrivateKey;
/// use sdn_proto::{Call, IdAccessToken, IdentityServer, UserId};
///
/// let session = IdentityServer::new("https://id.example")?.session(IdAccessToken::new("id_secret")?);
/// let call = SignInvite::new(
///     UserId::new("@dave:node.example")?,
///     InviteToken::new("tok")?,
///     InvitePrivateKey::new("Dw9c7m9I2epmukp8VXMtQz9k7C23UzTTxI9kT8EtZ4E")?,
/// );
/// assert_eq!(call.to_request(&session).uri().path(), "/_api/identity/v2/sign-ed25519");
///
/// let answer = r#"{"mxid":"@dave:node.example","sender":"@alice:node.example","token":"tok",
///     "signatures":{"id.example":{"ed25519:0":"c2ln"}}}"#;
/// let signed = SignInvite::parse_response(&http::Response::new(answer))?;
/// assert_eq!(signed.mxid().as_str(), "@dave:node.example");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [ephemeral invitation signing]: https://spec.matrix.org/v1.19/identity-service-api/#ephemeral-invitation-signing
#[derive(Debug, Clone)]
pub struct SignInvite {
    user_id: UserId,
    token: InviteToken,
    private_key: InvitePrivateKey,
}

impl SignInvite {
    /// Requests a signature that `user_id` accepts the invitation.
    pub fn new(user_id: UserId, token: InviteToken, private_key: InvitePrivateKey) -> Self {
        Self { user_id, token, private_key }
    }
}

impl Call for SignInvite {
    type Server = IdentitySession;
    type Output = SignedInvite;

    endpoint!(POST "/identity/v2/sign-ed25519");

    fn to_request(&self, session: &IdentitySession) -> Request<Bytes> {
        let body = json::object(&[
            ("mxid", Some(self.user_id.as_str())),
            ("private_key", Some(self.private_key.expose())),
            ("token", Some(self.token.as_str())),
        ]);
        session.request::<Self>(&[], body)
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<SignedInvite, ApiError> {
        response::object(response)
    }
}

compose!(SignInvite, |p| SignInvite::new(p.get("mxid")?, p.get("token")?, p.get("private_key")?));
