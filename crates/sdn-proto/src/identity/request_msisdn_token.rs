use serde::{Deserialize, Serialize};

use crate::id::ValidationSessionId;
use crate::prelude::*;
use crate::secret::ClientSecret;

/// Asks the identity server to send a token to a phone, to validate that the user reads its
/// messages.
///
/// `POST /{prefix}/identity/v2/validate/msisdn/requestToken`, see the specification's [phone number
/// associations]. **It sends a message**, but no second one for the same secret and number unless
/// `send_attempt` is larger than before.
///
/// ```
/// use sdn_proto::identity::RequestMsisdnToken;
/// use sdn_proto::secret::ClientSecret;
/// use sdn_proto::{Call, IdAccessToken, IdentityServer};
///
/// let session = IdentityServer::new("https://id.example")?.session(IdAccessToken::new("id_secret")?);
/// let call = RequestMsisdnToken::new(ClientSecret::new("monkeys")?, "GB", "07700900001", 1);
/// assert_eq!(
///     call.to_request(&session).body(),
///     r#"{"client_secret":"monkeys","country":"GB","phone_number":"07700900001","send_attempt":1}"#,
/// );
/// let sid = RequestMsisdnToken::parse_response(&http::Response::new(r#"{"sid":"123"}"#))?;
/// assert_eq!(sid.as_str(), "123");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [phone number associations]: https://spec.matrix.org/v1.19/identity-service-api/#phone-number-associations
#[derive(Debug, Clone)]
pub struct RequestMsisdnToken {
    client_secret: ClientSecret,
    country: String,
    phone_number: String,
    send_attempt: u64,
    next_link: Option<String>,
}

impl RequestMsisdnToken {
    /// Requests a token for `phone_number`, dialled from `country` (two letters, ISO 3166-1).
    pub fn new(
        client_secret: ClientSecret,
        country: impl Into<String>,
        phone_number: impl Into<String>,
        send_attempt: u64,
    ) -> Self {
        let (country, phone_number) = (country.into(), phone_number.into());
        Self { client_secret, country, phone_number, send_attempt, next_link: None }
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
    country: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_link: Option<&'a str>,
    phone_number: &'a str,
    send_attempt: u64,
}

#[derive(Deserialize)]
struct Answer {
    sid: ValidationSessionId,
}

impl Call for RequestMsisdnToken {
    type Server = IdentitySession;
    type Output = ValidationSessionId;

    endpoint!(POST "/identity/v2/validate/msisdn/requestToken");

    fn to_request(&self, session: &IdentitySession) -> Request<Bytes> {
        let body = json::body(&Body {
            client_secret: self.client_secret.expose(),
            country: &self.country,
            next_link: self.next_link.as_deref(),
            phone_number: &self.phone_number,
            send_attempt: self.send_attempt,
        });
        session.request::<Self>(&[], body)
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<Self::Output, ApiError> {
        response::object(response).map(|Answer { sid }| sid)
    }
}

compose!(RequestMsisdnToken, |p| {
    let country = p.text("country", &["GB", "US"])?;
    let number = p.text("phone_number", &["07700900001", "+1 800 555 2067"])?;
    let (secret, attempt) = (p.get("client_secret")?, p.get("send_attempt")?);
    let call = RequestMsisdnToken::new(secret, country, number, attempt);
    let links = &["https://app.example/done?a=b&c=d"];
    p.with_text("next_link", links, call, RequestMsisdnToken::with_next_link)?
});
