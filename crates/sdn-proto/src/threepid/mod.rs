//! Third-party identifiers: e-mail addresses, phone numbers and others.

mod domain;
mod email;
mod invisible;
mod msisdn;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::error::{InvalidInput, Rule};

/// The kind of a third-party identifier: `email`, `msisdn`, or another.
///
/// ```
/// use sdn_proto::Medium;
///
/// assert_eq!(Medium::new("email")?, Medium::EMAIL);
/// assert_eq!(Medium::new("org.example.pager")?.as_str(), "org.example.pager");
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Medium(Kind);

#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Kind {
    Email,
    Msisdn,
    Other(Arc<str>),
}

impl Medium {
    /// An e-mail address.
    pub const EMAIL: Self = Self(Kind::Email);
    /// A phone number.
    pub const MSISDN: Self = Self(Kind::Msisdn);

    /// Returns the medium with this name.
    ///
    /// # Errors
    ///
    /// The name is empty.
    pub fn new(name: impl AsRef<str>) -> Result<Self, InvalidInput> {
        match name.as_ref() {
            "" => Err(InvalidInput::new("medium", Rule::Empty)),
            "email" => Ok(Self::EMAIL),
            "msisdn" => Ok(Self::MSISDN),
            other => Ok(Self(Kind::Other(other.into()))),
        }
    }

    /// Returns the medium's name.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Kind::Email => "email",
            Kind::Msisdn => "msisdn",
            Kind::Other(name) => name,
        }
    }
}

crate::id::text_traits!(Medium);

impl fmt::Debug for Medium {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Medium").field(&self.as_str()).finish()
    }
}

/// A third-party identifier: a medium and an address.
///
/// See the specification's [3PID types].
///
/// ```
/// use sdn_proto::ThirdPartyId;
///
/// assert_eq!(ThirdPartyId::email("Strauß@Example.com")?.address(), "strauss@example.com");
/// assert_eq!(ThirdPartyId::msisdn("+1 (800) 555-2067")?.address(), "18005552067");
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
///
/// [3PID types]: https://spec.matrix.org/v1.19/appendices/#3pid-types
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ThirdPartyId {
    medium: Medium,
    address: Arc<str>,
}

impl ThirdPartyId {
    /// Checks an e-mail address and case-folds it (full Unicode case folding), as identity servers
    /// store it.
    ///
    /// # Errors
    ///
    /// Each of these has its own rule:
    ///
    /// * a display name, angle brackets, a `mailto:` link, another URL, or a user ID
    /// * white space, a control character, or an invisible character (one of Unicode's default
    ///   ignorable ones, such as the zero width space)
    /// * no `@`, several, or one without text on both sides
    /// * more than 500 bytes
    ///
    /// Before the `@`, the characters `(),:;[]\` and `"` are rejected unless all of that part is in
    /// quotation marks. A typographic quotation mark or a bullet is rejected at the start. After
    /// the `@` there is a domain's name. Its labels have 1 to 63 letters, marks, numbers and `-` of
    /// any script, and do not begin or end with `-`; the last one is not a number. An IP address,
    /// in brackets or not, is rejected. The letters, marks and numbers are those of the standard
    /// library's Unicode version.
    pub fn email(address: impl AsRef<str>) -> Result<Self, InvalidInput> {
        match email::fold(address.as_ref()) {
            Ok(address) => Ok(Self { medium: Medium::EMAIL, address: address.into() }),
            Err(rule) => Err(InvalidInput::new("e-mail address", rule)),
        }
    }

    /// Checks an international phone number and keeps only its digits.
    ///
    /// One leading `+` and the separators people write (spaces, `-`, `.`, `(`, `)`, `/`) are
    /// dropped.
    ///
    /// # Errors
    ///
    /// Each of these has its own rule:
    ///
    /// * letters, an invisible character, or any other character
    /// * a `tel:` link, or a number as spreadsheets write it (`18005552067.0`, `1.8E+10`)
    /// * a leading 0 (no country code), or a trunk prefix `(0)`
    /// * fewer than 5 or more than 15 digits
    pub fn msisdn(number: impl AsRef<str>) -> Result<Self, InvalidInput> {
        match msisdn::digits(number.as_ref()) {
            Ok(digits) => Ok(Self { medium: Medium::MSISDN, address: digits.into() }),
            Err(rule) => Err(InvalidInput::new("phone number", rule)),
        }
    }

    /// Creates an identifier with an address that is sent unchanged, for other media.
    ///
    /// # Errors
    ///
    /// The address is empty.
    ///
    /// ```
    /// use sdn_proto::{Medium, ThirdPartyId};
    ///
    /// let pager = ThirdPartyId::verbatim(Medium::new("org.example.pager")?, "Unit 7")?;
    /// assert_eq!(pager.address(), "Unit 7");
    /// # Ok::<(), sdn_proto::InvalidInput>(())
    /// ```
    pub fn verbatim(medium: Medium, address: impl AsRef<str>) -> Result<Self, InvalidInput> {
        match address.as_ref() {
            "" => Err(InvalidInput::new("address", Rule::Empty)),
            address => Ok(Self { medium, address: address.into() }),
        }
    }

    /// Creates an identifier in any medium, checked and folded if the medium is known, otherwise
    /// verbatim.
    pub(crate) fn checked(medium: Medium, address: &str) -> Result<Self, InvalidInput> {
        match medium.0 {
            Kind::Email => Self::email(address),
            Kind::Msisdn => Self::msisdn(address),
            Kind::Other(_) => Self::verbatim(medium, address),
        }
    }

    /// Returns the kind of identifier.
    pub fn medium(&self) -> &Medium {
        &self.medium
    }

    /// Returns the address as it is sent.
    pub fn address(&self) -> &str {
        &self.address
    }
}

/// Parses text with an `@` as an e-mail address, and any other text as a phone number.
impl FromStr for ThirdPartyId {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, InvalidInput> {
        if text.contains('@') { Self::email(text) } else { Self::msisdn(text) }
    }
}

impl AsRef<str> for ThirdPartyId {
    fn as_ref(&self) -> &str {
        &self.address
    }
}

impl fmt::Display for ThirdPartyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)
    }
}

impl Serialize for ThirdPartyId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_struct("ThirdPartyId", 2)?;
        members.serialize_field("medium", &self.medium)?;
        members.serialize_field("address", &*self.address)?;
        members.end()
    }
}

/// Checks and folds as the constructors do. It accepts an object with a `medium` and an `address`,
/// or a string for [`FromStr`].
///
/// An address of a medium other than `email` and `msisdn` is kept unchanged. An identifier from
/// [`ThirdPartyId::verbatim`] with one of these two media is checked and folded when it is
/// deserialized.
///
/// ```
/// use sdn_proto::ThirdPartyId;
///
/// let alice = ThirdPartyId::email("alice@example.com")?;
/// let object = r#"{"medium":"email","address":"Alice@Example.com"}"#;
/// assert_eq!(serde_json::from_str::<ThirdPartyId>(object)?, alice);
/// assert_eq!(serde_json::from_str::<ThirdPartyId>(r#""Alice@Example.com""#)?, alice);
/// assert!(serde_json::from_str::<ThirdPartyId>(r#"{"medium":"email","address":"Alice"}"#).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl<'de> Deserialize<'de> for ThirdPartyId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A compact format does not contain types, so expect the object that `Serialize` writes.
        if deserializer.is_human_readable() {
            deserializer.deserialize_any(ThirdPartyIdVisitor)
        } else {
            Members::deserialize(deserializer)?.checked()
        }
    }
}

#[derive(Deserialize)]
#[serde(rename = "ThirdPartyId")]
struct Members {
    medium: Medium,
    address: String,
}

impl Members {
    fn checked<E: de::Error>(self) -> Result<ThirdPartyId, E> {
        ThirdPartyId::checked(self.medium, &self.address).map_err(E::custom)
    }
}

struct ThirdPartyIdVisitor;

impl<'de> Visitor<'de> for ThirdPartyIdVisitor {
    type Value = ThirdPartyId;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an e-mail address, a phone number, or an object with a medium and an address")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<ThirdPartyId, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ThirdPartyId, A::Error> {
        Members::deserialize(MapAccessDeserializer::new(map))?.checked()
    }
}
