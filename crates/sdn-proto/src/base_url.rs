//! The URL that a server's API paths are appended to.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use bytes::Bytes;
use http::uri::{Authority, Parts, PathAndQuery, Scheme, Uri};

use crate::error::{InvalidInput, Rule};
use crate::id::host::{self, Host};

const MAX_BYTES: usize = 1024;

/// A checked `http` or `https` base, split once so that building a request does not parse it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct BaseUrl {
    scheme: Scheme,
    authority: Authority,
    /// Begins and ends with `/`.
    path: Arc<str>,
}

/// Whether plain `http` may leave this machine.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Insecure {
    LoopbackOnly,
    Allowed,
}

impl BaseUrl {
    pub(crate) fn parse(
        field: &'static str,
        text: &str,
        insecure: Insecure,
    ) -> Result<Self, InvalidInput> {
        parse(text, insecure).map_err(|rule| InvalidInput::new(field, rule))
    }

    /// Like [`parse`](Self::parse), for the URL of a server that `domain` names.
    pub(crate) fn parse_discovered(
        field: &'static str,
        text: &str,
        domain: &Self,
    ) -> Result<Self, InvalidInput> {
        let base = Self::parse(field, text, Insecure::LoopbackOnly)?;
        if base.is_local() && !domain.is_local() {
            return Err(InvalidInput::new(field, Rule::Loopback));
        }
        Ok(base)
    }

    /// Returns the URL of a path at this server; the path begins with `/`.
    pub(crate) fn uri(&self, path: PathAndQuery) -> Uri {
        let mut parts = Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(path);
        Uri::from_parts(parts).expect("scheme, authority and path make a URI")
    }

    pub(crate) fn authority(&self) -> &Authority {
        &self.authority
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Whether tokens would leave this machine over plain `http`.
    pub(crate) fn is_insecure(&self) -> bool {
        let host = host::parse(self.authority.as_str());
        self.scheme == Scheme::HTTP && !host.is_ok_and(|(host, _)| is_loopback(host))
    }

    /// Returns whether its text shows that it can lead to this machine.
    fn is_local(&self) -> bool {
        host::parse(self.authority.as_str()).is_ok_and(|(host, _)| is_local(host))
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.authority, self.path)
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn parse(text: &str, insecure: Insecure) -> Result<BaseUrl, Rule> {
    if text.is_empty() {
        return Err(Rule::Empty);
    }
    if text.len() > MAX_BYTES {
        return Err(Rule::TooLong { max: MAX_BYTES });
    }
    let (scheme, rest) = text.split_once("://").ok_or(Rule::MissingScheme)?;
    let scheme = if scheme.eq_ignore_ascii_case("https") {
        Scheme::HTTPS
    } else if scheme.eq_ignore_ascii_case("http") {
        Scheme::HTTP
    } else {
        return Err(Rule::UnsupportedScheme);
    };
    if rest.contains('#') {
        return Err(Rule::HasFragment);
    }
    if rest.contains('?') {
        return Err(Rule::HasQuery);
    }
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    if authority.contains('@') {
        return Err(Rule::HasUserinfo);
    }
    let (host, port) = host::parse(authority)?;
    if is_doubtful_number(host) {
        return Err(Rule::InvalidHost);
    }
    if scheme == Scheme::HTTP && insecure == Insecure::LoopbackOnly && !is_loopback(host) {
        return Err(Rule::InsecureHttp);
    }
    let path = if path.is_empty() { "/" } else { path };
    check_path(path)?;
    let authority = authority_of(&scheme, host, port)?;
    // The displayed form can be longer than the text, and must be accepted as an input too.
    if scheme.as_str().len() + "://".len() + authority.as_str().len() + path.len() > MAX_BYTES {
        return Err(Rule::TooLong { max: MAX_BYTES });
    }
    Ok(BaseUrl { scheme, authority, path: path.into() })
}

/// Writes host and port as every URL library does: in lower case, and without the scheme's own
/// port.
fn authority_of(scheme: &Scheme, host: Host<'_>, port: Option<u16>) -> Result<Authority, Rule> {
    let own_port = if *scheme == Scheme::HTTPS { 443 } else { 80 };
    let mut text = match host {
        Host::Name(name) => name.to_ascii_lowercase(),
        Host::Ipv6(address) => format!("[{address}]"),
    };
    if let Some(port) = port.filter(|&port| port != own_port) {
        text.push_str(&format!(":{port}"));
    }
    Authority::from_maybe_shared(Bytes::from(text)).map_err(|_| Rule::InvalidHost)
}

/// Returns whether URL libraries would refuse the host or turn it into another address: `1.2.3`
/// into `1.2.0.3`, and `0x7f.1` into `127.0.0.1`.
fn is_doubtful_number(host: Host<'_>) -> bool {
    let Host::Name(name) = host else { return false };
    let last = name.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    let is_decimal = last.bytes().all(|byte| byte.is_ascii_digit());
    let is_hexadecimal = last
        .strip_prefix("0x")
        .or_else(|| last.strip_prefix("0X"))
        .is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    (is_decimal || is_hexadecimal) && name.parse::<Ipv4Addr>().is_err()
}

fn is_loopback(host: Host<'_>) -> bool {
    match host {
        Host::Name(name) => {
            name.eq_ignore_ascii_case("localhost")
                || name.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        }
        Host::Ipv6(address) => address.is_loopback(),
    }
}

/// Returns whether a host leads to this machine. More hosts do than those that plain `http` is
/// allowed to.
fn is_local(host: Host<'_>) -> bool {
    let address = match host {
        Host::Name(name) => match name.parse() {
            Ok(address) => IpAddr::V4(address),
            Err(_) => return is_local_name(name),
        },
        Host::Ipv6(address) => address.to_canonical(),
    };
    match address {
        // Systems treat 0.0.0.0 like 127.0.0.1.
        IpAddr::V4(address) => address.is_loopback() || address.octets()[0] == 0,
        IpAddr::V6(address) => address.is_loopback() || address.is_unspecified(),
    }
}

/// The names of RFC 6761, and those that distributions have in `/etc/hosts`.
fn is_local_name(name: &str) -> bool {
    const NAMES: [&str; 8] = [
        "localhost",
        "localhost4",
        "localhost6",
        "localhost.localdomain",
        "localhost4.localdomain4",
        "localhost6.localdomain6",
        "ip6-localhost",
        "ip6-loopback",
    ];
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    NAMES.contains(&&*name) || name.ends_with(".localhost")
}

/// The first segments of API paths, which people copy from documentation and logs.
const API_PATHS: [&str; 3] = ["_api", "_matrix", ".well-known"];

fn check_path(path: &str) -> Result<(), Rule> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/%".contains(&byte);
    if !path.bytes().all(allowed) || !escapes_are_whole(path) {
        return Err(Rule::InvalidCharacter);
    }
    if let Some(segment) =
        API_PATHS.into_iter().find(|segment| path.split('/').any(|part| part == *segment))
    {
        return Err(Rule::HasApiPath { segment });
    }
    if !path.ends_with('/') {
        return Err(Rule::MissingTrailingSlash);
    }
    let inner = path.trim_start_matches('/').trim_end_matches('/');
    if path.contains("//") {
        return Err(Rule::EmptySegment);
    }
    if inner.split('/').any(is_dot_segment) {
        return Err(Rule::DotSegment);
    }
    Ok(())
}

fn escapes_are_whole(path: &str) -> bool {
    path.split('%')
        .skip(1)
        .all(|rest| rest.len() >= 2 && rest.bytes().take(2).all(|byte| byte.is_ascii_hexdigit()))
}

/// Returns whether URL libraries would resolve this segment: they treat `%2E` as a dot.
fn is_dot_segment(segment: &str) -> bool {
    let plain = segment.replace("%2e", ".").replace("%2E", ".");
    plain == "." || plain == ".."
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_local(host: &str) -> bool {
        let base = format!("https://{host}/");
        BaseUrl::parse("URL", &base, Insecure::LoopbackOnly).unwrap().is_local()
    }

    #[test]
    fn all_local_spellings_are_local() {
        for host in [
            "localhost",
            "LocalHost.",
            "a.localhost",
            "a.b.LOCALHOST.",
            "localhost.localdomain",
            "ip6-localhost",
            "127.0.0.1",
            "127.0.1.1",
            "127.255.255.255:8090",
            "0.0.0.0",
            "0.1.2.3",
            "[::1]",
            "[0:0:0:0:0:0:0:1]:8090",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f12:3456]",
            "[::ffff:0.0.0.0]",
        ] {
            assert!(is_local(host), "{host}");
            assert!(is_local(&host.to_ascii_uppercase()), "{host}");
        }
    }

    #[test]
    fn other_hosts_are_not_local() {
        for host in [
            "id.example",
            "localhost.example",
            "notlocalhost",
            "localhost-.localhost.example",
            "126.255.255.255",
            "128.0.0.1",
            "10.0.0.1",
            "1.0.0.127",
            "[::2]",
            "[::ffff:192.0.2.1]",
            "[fe80::1]",
            "[2001:db8::7f00:1]",
        ] {
            assert!(!is_local(host), "{host}");
        }
    }
}
