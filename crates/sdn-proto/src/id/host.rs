//! `host[:port]`, as in server names and base URLs.

use std::net::Ipv6Addr;

use crate::error::Rule;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Host<'a> {
    /// A host name or an IPv4 address.
    Name(&'a str),
    Ipv6(Ipv6Addr),
}

/// Splits and checks `host[:port]`.
pub(crate) fn parse(text: &str) -> Result<(Host<'_>, Option<u16>), Rule> {
    let (host, port) = if let Some(rest) = text.strip_prefix('[') {
        let (address, port) = rest.split_once(']').ok_or(Rule::InvalidHost)?;
        let address = address.parse().map_err(|_| Rule::InvalidHost)?;
        (Host::Ipv6(address), (!port.is_empty()).then_some(port))
    } else {
        let (name, port) = text.split_at(text.find(':').unwrap_or(text.len()));
        check_name(name)?;
        (Host::Name(name), (!port.is_empty()).then_some(port))
    };
    Ok((host, port.map(parse_port).transpose()?))
}

/// Checks for letters, digits, `-` and `.`. Stricter than the specification's grammar: no label may
/// be empty, because no server can be reached by such a name. The name may end with one dot.
fn check_name(name: &str) -> Result<(), Rule> {
    let labels = name.strip_suffix('.').unwrap_or(name);
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if labels.split('.').all(|label| !label.is_empty() && label.bytes().all(is_allowed)) {
        Ok(())
    } else {
        Err(Rule::InvalidHost)
    }
}

/// Parses one to five digits after a colon.
fn parse_port(text: &str) -> Result<u16, Rule> {
    text.strip_prefix(':')
        .filter(|digits| digits.len() <= 5 && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|digits| digits.parse().ok())
        .ok_or(Rule::InvalidPort)
}
