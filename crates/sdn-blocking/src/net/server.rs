//! The server of a request.

use http::Uri;
use http::uri::{Authority, Scheme};

/// The scheme, host and port of a URL.
#[derive(Clone, PartialEq)]
pub(crate) struct Server {
    authority: Authority,
    pub(super) is_tls: bool,
    pub(super) port: u16,
}

impl Server {
    /// Parses the server of a URL, or returns what is wrong with the URL.
    pub(crate) fn of(uri: &Uri) -> Result<Self, &'static str> {
        let is_tls = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            _ => return Err("the URL does not begin with http:// or https://; correct it"),
        };
        let Some(authority) = uri.authority().cloned() else {
            return Err("the URL has no host; add one");
        };
        let (text, host) = (authority.as_str(), authority.host());
        let port = match authority.port_u16() {
            Some(port) => port,
            None if text.ends_with(host) || text.ends_with(':') => default_port(is_tls),
            None => return Err("the URL's port is not a number from 0 to 65535; correct it"),
        };
        Ok(Self { authority, is_tls, port })
    }

    pub(super) fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Returns the name or address, without the brackets of an IPv6 address.
    pub(super) fn host(&self) -> &str {
        self.authority.host().trim_start_matches('[').trim_end_matches(']')
    }

    /// Returns the value of the `host` header, and a port to append if it is not the default.
    pub(crate) fn host_header(&self) -> (&str, Option<u16>) {
        let is_default = self.port == default_port(self.is_tls);
        (self.authority.host(), (!is_default).then_some(self.port))
    }
}

fn default_port(is_tls: bool) -> u16 {
    if is_tls { 443 } else { 80 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(uri: &'static str) -> Result<Server, &'static str> {
        Server::of(&Uri::from_static(uri))
    }

    #[test]
    fn urls_have_a_host_and_port() {
        for (uri, host, header, port) in [
            ("http://a.example", "a.example", ("a.example", None), 80),
            ("http://a.example:80/x", "a.example", ("a.example", None), 80),
            ("https://a.example:80/", "a.example", ("a.example", Some(80)), 80),
            ("https://a.example:/", "a.example", ("a.example", None), 443),
            ("https://u:p@a.example", "a.example", ("a.example", None), 443),
            ("http://[::1]:8008/", "::1", ("[::1]", Some(8008)), 8008),
            ("http://[::1]/", "::1", ("[::1]", None), 80),
        ] {
            let server = server(uri).unwrap();
            assert_eq!((server.host(), server.port), (host, port), "{uri}");
            assert_eq!(server.host_header(), header, "{uri}");
        }
    }

    #[test]
    fn urls_without_server_are_rejected() {
        for uri in ["/path", "*", "ftp://a.example/", "a.example:80", "http://a.example:99999/"] {
            assert!(server(uri).is_err(), "{uri}");
        }
    }

    #[test]
    fn same_server_ignores_case() {
        let [one, same, tls, port] =
            ["http://a.example/x", "http://A.example/y", "https://a.example", "http://a.example:1"]
                .map(|uri| server(uri).unwrap());
        assert!(one == same);
        assert!(one != tls && one != port);
    }
}
