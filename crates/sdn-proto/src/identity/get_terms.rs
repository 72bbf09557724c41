use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Show;
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
/// assert_eq!(terms.urls("de")?, ["https://id.example/de"]);
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

impl Terms {
    /// Returns the URL of each policy, in the language that [`Policy::in_language`] selects. Send
    /// them with [`AcceptTerms`](super::AcceptTerms) if the person accepts all policies.
    ///
    /// # Errors
    ///
    /// If there is no policy, or one has no readable text: a person can accept only a text that
    /// they can read.
    pub fn urls(&self, language: &str) -> Result<Vec<String>, UnreadableTerms> {
        if self.policies.is_empty() {
            return Err(UnreadableTerms { policy: None });
        }
        let url = |(name, policy): (&String, &Policy)| match policy.in_language(language) {
            Some(text) => Ok(text.url.clone()),
            None => Err(UnreadableTerms { policy: Some(name.clone()) }),
        };
        self.policies.iter().map(url).collect()
    }
}

/// Terms that nobody can accept: they have no policy, or a policy without a readable text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableTerms {
    policy: Option<String>,
}

impl UnreadableTerms {
    /// Returns the server's name for the policy without a readable text; `None` if there is no
    /// policy.
    pub fn policy(&self) -> Option<&str> {
        self.policy.as_deref()
    }
}

impl fmt::Display for UnreadableTerms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.policy {
            Some(policy) => write!(f, "the policy {} has no readable text", Show(policy))?,
            None => f.write_str("the identity server has no policy to accept")?,
        }
        f.write_str("; ask the server's operator to correct its terms")
    }
}

impl Error for UnreadableTerms {}

/// A policy in all its languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Policy {
    /// The policy's version; empty if the server does not send one, or if it is not a text or a
    /// number.
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
    /// The URL of the text, which [`AcceptTerms`](super::AcceptTerms) sends.
    pub url: String,
}

impl Policy {
    /// Returns the text in a language, or else in English, or else in any other. Returns `None` if
    /// no text is at an `http` or `https` URL.
    ///
    /// Regions are ignored: `en-US` counts as English. So is case.
    pub fn in_language(&self, code: &str) -> Option<&PolicyText> {
        let texts = || self.languages.iter().filter(|(_, text)| text.is_readable());
        let exactly = |wanted| texts().find(move |(code, _)| is_same(code, wanted));
        let roughly =
            |wanted| texts().find(move |(code, _)| is_same(primary(code), primary(wanted)));
        let found = exactly(code).or_else(|| roughly(code));
        let found = found.or_else(|| exactly(ENGLISH)).or_else(|| roughly(ENGLISH));
        found.or_else(|| texts().next()).map(|(_, text)| text)
    }
}

impl PolicyText {
    fn is_readable(&self) -> bool {
        let has_scheme = |scheme: &str| {
            self.url.split_at_checked(scheme.len()).is_some_and(|(start, rest)| {
                start.eq_ignore_ascii_case(scheme) && !rest.trim().is_empty()
            })
        };
        has_scheme("https://") || has_scheme("http://")
    }
}

const ENGLISH: &str = "en";

fn is_same(code: &str, other: &str) -> bool {
    code.eq_ignore_ascii_case(other)
}

/// Returns the language of a code, without its region.
fn primary(code: &str) -> &str {
    code.split(['-', '_']).next().unwrap_or_default()
}

/// Every member except `version` is a language; one that is not a text is skipped.
impl<'de> Deserialize<'de> for Policy {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Members {
            #[serde(default)]
            version: Value,
            #[serde(flatten)]
            others: BTreeMap<String, Value>,
        }
        let Members { version, others } = Members::deserialize(deserializer)?;
        let text = |(code, value)| {
            let Object(text) = serde_json::from_value(value).ok()?;
            Some((code, text))
        };
        // Nothing depends on the version, so an unusual one does not make the terms unusable.
        let version = match version {
            Value::String(version) => version,
            Value::Number(version) => version.to_string(),
            _ => String::new(),
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
