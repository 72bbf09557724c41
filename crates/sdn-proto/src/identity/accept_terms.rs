use serde::Serialize;

use crate::prelude::*;

/// Accepts policies of the identity server for the user.
///
/// `POST /{prefix}/identity/v2/terms`, see the specification's [terms of service]. Ask the person
/// first.
///
/// ```
/// use sdn_proto::identity::AcceptTerms;
/// use sdn_proto::{Call, IdAccessToken, IdentityServer};
///
/// let session = IdentityServer::new("https://id.example")?.session(IdAccessToken::new("id_secret")?);
/// let request = AcceptTerms::new(["https://id.example/en"]).to_request(&session);
/// assert_eq!(request.body(), r#"{"user_accepts":["https://id.example/en"]}"#);
/// AcceptTerms::parse_response(&http::Response::new("{}"))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [terms of service]: https://spec.matrix.org/v1.19/identity-service-api/#post_matrixidentityv2terms
#[derive(Debug, Clone)]
pub struct AcceptTerms {
    urls: Vec<String>,
}

impl AcceptTerms {
    /// Accepts the policies with these URLs. One language of each is enough.
    pub fn new<U: Into<String>>(urls: impl IntoIterator<Item = U>) -> Self {
        Self { urls: urls.into_iter().map(Into::into).collect() }
    }
}

#[derive(Serialize)]
struct Body<'a> {
    user_accepts: &'a [String],
}

impl Call for AcceptTerms {
    type Server = IdentitySession;
    type Output = ();

    endpoint!(POST "/identity/v2/terms");

    fn to_request(&self, session: &IdentitySession) -> Request<Bytes> {
        let body = json::body(&Body { user_accepts: &self.urls });
        session.request::<Self>(&[], body)
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<(), ApiError> {
        response::ignored(response)
    }
}

compose!(AcceptTerms, |p| {
    AcceptTerms::new(p.texts("user_accepts", &["https://id.example/terms-1.0-en.html"])?)
});
