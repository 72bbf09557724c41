//! Taking a request apart, with code that shares nothing with the client's.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use form_urlencoded::parse;
use http::header::{AUTHORIZATION, HOST};
use http::{Method, Request, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::answer::Refusal;

/// A request with its path and query decoded.
pub(crate) struct Parsed {
    pub(crate) method: Method,
    /// Host and port that the request is for, if it says.
    pub(crate) host: Option<String>,
    /// `_api` or `_matrix`.
    pub(crate) prefix: &'static str,
    pub(crate) surface: Surface,
    /// The decoded path segments after `/{prefix}/{surface}/`; of a discovery document, after `/.well-known/{name}/`.
    pub(crate) path: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    authorization: Vec<Vec<u8>>,
    body: Bytes,
}

/// Which interface of which kind of server a path belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Surface {
    /// What a node shows its users.
    Client,
    /// What a node shows other servers.
    Federation,
    Identity,
    /// The discovery document of a node's domain.
    WellKnown,
}

impl Surface {
    fn named(name: &str) -> Option<Self> {
        match name {
            "client" => Some(Surface::Client),
            "federation" => Some(Surface::Federation),
            "identity" => Some(Surface::Identity),
            _ => None,
        }
    }
}

impl Parsed {
    /// `None` if the path is under none of the prefixes.
    pub(crate) fn new(request: &Request<Bytes>) -> Option<Self> {
        let mut segments = request.uri().path().strip_prefix('/')?.split('/').map(percent_decode);
        let (first, second) = (segments.next()??, segments.next()??);
        let (prefix, surface) = match (first.as_str(), second.as_str()) {
            (".well-known", "sdn") => ("_api", Surface::WellKnown),
            (".well-known", "matrix") => ("_matrix", Surface::WellKnown),
            ("_api", surface) => ("_api", Surface::named(surface)?),
            ("_matrix", surface) => ("_matrix", Surface::named(surface)?),
            _ => return None,
        };
        let path = segments.collect::<Option<Vec<_>>>()?;
        Some(Parsed {
            method: request.method().clone(),
            host: host_of(request),
            prefix,
            surface,
            path,
            query: parse(request.uri().query().unwrap_or_default().as_bytes())
                .into_owned()
                .collect(),
            authorization: request
                .headers()
                .get_all(AUTHORIZATION)
                .iter()
                .map(|value| value.as_bytes().to_vec())
                .collect(),
            body: request.body().clone(),
        })
    }

    pub(crate) fn segments(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }

    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The one bearer token that the request carries; the error tells what is wrong with the header.
    pub(crate) fn bearer(&self) -> Result<&str, &'static str> {
        let header = match self.authorization.as_slice() {
            [] => return Err("Missing access token"),
            [header] => header,
            _ => return Err("Too many Authorization headers."),
        };
        std::str::from_utf8(header)
            .ok()
            .and_then(|header| header.strip_prefix("Bearer "))
            .filter(|token| !token.is_empty() && !token.contains(' '))
            .ok_or("Invalid Authorization header.")
    }

    pub(crate) fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body as a JSON object; an empty body counts as `{}`, as real nodes have it.
    pub(crate) fn object(&self) -> Result<Map<String, Value>, Refusal> {
        if self.body.is_empty() {
            return Ok(Map::new());
        }
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) => Err(Refusal::bad_request("M_BAD_JSON", "Content must be a JSON object.")),
            Err(_) => Err(Refusal::bad_request("M_NOT_JSON", "Content not JSON.")),
        }
    }

    /// The bearer token of a call to a node, or the 401 that a node answers.
    pub(crate) fn access_token(&self) -> Result<&str, Refusal> {
        self.bearer()
            .map_err(|error| Refusal::new(StatusCode::UNAUTHORIZED, "M_MISSING_TOKEN", error))
    }
}

/// Without the token and the body, which may hold secrets.
impl fmt::Debug for Parsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parsed")
            .field("method", &self.method)
            .field("host", &self.host)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

fn host_of(request: &Request<Bytes>) -> Option<String> {
    let host = match request.uri().authority() {
        Some(authority) => authority.as_str(),
        None => request.headers().get(HOST)?.to_str().ok()?,
    };
    let host = host.rsplit('@').next().unwrap_or(host).to_ascii_lowercase();
    let default_port = if request.uri().scheme_str() == Some("http") { ":80" } else { ":443" };
    Some(host.strip_suffix(default_port).map(str::to_owned).unwrap_or(host))
}

/// Returns `None` if the bytes are not UTF-8; a `%` without two hexadecimal digits stays.
fn percent_decode(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_percent_encoding() {
        assert_eq!(percent_decode("!a%3Ab").as_deref(), Some("!a:b"));
        assert_eq!(percent_decode("%E2%82%AC%2f").as_deref(), Some("€/"));
        assert_eq!(percent_decode("100%, %4, %zz, %").as_deref(), Some("100%, %4, %zz, %"));
        assert_eq!(percent_decode("%ff"), None);
    }

    #[test]
    fn encoded_slash_does_not_split_a_segment() {
        let request =
            Request::get("/_api/client/v3/rooms/a%2Fb/invite").body(Bytes::new()).unwrap();
        assert_eq!(Parsed::new(&request).unwrap().segments(), ["v3", "rooms", "a/b", "invite"]);
    }

    #[test]
    fn query_knows_plus_and_percent() {
        let request =
            Request::get("/_api/client/versions?a=b+c&d=%2B&e").body(Bytes::new()).unwrap();
        let request = Parsed::new(&request).unwrap();
        let values = ["a", "d", "e", "f"].map(|name| request.query(name));
        assert_eq!(values, [Some("b c"), Some("+"), Some(""), None]);
    }
}
