use std::sync::Arc;

use super::host;
use crate::error::{InvalidInput, Rule};

/// A room's alias, such as `#lobby:node.example`, which people read and write.
///
/// It begins with `#`, has a server name after its first `:`, at most 255 bytes and no NUL. The
/// part before the `:` is not checked further. [`ResolveAlias`](crate::client::ResolveAlias) asks a
/// node for the room's ID. See the specification's [room aliases].
///
/// ```
/// use sdn_proto::{Rule, id::RoomAlias};
///
/// assert_eq!(RoomAlias::new("#lobby:node.example")?.as_str(), "#lobby:node.example");
/// assert_eq!(RoomAlias::new("#lobby").unwrap_err().rule(), Rule::MissingServer);
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
///
/// [room aliases]: https://spec.matrix.org/v1.19/appendices/#room-aliases
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoomAlias(Arc<str>);

impl RoomAlias {
    const MAX_BYTES: usize = 255;

    /// Checks an alias.
    ///
    /// # Errors
    ///
    /// Returns the rule that the text breaks.
    pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidInput> {
        let text = text.as_ref();
        check(text).map_err(|rule| InvalidInput::new("room alias", rule))?;
        Ok(Self(text.into()))
    }

    /// Returns the alias as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

super::text_traits!(RoomAlias);

fn check(text: &str) -> Result<(), Rule> {
    if text.is_empty() {
        return Err(Rule::Empty);
    }
    let rest = text.strip_prefix('#').ok_or(Rule::MissingSigil { sigil: '#' })?;
    if text.len() > RoomAlias::MAX_BYTES {
        return Err(Rule::TooLong { max: RoomAlias::MAX_BYTES });
    }
    if text.contains('\0') {
        return Err(Rule::Nul);
    }
    let (_, server) = rest.split_once(':').ok_or(Rule::MissingServer)?;
    host::parse(server)?;
    Ok(())
}
