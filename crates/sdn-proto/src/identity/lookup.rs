use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::get_hash_details::HashDetails;
use crate::base64;
use crate::id::UserId;
use crate::prelude::*;
use crate::threepid::ThirdPartyId;

/// Asks the identity server which users third-party identifiers are bound to, without showing it
/// the addresses.
///
/// `POST /{prefix}/identity/v2/lookup`, see the specification's [lookup]. Each address is sent as
/// the SHA-256 of `{address} {medium} {pepper}`. A 400 `M_INVALID_PEPPER` means that the server's
/// details have changed: get them again, once.
///
/// ```
/// use sdn_proto::identity::{HashDetails, Lookup};
/// use sdn_proto::{Call, IdAccessToken, IdentityServer, ThirdPartyId};
///
/// let session = IdentityServer::new("https://id.example")?.session(IdAccessToken::new("id_secret")?);
/// let details = HashDetails::new(vec!["sha256".to_owned()], "matrixrocks");
/// let lookup = Lookup::new(vec![ThirdPartyId::email("alice@example.com")?], &details)?;
/// assert_eq!(
///     lookup.to_request(&session).body(),
///     r#"{"addresses":["4kenr7N9drpCJ4AfalmlGQVsOn3o2RHjkADUpXJWZUc"],"algorithm":"sha256","pepper":"matrixrocks"}"#,
/// );
///
/// let answer = r#"{"mappings":{"4kenr7N9drpCJ4AfalmlGQVsOn3o2RHjkADUpXJWZUc":"@alice:node.example"}}"#;
/// let mappings = Lookup::parse_response(&http::Response::new(answer))?;
/// let (third_party_id, user_id) = lookup.found(&mappings).next().unwrap();
/// assert_eq!((third_party_id.address(), user_id.as_str()), ("alice@example.com", "@alice:node.example"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [lookup]: https://spec.matrix.org/v1.19/identity-service-api/#post_matrixidentityv2lookup
#[derive(Debug, Clone)]
pub struct Lookup {
    third_party_ids: Vec<ThirdPartyId>,
    /// The text that is sent for each identifier.
    addresses: Vec<String>,
    algorithm: &'static str,
    pepper: String,
}

impl Lookup {
    /// Looks up identifiers with SHA-256.
    ///
    /// # Errors
    ///
    /// If the server does not accept `sha256`.
    pub fn new(
        third_party_ids: Vec<ThirdPartyId>,
        details: &HashDetails,
    ) -> Result<Self, NoCommonAlgorithm> {
        Self::with_algorithm("sha256", third_party_ids, details)
    }

    /// Looks up identifiers without hashing them, which shows the server every address.
    ///
    /// # Errors
    ///
    /// If the server does not accept `none`.
    pub fn new_unhashed(
        third_party_ids: Vec<ThirdPartyId>,
        details: &HashDetails,
    ) -> Result<Self, NoCommonAlgorithm> {
        Self::with_algorithm("none", third_party_ids, details)
    }

    fn with_algorithm(
        algorithm: &'static str,
        third_party_ids: Vec<ThirdPartyId>,
        details: &HashDetails,
    ) -> Result<Self, NoCommonAlgorithm> {
        if !details.algorithms.iter().any(|offered| offered == algorithm) {
            return Err(NoCommonAlgorithm { wanted: algorithm });
        }
        let pepper = details.lookup_pepper.clone();
        let sent = |id: &ThirdPartyId| match algorithm {
            "none" => format!("{} {}", id.address(), id.medium()),
            _ => hash(id, &pepper),
        };
        Ok(Self {
            addresses: third_party_ids.iter().map(sent).collect(),
            third_party_ids,
            algorithm,
            pepper,
        })
    }

    /// Returns each identifier that was found, with its user.
    pub fn found<'a>(
        &'a self,
        mappings: &'a Mappings,
    ) -> impl Iterator<Item = (&'a ThirdPartyId, &'a UserId)> {
        let asked = self.third_party_ids.iter().zip(&self.addresses);
        asked.filter_map(|(id, sent)| Some((id, mappings.mappings.get(sent)?)))
    }
}

fn hash(id: &ThirdPartyId, pepper: &str) -> String {
    let text = format!("{} {} {pepper}", id.address(), id.medium());
    base64::encode_url_safe(&hmac_sha256::Hash::hash(text.as_bytes()))
}

/// An identity server's response to a lookup: users by the text that was sent for their address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mappings {
    mappings: BTreeMap<String, UserId>,
}

/// The identity server does not accept the hash algorithm of the lookup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoCommonAlgorithm {
    wanted: &'static str,
}

impl fmt::Display for NoCommonAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the identity server does not offer the lookup algorithm '{}'", self.wanted)
    }
}

impl Error for NoCommonAlgorithm {}

#[derive(Serialize)]
struct Body<'a> {
    addresses: &'a [String],
    algorithm: &'a str,
    pepper: &'a str,
}

impl Call for Lookup {
    type Server = IdentitySession;
    type Output = Mappings;

    endpoint!(POST "/identity/v2/lookup");

    /// Enough for some ten thousand mappings.
    const MAX_RESPONSE_BYTES: usize = 4 * 1024 * 1024;

    fn to_request(&self, session: &IdentitySession) -> Request<Bytes> {
        let body =
            Body { addresses: &self.addresses, algorithm: self.algorithm, pepper: &self.pepper };
        session.request::<Self>(&[], json::body(&body))
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<Mappings, ApiError> {
        response::object(response)
    }
}

compose!(Lookup, |p| {
    let new = if p.has("unhashed")? { Lookup::new_unhashed } else { Lookup::new };
    new(p.list("third_party_ids")?, &p.members()?)?
});

#[cfg(feature = "arbitrary")]
impl From<NoCommonAlgorithm> for crate::parts::Refusal {
    fn from(_: NoCommonAlgorithm) -> Self {
        Self::NotOffered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_equal_the_specification() {
        for (id, expected) in [
            (
                ThirdPartyId::email("alice@example.com"),
                "4kenr7N9drpCJ4AfalmlGQVsOn3o2RHjkADUpXJWZUc",
            ),
            (ThirdPartyId::email("bob@example.com"), "LJwSazmv46n0hlMlsb_iYxI0_HXEqy_yj6Jm636cdT8"),
            (ThirdPartyId::msisdn("18005552067"), "nlo35_T5fzSGZzJApqu8lgIudJvmOQtDaHtr-I4rU7I"),
        ] {
            assert_eq!(hash(&id.unwrap(), "matrixrocks"), expected);
        }
    }

    #[test]
    fn unhashed_lookup_needs_a_server_offer() {
        let id = || vec![ThirdPartyId::email("alice@example.com").unwrap()];
        let none = HashDetails::new(vec!["none".to_owned()], "p");
        let sha256 = HashDetails::new(vec!["sha256".to_owned()], "p");
        assert!(Lookup::new(id(), &none).is_err());
        assert!(Lookup::new_unhashed(id(), &sha256).is_err());
        assert_eq!(
            Lookup::new_unhashed(id(), &none).unwrap().addresses,
            ["alice@example.com email"]
        );
    }
}
