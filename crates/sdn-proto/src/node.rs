//! Nodes, and sessions at them.

use std::fmt;
use std::str::FromStr;

use http::HeaderValue;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::base_url::{BaseUrl, Insecure};
use crate::dialect::Dialect;
use crate::error::InvalidInput;
use crate::request::{Addressed, Target, bearer};
use crate::secret::AccessToken;
use crate::server_config;

/// A node: the base URL of its API, and its dialect.
///
/// ```
/// use sdn_proto::{Dialect, Node, Rule};
///
/// let sdn = Node::new("https://node.example")?;
/// let matrix = Node::new("https://matrix.example/sub/")?.with_dialect(Dialect::Matrix);
///
/// assert_eq!(Node::new("http://node.example").unwrap_err().rule(), Rule::InsecureHttp);
/// assert_eq!(Node::new("https://node.example/sub").unwrap_err().rule(), Rule::MissingTrailingSlash);
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
///
/// A configuration can contain it as a URL, or as a map for another dialect:
///
/// ```
/// use sdn_proto::{Dialect, IdentityServer, Node};
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Config {
///     node: Node,
///     identity_server: IdentityServer,
/// }
///
/// let config: Config = serde_json::from_str(
///     r#"{
///         "node": {"url": "https://matrix.example", "dialect": "matrix"},
///         "identity_server": "https://id.example"
///     }"#,
/// )?;
/// assert_eq!(config.node.dialect(), Dialect::Matrix);
/// assert_eq!(config.identity_server.dialect(), Dialect::Sdn);
///
/// let error = serde_json::from_str::<Node>(r#""http://node.example""#).unwrap_err();
/// assert!(error.to_string().starts_with("node URL: would send tokens over plain http"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    base: BaseUrl,
    dialect: Dialect,
}

impl Node {
    pub(crate) const FIELD: &'static str = "node URL";

    /// Checks `https://host[:port][/path/]`, or plain `http` on this machine (`localhost`,
    /// `127.0.0.0/8`, `[::1]`).
    ///
    /// The dialect is SDN until [`with_dialect`](Self::with_dialect) changes it.
    ///
    /// # Errors
    ///
    /// Each of these has its own rule:
    ///
    /// * a missing or other scheme, or plain `http` to another machine
    /// * a user name or password, a query, or a fragment
    /// * a path of an API such as `/_matrix/client`, or with dot or empty segments
    /// * a path that does not end with `/`, because its last segment would be dropped
    /// * an invalid host, or more than 1024 bytes
    pub fn new(base_url: impl AsRef<str>) -> Result<Self, InvalidInput> {
        Self::parse(base_url.as_ref(), Insecure::LoopbackOnly)
    }

    /// Like [`new`](Self::new), but allows plain `http` to any host.
    ///
    /// Anybody on the network can then read and use the tokens. For test networks only.
    ///
    /// # Errors
    ///
    /// The same as [`new`](Self::new), except that plain `http` is allowed.
    pub fn new_insecure(base_url: impl AsRef<str>) -> Result<Self, InvalidInput> {
        Self::parse(base_url.as_ref(), Insecure::Allowed)
    }

    /// Checks the URL of the node that `domain` names, or of a server that it redirects to.
    pub(crate) fn discovered(
        field: &'static str,
        base_url: &str,
        domain: &Self,
    ) -> Result<Self, InvalidInput> {
        let base = BaseUrl::parse_discovered(field, base_url, &domain.base)?;
        Ok(Self { base, dialect: domain.dialect })
    }

    pub(crate) fn base(&self) -> &BaseUrl {
        &self.base
    }

    fn parse(base_url: &str, insecure: Insecure) -> Result<Self, InvalidInput> {
        let base = BaseUrl::parse(Self::FIELD, base_url, insecure)?;
        Ok(Self { base, dialect: Dialect::Sdn })
    }

    /// Returns the same node with another dialect.
    #[must_use]
    pub fn with_dialect(self, dialect: Dialect) -> Self {
        Self { dialect, ..self }
    }

    /// Returns the dialect of calls to the node.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Returns a session: the node and a user's token, for calls that need one.
    pub fn session(&self, access_token: AccessToken) -> Session {
        Session { node: self.clone(), bearer: bearer(access_token.expose()) }
    }
}

impl Addressed for Node {
    fn target(&self) -> Target<'_> {
        Target { base: &self.base, dialect: self.dialect, bearer: None }
    }
}

impl FromStr for Node {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, InvalidInput> {
        Self::new(text)
    }
}

/// Writes the base URL as a string, or a map if the dialect is another or plain `http` leaves this
/// machine.
impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        server_config::serialize(&self.base, self.dialect, serializer)
    }
}

/// Reads a string as [`new`](Self::new) does, or a map: `url`, and if needed `dialect` (`sdn` or
/// `matrix`) and `insecure` (`true` to accept what [`new_insecure`](Self::new_insecure) does).
impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (base, dialect) = server_config::deserialize(Self::FIELD, deserializer)?;
        Ok(Self { base, dialect })
    }
}

/// Displays the base URL, which ends with `/`.
impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.base.fmt(f)
    }
}

/// A node and a user's access token.
///
/// [`Node::session`] creates it, and it is cheap to clone. `Debug` does not print the token. A
/// request built with it has the token in a header that is marked sensitive.
#[derive(Debug, Clone)]
pub struct Session {
    node: Node,
    bearer: HeaderValue,
}

impl Session {
    /// Returns the node.
    pub fn node(&self) -> &Node {
        &self.node
    }
}

impl Addressed for Session {
    fn target(&self) -> Target<'_> {
        Target { bearer: Some(&self.bearer), ..self.node.target() }
    }
}
