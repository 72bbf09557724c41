use std::sync::Arc;

use super::opaque;
use crate::error::{InvalidInput, Rule};

/// The token of a pending third-party invitation: the state key of its `m.room.third_party_invite`
/// event.
///
/// It has 1 to 255 of `0-9a-zA-Z.=_-`, and is not `.` or `..`, which URL libraries would resolve.
/// It is not a secret, because all members of the room see it. See the specification's [opaque
/// identifiers].
///
/// ```
/// use sdn_proto::{id::InviteToken, Rule};
///
/// assert_eq!(InviteToken::new("fsCXflyz")?.as_str(), "fsCXflyz");
/// assert_eq!(InviteToken::new("..").unwrap_err().rule(), Rule::DotSegment);
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
///
/// [opaque identifiers]: https://spec.matrix.org/v1.19/appendices/#opaque-identifiers
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InviteToken(Arc<str>);

impl InviteToken {
    const FIELD: &'static str = "invitation token";

    /// Checks a token.
    ///
    /// # Errors
    ///
    /// Returns the rule that the text breaks.
    pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidInput> {
        match text.as_ref() {
            "." | ".." => Err(InvalidInput::new(Self::FIELD, Rule::DotSegment)),
            text => opaque::check(Self::FIELD, text).map(Self),
        }
    }

    /// Returns the token as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

super::text_traits!(InviteToken);
