use std::sync::Arc;

use super::host;
use crate::error::{InvalidInput, Rule};

/// A user's identifier, such as `@bob:node.example`.
///
/// It begins with `@`, has a server name after its first `:`, at most 255 bytes and no NUL. The
/// part before the `:` is not checked further, because historical user IDs may contain any other
/// character. See the specification's [user identifiers].
///
/// On SDN both parts contain a wallet's address, see [`of_wallet`](Self::of_wallet), so the part
/// after the `:` is not the name of a host.
///
/// ```
/// use sdn_proto::UserId;
///
/// let bob = UserId::new("@bob:node.example")?;
/// assert_eq!((bob.localpart(), bob.server_name()), ("bob", "node.example"));
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
///
/// [user identifiers]: https://spec.matrix.org/v1.19/appendices/#user-identifiers
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UserId(Arc<str>);

impl UserId {
    const MAX_BYTES: usize = 255;

    /// Checks a user ID.
    ///
    /// # Errors
    ///
    /// Returns the rule that the text breaks.
    pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidInput> {
        let text = text.as_ref();
        check(text).map_err(|rule| InvalidInput::new("user ID", rule))?;
        Ok(Self(text.into()))
    }

    /// Returns the user ID as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the part between `@` and the first `:`.
    pub fn localpart(&self) -> &str {
        self.split().0
    }

    /// Returns the part after the first `:`.
    pub fn server_name(&self) -> &str {
        self.split().1
    }

    fn split(&self) -> (&str, &str) {
        self.0[1..].split_once(':').unwrap_or_default()
    }
}

super::text_traits!(UserId);

fn check(text: &str) -> Result<(), Rule> {
    if text.is_empty() {
        return Err(Rule::Empty);
    }
    let rest = text.strip_prefix('@').ok_or(Rule::MissingSigil { sigil: '@' })?;
    if text.len() > UserId::MAX_BYTES {
        return Err(Rule::TooLong { max: UserId::MAX_BYTES });
    }
    if text.contains('\0') {
        return Err(Rule::Nul);
    }
    let (_, server) = rest.split_once(':').ok_or(Rule::MissingServer)?;
    host::parse(server)?;
    Ok(())
}
