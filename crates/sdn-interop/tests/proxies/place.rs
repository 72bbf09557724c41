//! The address and the protocol of a proxy.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Lines of configuration, each with its section.
pub(crate) type Settings = &'static [(&'static str, &'static str)];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Software {
    Haproxy,
    Nginx,
}

impl Software {
    pub(crate) const ALL: [Self; 2] = [Self::Haproxy, Self::Nginx];
}

/// The protocol between the client and the proxy. The proxy always uses HTTP/1.1 to the node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Protocol {
    /// HTTP/1.1.
    Plain,
    /// HTTP/2 or HTTP/1.1, as the client chooses (ALPN).
    Tls,
}

/// Everything that a proxy's configuration depends on.
pub(crate) struct Place {
    pub(crate) front: SocketAddr,
    pub(crate) protocol: Protocol,
    pub(crate) node: SocketAddr,
    /// An absolute path.
    pub(crate) folder: PathBuf,
}

impl Place {
    pub(crate) fn url(&self) -> String {
        match self.protocol {
            Protocol::Plain => format!("http://{}", self.front),
            Protocol::Tls => format!("https://{}", self.front),
        }
    }

    /// The authority to trust, as PEM.
    pub(crate) fn authority(&self) -> PathBuf {
        self.folder.join("authority.pem")
    }

    /// The proxy's certificate and key, as PEM.
    pub(crate) fn identity(&self) -> PathBuf {
        self.folder.join("identity.pem")
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.folder.join("proxy.conf")
    }
}

impl fmt::Display for Software {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Haproxy => "HAProxy",
            Self::Nginx => "nginx",
        })
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "plain",
            Self::Tls => "TLS",
        })
    }
}
