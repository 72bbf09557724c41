//! Identity servers, and sessions at them.

use std::fmt;
use std::str::FromStr;

use http::HeaderValue;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::base_url::{BaseUrl, Insecure};
use crate::dialect::Dialect;
use crate::error::InvalidInput;
use crate::id::ServerName;
use crate::node::Node;
use crate::request::{Addressed, Target, bearer};
use crate::secret::IdAccessToken;
use crate::server_config;

/// An identity server: the base URL of its API, and its dialect.
///
/// ```
/// use sdn_proto::{Dialect, IdentityServer, ServerName};
///
/// let server = IdentityServer::at(&ServerName::new("id.example:8090")?);
/// assert_eq!(server.to_string(), "https://id.example:8090/");
/// let matrix = server.with_dialect(Dialect::Matrix);
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityServer {
    base: BaseUrl,
    dialect: Dialect,
}

impl IdentityServer {
    pub(crate) const FIELD: &'static str = "identity server URL";

    /// Checks `https://host[:port][/path/]`, or plain `http` on this machine, as
    /// [`Node::new`](crate::Node::new) does.
    ///
    /// # Errors
    ///
    /// The same as [`Node::new`](crate::Node::new).
    pub fn new(base_url: impl AsRef<str>) -> Result<Self, InvalidInput> {
        let base = BaseUrl::parse(Self::FIELD, base_url.as_ref(), Insecure::LoopbackOnly)?;
        Ok(Self { base, dialect: Dialect::Sdn })
    }

    /// Like [`new`](Self::new), but allows plain `http` to any host. For test networks only.
    ///
    /// # Errors
    ///
    /// The same as [`new`](Self::new), except that plain `http` is allowed.
    pub fn new_insecure(base_url: impl AsRef<str>) -> Result<Self, InvalidInput> {
        let base = BaseUrl::parse(Self::FIELD, base_url.as_ref(), Insecure::Allowed)?;
        Ok(Self { base, dialect: Dialect::Sdn })
    }

    /// Checks the URL of the identity server that `domain` names.
    pub(crate) fn discovered(base_url: &str, domain: &Node) -> Result<Self, InvalidInput> {
        let base = BaseUrl::parse_discovered(Self::FIELD, base_url, domain.base())?;
        Ok(Self { base, dialect: domain.dialect() })
    }

    /// Returns the identity server that an `id_server` names: `https` at that host and port.
    pub fn at(id_server: &ServerName) -> Self {
        let base =
            BaseUrl::parse(Self::FIELD, &format!("https://{id_server}/"), Insecure::LoopbackOnly)
                .expect("a server name makes a URL");
        Self { base, dialect: Dialect::Sdn }
    }

    /// Returns the same server with another dialect.
    #[must_use]
    pub fn with_dialect(self, dialect: Dialect) -> Self {
        Self { dialect, ..self }
    }

    /// Returns the dialect of calls to the server.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Returns a session: the server and a user's token, for calls that need one.
    pub fn session(&self, id_access_token: IdAccessToken) -> IdentitySession {
        IdentitySession { server: self.clone(), bearer: bearer(id_access_token.expose()) }
    }

    /// Returns the name that nodes use for this server. `None` if it has a path, because nodes call
    /// identity servers at the root of a host.
    pub fn id_server(&self) -> Option<ServerName> {
        if self.base.path() == "/" {
            ServerName::new(self.base.authority().as_str()).ok()
        } else {
            None
        }
    }
}

impl Addressed for IdentityServer {
    fn target(&self) -> Target<'_> {
        Target { base: &self.base, dialect: self.dialect, bearer: None }
    }
}

impl FromStr for IdentityServer {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, InvalidInput> {
        Self::new(text)
    }
}

/// Writes the base URL as a string, or a map if the dialect is another or plain `http` leaves this
/// machine.
impl Serialize for IdentityServer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        server_config::serialize(&self.base, self.dialect, serializer)
    }
}

/// Reads a string as [`new`](Self::new) does, or a map: `url`, and if needed `dialect` (`sdn` or
/// `matrix`) and `insecure` (`true` to accept what [`new_insecure`](Self::new_insecure) does).
impl<'de> Deserialize<'de> for IdentityServer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (base, dialect) = server_config::deserialize(Self::FIELD, deserializer)?;
        Ok(Self { base, dialect })
    }
}

/// Displays the base URL, which ends with `/`.
impl fmt::Display for IdentityServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.base.fmt(f)
    }
}

/// An identity server and the access token that it issued to the user.
///
/// [`IdentityServer::session`] creates it, and it is cheap to clone. `Debug` does not print the
/// token. A node's token is not accepted here:
///
/// ```compile_fail,E0308
/// use sdn_proto::{AccessToken, IdentityServer};
///
/// let server = IdentityServer::new("https://id.example").unwrap();
/// server.session(AccessToken::new("syt_secret").unwrap());
/// ```
///
/// A call to the identity server does not accept a node's session:
///
/// ```compile_fail,E0308
/// use sdn_proto::{AccessToken, Call, Node, identity::GetAccount};
///
/// let session = Node::new("https://node.example").unwrap().session(AccessToken::new("syt_secret").unwrap());
/// GetAccount::new().to_request(&session);
/// ```
#[derive(Debug, Clone)]
pub struct IdentitySession {
    server: IdentityServer,
    bearer: HeaderValue,
}

impl IdentitySession {
    /// Returns the identity server.
    pub fn server(&self) -> &IdentityServer {
        &self.server
    }
}

impl Addressed for IdentitySession {
    fn target(&self) -> Target<'_> {
        Target { bearer: Some(&self.bearer), ..self.server.target() }
    }
}
