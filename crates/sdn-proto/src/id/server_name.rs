use std::sync::Arc;

use super::host;
use crate::error::{InvalidInput, Rule};

/// A server's name, `host[:port]`, such as `id.example:8090`.
///
/// The host is a host name (letters, digits, `-`, `.`), an IPv4 address, or an IPv6 address in
/// brackets. The server name has at most 230 bytes. A URL is refused. See the specification's
/// [server name] grammar. Two rules are stricter: a port is at most 65535, and no part between dots
/// is empty.
///
/// ```
/// use sdn_proto::{ServerName, Rule};
///
/// assert_eq!(ServerName::new("[2001:db8::1]:8090")?.as_str(), "[2001:db8::1]:8090");
/// assert_eq!(ServerName::new("https://id.example").unwrap_err().rule(), Rule::HasScheme);
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
///
/// [server name]: https://spec.matrix.org/v1.19/appendices/#server-name
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServerName(Arc<str>);

impl ServerName {
    const MAX_BYTES: usize = 230;

    /// Checks a server name.
    ///
    /// # Errors
    ///
    /// Returns the rule that the text breaks.
    pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidInput> {
        let text = text.as_ref();
        check(text).map_err(|rule| InvalidInput::new("server name", rule))?;
        Ok(Self(text.into()))
    }

    /// Returns the server name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

super::text_traits!(ServerName);

fn check(text: &str) -> Result<(), Rule> {
    if text.is_empty() {
        return Err(Rule::Empty);
    }
    if text.len() > ServerName::MAX_BYTES {
        return Err(Rule::TooLong { max: ServerName::MAX_BYTES });
    }
    match host::parse(text) {
        Ok(_) => Ok(()),
        Err(_) if text.contains("://") => Err(Rule::HasScheme),
        Err(_) if text.contains('@') => Err(Rule::HasUserinfo),
        Err(_) if text.contains('/') => Err(Rule::HasPath),
        Err(rule) => Err(rule),
    }
}
