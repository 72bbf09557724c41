use std::sync::Arc;

use crate::error::{InvalidInput, Rule};

/// A room's identifier, such as `!OGEhHVWSdvArJzumhm:node.example`.
///
/// It begins with `!`, and has at most 255 bytes and no NUL. From room version 12 on it has no
/// `:server` part. A room ID of SDN has 16 letters and digits, `-` and a user ID. A room alias
/// (`#lobby:node.example`) is refused: resolve it first. See the specification's [room IDs].
///
/// ```
/// use sdn_proto::{RoomId, Rule};
///
/// assert_eq!(RoomId::new("!a:node.example")?.as_str(), "!a:node.example");
/// assert_eq!(RoomId::new("#a:node.example").unwrap_err().rule(), Rule::IsAlias);
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
///
/// [room IDs]: https://spec.matrix.org/v1.19/appendices/#room-ids
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoomId(Arc<str>);

impl RoomId {
    const MAX_BYTES: usize = 255;

    /// Checks a room ID.
    ///
    /// # Errors
    ///
    /// Returns the rule that the text breaks.
    pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidInput> {
        let text = text.as_ref();
        check(text).map_err(|rule| InvalidInput::new("room ID", rule))?;
        Ok(Self(text.into()))
    }

    /// Returns the room ID as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

super::text_traits!(RoomId);

fn check(text: &str) -> Result<(), Rule> {
    if text.starts_with('#') {
        return Err(Rule::IsAlias);
    }
    if text.is_empty() || text == "!" {
        return Err(Rule::Empty);
    }
    if !text.starts_with('!') {
        return Err(Rule::MissingSigil { sigil: '!' });
    }
    if text.len() > RoomId::MAX_BYTES {
        return Err(Rule::TooLong { max: RoomId::MAX_BYTES });
    }
    if text.contains('\0') {
        return Err(Rule::Nul);
    }
    Ok(())
}
