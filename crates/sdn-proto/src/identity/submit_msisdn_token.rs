use crate::id::ValidationSessionId;
use crate::prelude::*;
use crate::secret::{ClientSecret, ValidationToken};

/// Submits the token that the identity server sent to a phone, which proves that the user reads its
/// messages.
///
/// `POST /{prefix}/identity/v2/validate/msisdn/submitToken`, see the specification's
/// [associations]. Servers respond to a wrong token with 200 and `success: false`, which is an
/// [`ApiError`] of kind [`Unsuccessful`](crate::ApiErrorKind::Unsuccessful) here.
///
/// ```
/// use sdn_proto::id::ValidationSessionId;
/// use sdn_proto::identity::SubmitMsisdnToken;
/// use sdn_proto::secret::{ClientSecret, ValidationToken};
/// use sdn_proto::{ApiErrorKind, Call, IdAccessToken, IdentityServer};
///
/// let session = IdentityServer::new("https://id.example")?.session(IdAccessToken::new("id_secret")?);
/// let call = SubmitMsisdnToken::new(
///     ClientSecret::new("monkeys")?,
///     ValidationSessionId::new("574465591")?,
///     ValidationToken::new("123456")?,
/// );
/// assert_eq!(
///     call.to_request(&session).body(),
///     r#"{"client_secret":"monkeys","sid":"574465591","token":"123456"}"#,
/// );
///
/// SubmitMsisdnToken::parse_response(&http::Response::new(r#"{"success":true}"#))?;
/// let wrong = http::Response::new(r#"{"success":false,"errcode":"M_INVALID_PARAM","error":"The token doesn't match"}"#);
/// let error = SubmitMsisdnToken::parse_response(&wrong).unwrap_err();
/// assert_eq!((error.kind(), error.message()), (ApiErrorKind::Unsuccessful, Some("The token doesn't match")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [associations]: https://spec.matrix.org/v1.19/identity-service-api/#phone-number-associations
#[derive(Debug, Clone)]
pub struct SubmitMsisdnToken {
    client_secret: ClientSecret,
    session_id: ValidationSessionId,
    token: ValidationToken,
}

impl SubmitMsisdnToken {
    /// Submits `token` for the validation `session_id` that was started with the same secret.
    pub fn new(
        client_secret: ClientSecret,
        session_id: ValidationSessionId,
        token: ValidationToken,
    ) -> Self {
        Self { client_secret, session_id, token }
    }
}

impl Call for SubmitMsisdnToken {
    type Server = IdentitySession;
    type Output = ();

    endpoint!(POST "/identity/v2/validate/msisdn/submitToken");

    fn to_request(&self, session: &IdentitySession) -> Request<Bytes> {
        let body = json::object(&[
            ("client_secret", Some(self.client_secret.expose())),
            ("sid", Some(self.session_id.as_str())),
            ("token", Some(self.token.expose())),
        ]);
        session.request::<Self>(&[], body)
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<(), ApiError> {
        response::success_member(response)
    }
}

compose!(SubmitMsisdnToken, |p| SubmitMsisdnToken::new(
    p.get("client_secret")?,
    p.get("sid")?,
    p.get("token")?
));
