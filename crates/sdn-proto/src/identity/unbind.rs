use serde::Serialize;

use crate::id::{UserId, ValidationSessionId};
use crate::prelude::*;
use crate::secret::ClientSecret;
use crate::threepid::ThirdPartyId;

/// Removes the binding of an address to the user at the identity server.
///
/// `POST /{prefix}/identity/v2/3pid/unbind`, see the specification's [unbind]. The identity server
/// requires a proof that the user still reads the address: a validation with its secret.
///
/// ```
/// use sdn_proto::id::ValidationSessionId;
/// use sdn_proto::identity::Unbind;
/// use sdn_proto::secret::ClientSecret;
/// use sdn_proto::{Call, IdAccessToken, IdentityServer, ThirdPartyId, UserId};
///
/// let session = IdentityServer::new("https://id.example")?.session(IdAccessToken::new("id_secret")?);
/// let call = Unbind::new(
///     UserId::new("@alice:node.example")?,
///     ThirdPartyId::email("alice@example.com")?,
///     ClientSecret::new("monkeys")?,
///     ValidationSessionId::new("1")?,
/// );
/// assert_eq!(
///     call.to_request(&session).body(),
///     r#"{"client_secret":"monkeys","mxid":"@alice:node.example","sid":"1","threepid":{"address":"alice@example.com","medium":"email"}}"#,
/// );
/// Unbind::parse_response(&http::Response::new("{}"))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [unbind]: https://spec.matrix.org/v1.19/identity-service-api/#post_matrixidentityv23pidunbind
#[derive(Debug, Clone)]
pub struct Unbind {
    user_id: UserId,
    third_party_id: ThirdPartyId,
    client_secret: ClientSecret,
    session_id: ValidationSessionId,
}

impl Unbind {
    /// Unbinds an address from `user_id`. `session_id` is a validation of the address.
    pub fn new(
        user_id: UserId,
        third_party_id: ThirdPartyId,
        client_secret: ClientSecret,
        session_id: ValidationSessionId,
    ) -> Self {
        Self { user_id, third_party_id, client_secret, session_id }
    }
}

#[derive(Serialize)]
struct Body<'a> {
    client_secret: &'a str,
    mxid: &'a str,
    sid: &'a str,
    threepid: Threepid<'a>,
}

#[derive(Serialize)]
struct Threepid<'a> {
    address: &'a str,
    medium: &'a str,
}

impl Call for Unbind {
    type Server = IdentitySession;
    type Output = ();

    endpoint!(POST "/identity/v2/3pid/unbind");

    fn to_request(&self, session: &IdentitySession) -> Request<Bytes> {
        let body = json::body(&Body {
            client_secret: self.client_secret.expose(),
            mxid: self.user_id.as_str(),
            sid: self.session_id.as_str(),
            threepid: Threepid {
                address: self.third_party_id.address(),
                medium: self.third_party_id.medium().as_str(),
            },
        });
        session.request::<Self>(&[], body)
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<(), ApiError> {
        response::ignored(response)
    }
}

compose!(Unbind, |p| Unbind::new(
    p.get("mxid")?,
    p.get("threepid")?,
    p.get("client_secret")?,
    p.get("sid")?
));
