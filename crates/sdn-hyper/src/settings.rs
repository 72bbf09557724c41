//! The settings of a client.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::io;
use std::time::Duration;

use http::{HeaderValue, Uri};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, TrustAnchor};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::dial::Dial;

/// When to speak HTTP/2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Http2 {
    /// Over TLS, if the server wants it (ALPN). Never over plain `http`.
    #[default]
    Negotiate,
    /// Never: HTTP/1.1 only.
    Never,
    /// Always, even over plain `http`, because the server is known to speak it.
    PriorKnowledge,
}

/// Builds a [`Client`](crate::Client) with other settings than the defaults.
///
/// ```
/// use std::time::Duration;
/// use sdn_hyper::{Client, Http2};
///
/// let client = Client::builder()
///     .connect_timeout(Duration::from_secs(5))
///     .total_timeout(Duration::from_secs(60))
///     .max_idle_per_host(1)
///     .http2(Http2::Never)
///     .user_agent("inviter/1.0")?
///     .build();
/// # Ok::<(), sdn_hyper::InvalidSetting>(())
/// ```
#[derive(Debug, Clone)]
pub struct Builder {
    pub(crate) connect_timeout: Duration,
    pub(crate) total_timeout: Duration,
    pub(crate) max_idle_per_host: usize,
    pub(crate) max_connections: usize,
    pub(crate) dial: Option<Dial>,
    added_roots: Vec<TrustAnchor<'static>>,
    trusts_built_in_roots: bool,
    pub(crate) user_agent: HeaderValue,
    pub(crate) http2: Http2,
}

pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
pub(crate) const TOTAL_TIMEOUT: Duration = Duration::from_secs(150);
/// A longer time means for ever, and would overflow when it is added to the present.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

impl Default for Builder {
    fn default() -> Self {
        Self {
            connect_timeout: CONNECT_TIMEOUT,
            total_timeout: TOTAL_TIMEOUT,
            max_idle_per_host: 4,
            max_connections: 64,
            dial: None,
            added_roots: Vec::new(),
            trusts_built_in_roots: true,
            user_agent: HeaderValue::from_static(concat!("sdn-hyper/", env!("CARGO_PKG_VERSION"))),
            http2: Http2::Negotiate,
        }
    }
}

impl Builder {
    /// Sets how long connecting may take: name, TCP and TLS together. The default is 10 seconds.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout.min(LONGEST_TIMEOUT);
        self
    }

    /// Sets how long a whole call may take, including connecting. The default is 150 seconds.
    ///
    /// A node responds to an invitation only after its identity server has, and waits up to 120
    /// seconds for that. A client that stops earlier does not learn the outcome of the invitation.
    #[must_use]
    pub fn total_timeout(mut self, timeout: Duration) -> Self {
        self.total_timeout = timeout.min(LONGEST_TIMEOUT);
        self
    }

    /// Sets how many unused connections to keep per server, for 15 seconds. The default is 4; 0
    /// keeps none. While calls wait for a connection, they take over those that become free.
    #[must_use]
    pub fn max_idle_per_host(mut self, max: usize) -> Self {
        self.max_idle_per_host = max;
        self
    }

    /// Sets how many connections to one server may be open at a time. The default is 64. `usize::MAX`
    /// sets no limit, and 0 counts as 1.
    ///
    /// Further calls wait, first in, first out. Waiting counts into the total timeout. If the time
    /// runs out, the call was [not sent](sdn_proto::TransportErrorKind::NoSlot).
    ///
    /// Over HTTP/2, all calls to a server share one connection. At most 100 use it at a time, or
    /// fewer if the server allows fewer. Without a limit, only the server's counts.
    #[must_use]
    pub fn max_connections_per_server(mut self, max: usize) -> Self {
        self.max_connections = max;
        self
    }

    /// Sets a function that opens connections: through a proxy, to a Unix socket, or in a simulated
    /// network.
    ///
    /// Its argument is a URI with the server's scheme, host and port. It returns any stream with
    /// tokio's traits. The client adds TLS if the scheme is `https`. The connect timeout covers both.
    /// If the function fails, the call was [not sent](sdn_proto::TransportErrorKind::Connect).
    ///
    /// A kept stream is used again until it ends. Unlike a TCP socket of the client's own, it is not
    /// looked at before that: what the runtime has read of it counts.
    ///
    /// ```
    /// use sdn_hyper::Client;
    /// # #[cfg(unix)] {
    /// use tokio::net::UnixStream;
    ///
    /// let client = Client::builder()
    ///     .connector(|_server| UnixStream::connect("/run/node.sock"))
    ///     .build();
    /// # }
    /// ```
    #[must_use]
    pub fn connector<F, C, S>(mut self, connect: F) -> Self
    where
        F: Fn(Uri) -> C + Send + Sync + 'static,
        C: Future<Output = io::Result<S>> + Send + 'static,
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        self.dial = Some(Dial::new(connect));
        self
    }

    /// Sets when to speak HTTP/2. The default is [`Http2::Negotiate`].
    #[must_use]
    pub fn http2(mut self, http2: Http2) -> Self {
        self.http2 = http2;
        self
    }

    /// Trusts another certificate authority: one certificate as DER, or all those in a PEM text.
    ///
    /// # Errors
    ///
    /// If it contains no certificate, or a broken one.
    pub fn add_root_certificate(
        mut self,
        pem_or_der: impl AsRef<[u8]>,
    ) -> Result<Self, InvalidSetting> {
        const FIELD: &str = "root certificate";
        const PEM: &[u8] = b"-----BEGIN ";
        let bytes = pem_or_der.as_ref();
        let broken = InvalidSetting { field: FIELD, problem: "a certificate is broken" };
        let certificates = if bytes.windows(PEM.len()).any(|window| window == PEM) {
            CertificateDer::pem_slice_iter(bytes)
                .collect::<Result<Vec<_>, _>>()
                .map_err(|_| broken)?
        } else {
            vec![CertificateDer::from(bytes)]
        };
        if certificates.is_empty() {
            let problem = "the PEM text contains no certificate; add a CERTIFICATE section";
            return Err(InvalidSetting { field: FIELD, problem });
        }
        let mut added = RootCertStore::empty();
        for certificate in certificates {
            added.add(certificate).map_err(|_| broken)?;
        }
        self.added_roots.extend(added.roots);
        Ok(self)
    }

    /// Trusts only the certificate authorities that are added, before this or after it.
    #[must_use]
    pub fn without_built_in_roots(mut self) -> Self {
        self.trusts_built_in_roots = false;
        self
    }

    /// Sets the `user-agent` header. The default is `sdn-hyper/` and the version.
    ///
    /// # Errors
    ///
    /// If it is empty, or contains anything but visible ASCII characters and spaces.
    pub fn user_agent(mut self, text: impl AsRef<str>) -> Result<Self, InvalidSetting> {
        let text = text.as_ref();
        let is_visible = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
        let problem = if text.trim().is_empty() {
            "it is empty"
        } else {
            "use visible ASCII characters only"
        };
        let invalid = InvalidSetting { field: "user agent", problem };
        if text.trim().is_empty() || !text.bytes().all(is_visible) {
            return Err(invalid);
        }
        self.user_agent = HeaderValue::from_str(text).map_err(|_| invalid)?;
        Ok(self)
    }

    pub(crate) fn roots(&self) -> RootCertStore {
        let built_in: &[_] =
            if self.trusts_built_in_roots { webpki_roots::TLS_SERVER_ROOTS } else { &[] };
        RootCertStore { roots: [built_in, &self.added_roots].concat() }
    }
}

/// A setting that cannot be used. Its text names the setting and the problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidSetting {
    field: &'static str,
    problem: &'static str,
}

impl fmt::Display for InvalidSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.problem)
    }
}

impl StdError for InvalidSetting {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_roots_are_the_default() {
        assert!(Builder::default().roots().len() > 50);
        assert!(Builder::default().without_built_in_roots().roots().is_empty());
    }
}
