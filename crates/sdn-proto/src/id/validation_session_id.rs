use std::sync::Arc;

use super::opaque;
use crate::error::InvalidInput;

/// An identity server's name (`sid`) for its validation of one address: 1 to 255 of
/// `0-9a-zA-Z.=_-`.
///
/// ```
/// use sdn_proto::id::ValidationSessionId;
///
/// assert_eq!(ValidationSessionId::new("574465591")?.as_str(), "574465591");
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ValidationSessionId(Arc<str>);

impl ValidationSessionId {
    /// Checks a session ID.
    ///
    /// # Errors
    ///
    /// Returns the rule that the text breaks.
    pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidInput> {
        opaque::check("validation session ID", text.as_ref()).map(Self)
    }

    /// Returns the session ID as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

super::text_traits!(ValidationSessionId);
