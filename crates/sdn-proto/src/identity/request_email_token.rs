use serde::{Deserialize, Serialize};

use crate::id::ValidationSessionId;
use crate::prelude::*;
use crate::secret::ClientSecret;

/// Asks the identity server to mail a token to an address, to validate that the user reads its
/// mail.
///
/// `POST /{prefix}/identity/v2/validate/email/requestToken`, see the specification's [email
/// associations]. **It sends a mail**, but no second one for the same secret and address unless
/// `send_attempt` is larger than before.
///
/// ```
/// use sdn_proto::identity::RequestEmailToken;
/// use sdn_proto::secret::ClientSecret;
/// use sdn_proto::{Call, IdAccessToken, IdentityServer};
///
/// let session = IdentityServer::new("https://id.example")?.session(IdAccessToken::new("id_secret")?);
/// let call = RequestEmailToken::new(ClientSecret::new("monkeys")?, "alice@example.com", 1);
/// let request = call.to_request(&session);
/// assert_eq!(request.uri().path(), "/_api/identity/v2/validate/email/requestToken");
/// assert_eq!(request.body(), r#"{"client_secret":"monkeys","email":"alice@example.com","send_attempt":1}"#);
///
/// let sid = RequestEmailToken::parse_response(&http::Response::new(r#"{"sid":"574465591"}"#))?;
/// assert_eq!(sid.as_str(), "574465591");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [email associations]: https://spec.matrix.org/v1.19/identity-service-api/#email-associations
#[derive(Debug, Clone)]
pub struct RequestEmailToken {
    client_secret: ClientSecret,
    email: String,
    send_attempt: u64,
    next_link: Option<String>,
}

impl RequestEmailToken {
    /// Requests a token for `email`.
    pub fn new(client_secret: ClientSecret, email: impl Into<String>, send_attempt: u64) -> Self {
        Self { client_secret, email: email.into(), send_attempt, next_link: None }
    }

    /// Sets a page to which the user is sent afterwards.
    #[must_use]
    pub fn with_next_link(self, url: impl Into<String>) -> Self {
        Self { next_link: Some(url.into()), ..self }
    }
}

#[derive(Serialize)]
struct Body<'a> {
    client_secret: &'a str,
    email: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_link: Option<&'a str>,
    send_attempt: u64,
}

#[derive(Deserialize)]
struct Answer {
    sid: ValidationSessionId,
}

impl Call for RequestEmailToken {
    type Server = IdentitySession;
    type Output = ValidationSessionId;

    endpoint!(POST "/identity/v2/validate/email/requestToken");

    fn to_request(&self, session: &IdentitySession) -> Request<Bytes> {
        let body = json::body(&Body {
            client_secret: self.client_secret.expose(),
            email: &self.email,
            next_link: self.next_link.as_deref(),
            send_attempt: self.send_attempt,
        });
        session.request::<Self>(&[], body)
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<Self::Output, ApiError> {
        response::object(response).map(|Answer { sid }| sid)
    }
}

compose!(RequestEmailToken, |p| {
    let email = p.text("email", &["alice@example.com"])?;
    let call = RequestEmailToken::new(p.get("client_secret")?, email, p.get("send_attempt")?);
    let links = &["https://app.example/done?a=b&c=d"];
    p.with_text("next_link", links, call, RequestEmailToken::with_next_link)?
});
