use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::object::Object;
use crate::prelude::*;

/// Asks an identity server for its terms of service. Needs no token.
///
/// `GET /{prefix}/identity/v2/terms`, see the specification's [terms of service].
///
/// ```
/// use sdn_proto::identity::GetTerms;
/// use sdn_proto::{Call, IdentityServer};
///
/// let server = IdentityServer::new("https://id.example")?;
/// assert_eq!(GetTerms::new().to_request(&server).uri().path(), "/_api/identity/v2/terms");
///
/// let answer = r#"{"policies":{"privacy":{"version":"1.2",
///     "en":{"name":"Privacy","url":"https://id.example/en"},"de":{"name":"Datenschutz","url":"https://id.example/de"}}}}"#;
/// let terms = GetTerms::parse_response(&http::Response::new(answer))?;
/// let privacy = &terms.policies["privacy"];
/// assert_eq!((privacy.version.as_str(), privacy.in_language("fr").unwrap().name.as_str()), ("1.2", "Privacy"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [terms of service]: https://spec.matrix.org/v1.19/identity-service-api/#terms-of-service
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct GetTerms {}

impl GetTerms {
    /// Asks for the terms.
    pub fn new() -> Self {
        Self {}
    }
}

/// The terms of service of an identity server; no policies if it has none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Terms {
    /// The policies, by the server's name for each.
    pub policies: BTreeMap<String, Policy>,
}

/// A policy in all its languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Policy {
    /// The policy's version.
    pub version: String,
    /// The text in each language, by language code.
    #[serde(flatten)]
    pub languages: BTreeMap<String, PolicyText>,
}

/// A policy in one language. Its text is at the URL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PolicyText {
    /// The policy's name for people.
    pub name: String,
    /// Where the text is; also what [`AcceptTerms`](super::AcceptTerms) wants.
    pub url: String,
}

impl Policy {
    /// The text in a language or, if there is none, in English or in any.
    pub fn in_language(&self, code: &str) -> Option<&PolicyText> {
        let texts = &self.languages;
        texts.get(code).or_else(|| texts.get("en")).or_else(|| texts.values().next())
    }
}

/// Beside `version` every member is a language; one that is not a text is passed over.
impl<'de> Deserialize<'de> for Policy {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Members {
            version: String,
            #[serde(flatten)]
            others: BTreeMap<String, Value>,
        }
        let Members { version, others } = Members::deserialize(deserializer)?;
        let text = |(code, value)| {
            let Object(text) = serde_json::from_value(value).ok()?;
            Some((code, text))
        };
        Ok(Self { version, languages: others.into_iter().filter_map(text).collect() })
    }
}

impl Call for GetTerms {
    type Server = IdentityServer;
    type Output = Terms;

    endpoint!(GET "/identity/v2/terms");

    fn to_request(&self, server: &IdentityServer) -> Request<Bytes> {
        server.request::<Self>(&[], Bytes::new())
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<Terms, ApiError> {
        response::object(response)
    }
}

compose!(GetTerms, |_| GetTerms::new());
