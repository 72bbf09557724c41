//! Connections through an HTTP proxy, without I/O.

use std::error::Error;
use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::StatusCode;
use http::uri::Authority;
use serde::de::{Deserialize, Deserializer};

use crate::error::{InvalidInput, Rule};
use crate::id::host::{self, Host};
use crate::path::percent_decode;

/// The maximum length of a response's head.
const MAX_HEAD_BYTES: usize = 16 * 1024;
const DEFAULT_PORT: u16 = 80;

/// An HTTP proxy that opens connections to servers
/// ([`CONNECT`](https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6)), with its user name and
/// password.
///
/// `Debug` and `Display` do not show the user name and the password. The type does no I/O: a
/// transport connects to [`host`](Self::host) and [`port`](Self::port), writes
/// [`request`](Self::request), and reads until [`is_open`](Self::is_open). Then the connection
/// leads to the server.
///
/// ```
/// use sdn_proto::Proxy;
///
/// let proxy = Proxy::new("http://alice:secret@proxy.example:3128")?;
/// assert_eq!((proxy.host(), proxy.port()), ("proxy.example", 3128));
/// assert_eq!(proxy.to_string(), "http://proxy.example:3128");
///
/// let request = proxy.request(&"node.example".parse()?, 443);
/// assert_eq!(
///     String::from_utf8(request)?,
///     "CONNECT node.example:443 HTTP/1.1\r\nhost: node.example:443\r\n\
///      proxy-authorization: Basic YWxpY2U6c2VjcmV0\r\n\r\n",
/// );
/// assert_eq!(proxy.is_open(b"HTTP/1.1 200 OK\r\n"), Ok(false));
/// assert_eq!(proxy.is_open(b"HTTP/1.1 200 OK\r\n\r\n"), Ok(true));
///
/// let error = proxy.is_open(b"HTTP/1.1 502 Bad Gateway\r\n\r\n").unwrap_err();
/// assert_eq!(error.to_string(), "the proxy does not connect to the server: 502 Bad Gateway");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    /// Without the brackets of an IPv6 address.
    host: String,
    port: u16,
    /// The user name and password, encoded for the request.
    credentials: Option<String>,
}

/// The error of a proxy that did not open a connection to a server. It repeats nothing of the
/// proxy's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProxyError(Problem);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Problem {
    Refused(StatusCode),
    NotHttp,
    TooLong,
    BytesAfterHead,
}

impl Proxy {
    pub(crate) const FIELD: &'static str = "proxy URL";

    /// Checks `http://[user:password@]host[:port]`.
    ///
    /// The default port is 80. The user name and the password can be percent-encoded.
    ///
    /// # Errors
    ///
    /// If the URL has another scheme, a path, a query, a fragment, an invalid host or port, or a
    /// control character in the user name or password.
    pub fn new(url: impl AsRef<str>) -> Result<Self, InvalidInput> {
        parse(url.as_ref()).map_err(|rule| InvalidInput::new(Self::FIELD, rule))
    }

    /// Returns the proxy's name or address, without the brackets of an IPv6 address.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the proxy's port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the request for a connection to a server: the authority's host, at this port.
    ///
    /// It contains the password.
    pub fn request(&self, server: &Authority, port: u16) -> Vec<u8> {
        let host = server.host();
        let mut request = format!("CONNECT {host}:{port} HTTP/1.1\r\nhost: {host}:{port}\r\n");
        if let Some(credentials) = &self.credentials {
            request.extend(["proxy-authorization: Basic ", credentials, "\r\n"]);
        }
        request.push_str("\r\n");
        request.into_bytes()
    }

    /// Returns whether the proxy has opened the connection. `response` is everything that it has
    /// sent until now. If this returns `false`, read more.
    ///
    /// # Errors
    ///
    /// If the proxy refuses, its response is not HTTP, or its head is longer than 16 KiB. Bytes
    /// after the head are an error too, because a server does not send before the client.
    pub fn is_open(&self, response: &[u8]) -> Result<bool, ProxyError> {
        let mut rest = response;
        while !rest.is_empty() {
            let status = status(rest)?;
            let Some(length) = head_length(rest) else { break };
            let status = status.ok_or(ProxyError(Problem::NotHttp))?;
            rest = &rest[length..];
            match status {
                StatusCode::SWITCHING_PROTOCOLS => return Err(ProxyError(Problem::NotHttp)),
                status if status.is_informational() => {}
                status if !status.is_success() => return Err(ProxyError(Problem::Refused(status))),
                _ if rest.is_empty() => return Ok(true),
                _ => return Err(ProxyError(Problem::BytesAfterHead)),
            }
        }
        if response.len() > MAX_HEAD_BYTES {
            return Err(ProxyError(Problem::TooLong));
        }
        Ok(false)
    }
}

impl ProxyError {
    /// Returns the proxy's status, if it refused.
    pub fn status(&self) -> Option<StatusCode> {
        match self.0 {
            Problem::Refused(status) => Some(status),
            _ => None,
        }
    }
}

fn parse(url: &str) -> Result<Proxy, Rule> {
    if url.is_empty() {
        return Err(Rule::Empty);
    }
    let (scheme, rest) = url.split_once("://").ok_or(Rule::NotHttpProxy)?;
    if !scheme.eq_ignore_ascii_case("http") {
        return Err(Rule::NotHttpProxy);
    }
    let (user, rest) =
        rest.rsplit_once('@').map_or((None, rest), |(user, rest)| (Some(user), rest));
    if rest.contains('#') {
        return Err(Rule::HasFragment);
    }
    if rest.contains('?') {
        return Err(Rule::HasQuery);
    }
    let authority = rest.strip_suffix('/').unwrap_or(rest);
    if authority.contains('/') {
        return Err(Rule::HasPath);
    }
    let (host, port) = host::parse(authority)?;
    let host = match host {
        Host::Name(name) => name.to_ascii_lowercase(),
        Host::Ipv6(address) => address.to_string(),
    };
    let credentials = user.map(encode).transpose()?;
    Ok(Proxy { host, port: port.unwrap_or(DEFAULT_PORT), credentials })
}

/// Encodes `user:password` ([RFC 7617, section
/// 2](https://www.rfc-editor.org/rfc/rfc7617#section-2)).
fn encode(user: &str) -> Result<String, Rule> {
    // Otherwise a host with a path such as `/@x` would be the user name.
    if user.contains(['/', '?', '#']) {
        return Err(Rule::InvalidCharacter);
    }
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    let decoded = [name, password].map(percent_decode);
    let [Some(name), Some(password)] = decoded else { return Err(Rule::InvalidCharacter) };
    if name.contains(':') {
        return Err(Rule::InvalidCharacter);
    }
    let text = format!("{name}:{password}");
    if text.chars().any(char::is_control) {
        return Err(Rule::ControlCharacter);
    }
    Ok(BASE64_STANDARD.encode(text))
}

/// Returns the length of the head, with the empty line at its end, if it is complete.
fn head_length(bytes: &[u8]) -> Option<usize> {
    let mut length = 0;
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        length += line.len();
        if matches!(line, b"\n" | b"\r\n") {
            return Some(length);
        }
    }
    None
}

/// Returns the status, if it is complete.
fn status(bytes: &[u8]) -> Result<Option<StatusCode>, ProxyError> {
    const PATTERN: &[u8] = b"HTTP/1.d ddd";
    let fits = |(byte, pattern): (&u8, &u8)| match pattern {
        b'd' => byte.is_ascii_digit(),
        pattern => byte == pattern,
    };
    if !bytes.iter().zip(PATTERN).all(fits) {
        return Err(ProxyError(Problem::NotHttp));
    }
    let status = bytes.get(9..12).map(StatusCode::from_bytes).transpose();
    status.map_err(|_| ProxyError(Problem::NotHttp))
}

impl FromStr for Proxy {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, InvalidInput> {
        Self::new(text)
    }
}

impl<'de> Deserialize<'de> for Proxy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let url = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::new(url).map_err(serde::de::Error::custom)
    }
}

/// Displays the URL without user name and password.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, .. } = self;
        if host.contains(':') {
            write!(f, "http://[{host}]:{port}")
        } else {
            write!(f, "http://{host}:{port}")
        }
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for ProxyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Problem::Refused(status) => {
                write!(f, "the proxy does not connect to the server: {status}")?;
                if status == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
                    f.write_str("; check its user name and password")?;
                }
                Ok(())
            }
            Problem::NotHttp => f.write_str("the proxy's response is not HTTP"),
            Problem::TooLong => f.write_str("the head of the proxy's response is too long"),
            Problem::BytesAfterHead => f.write_str("the proxy sent more than its response"),
        }
    }
}

impl Error for ProxyError {}
