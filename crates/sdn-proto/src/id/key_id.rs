use std::sync::Arc;

use super::opaque;
use crate::error::{InvalidInput, Rule};

/// A signing key's identifier, `algorithm:name`, such as `ed25519:0`.
///
/// Both parts have 1 to 255 of `0-9a-zA-Z.=_-`. See the specification's [key identifiers].
///
/// ```
/// use sdn_proto::id::KeyId;
///
/// assert_eq!(KeyId::new("ed25519:0")?.algorithm(), "ed25519");
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
///
/// [key identifiers]: https://spec.matrix.org/v1.19/appendices/#signing-json
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(Arc<str>);

impl KeyId {
    const FIELD: &'static str = "key ID";

    /// Checks a key ID.
    ///
    /// # Errors
    ///
    /// Returns the rule that the text breaks.
    pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidInput> {
        let text = text.as_ref();
        let wrong = InvalidInput::new(Self::FIELD, Rule::InvalidCharacter);
        let (algorithm, name) = text.split_once(':').ok_or(wrong)?;
        opaque::check(Self::FIELD, algorithm)?;
        opaque::check(Self::FIELD, name)?;
        Ok(Self(text.into()))
    }

    /// Returns the key ID as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the part before the `:`.
    pub fn algorithm(&self) -> &str {
        self.0.split_once(':').map_or("", |(algorithm, _)| algorithm)
    }
}

super::text_traits!(KeyId);
