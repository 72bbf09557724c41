//! Where an identity server is, and as whom it is called.

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

/// Where an identity server is: the base URL its API paths are appended to, and its dialect.
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

    /// Checks `https://host[:port][/path/]`, or plain `http` on this machine, as [`Node::new`](crate::Node::new) does.
    ///
    /// # Errors
    ///
    /// Those of [`Node::new`](crate::Node::new).
    pub fn new(base_url: impl AsRef<str>) -> Result<Self, InvalidInput> {
        let base = BaseUrl::parse(Self::FIELD, base_url.as_ref(), Insecure::LoopbackOnly)?;
        Ok(Self { base, dialect: Dialect::Sdn })
    }

    /// Like [`new`](Self::new), but takes plain `http` to any host. For test networks only.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), but for plain `http`.
    pub fn new_insecure(base_url: impl AsRef<str>) -> Result<Self, InvalidInput> {
        let base = BaseUrl::parse(Self::FIELD, base_url.as_ref(), Insecure::Allowed)?;
        Ok(Self { base, dialect: Dialect::Sdn })
    }

    /// Checks the URL that `domain` names its identity server by.
    pub(crate) fn discovered(base_url: &str, domain: &Node) -> Result<Self, InvalidInput> {
        let base = BaseUrl::parse_discovered(Self::FIELD, base_url, domain.base())?;
        Ok(Self { base, dialect: domain.dialect() })
    }

    /// The identity server that an `id_server` names: `https` at that host and port.
    pub fn at(id_server: &ServerName) -> Self {
        let base =
            BaseUrl::parse(Self::FIELD, &format!("https://{id_server}/"), Insecure::LoopbackOnly)
                .expect("a server name makes a URL");
        Self { base, dialect: Dialect::Sdn }
    }

    /// The same server, called in another dialect.
    #[must_use]
    pub fn with_dialect(self, dialect: Dialect) -> Self {
        Self { dialect, ..self }
    }

    /// The dialect it is called in.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The identity server as one user sees it: everything that an authenticated call needs to know.
    pub fn session(&self, id_access_token: IdAccessToken) -> IdentitySession {
        IdentitySession { server: self.clone(), bearer: bearer(id_access_token.expose()) }
    }

    /// The name that a node knows this server by, if it can: nodes reach identity servers at the root of a host.
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

/// The base URL, ending with `/`.
impl fmt::Display for IdentityServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.base.fmt(f)
    }
}

/// An identity server and the access token it issued to the user who calls it.
///
/// Made by [`IdentityServer::session`]; cheap to clone. `Debug` does not print the token. A node's token cannot get here:
///
/// ```compile_fail,E0308
/// use sdn_proto::{AccessToken, IdentityServer};
///
/// let server = IdentityServer::new("https://id.example").unwrap();
/// server.session(AccessToken::new("syt_secret").unwrap());
/// ```
///
/// nor can a call to the identity server be made with a node's session:
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
    /// The identity server.
    pub fn server(&self) -> &IdentityServer {
        &self.server
    }
}

impl Addressed for IdentitySession {
    fn target(&self) -> Target<'_> {
        Target { bearer: Some(&self.bearer), ..self.server.target() }
    }
}
