//! What a client can be told before it is made.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use http::HeaderValue;
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, TrustAnchor};

use crate::client::Client;

/// When to speak HTTP/2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Http2 {
    /// Over TLS, if the server wants it (ALPN); over plain `http` never.
    #[default]
    Negotiate,
    /// Never: HTTP/1.1 only.
    Never,
    /// Always, over plain `http` too: the server is known to speak it.
    PriorKnowledge,
}

/// Makes a [`Client`] with other settings than the usual ones.
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
    added_roots: Vec<TrustAnchor<'static>>,
    trusts_built_in_roots: bool,
    pub(crate) user_agent: HeaderValue,
    pub(crate) http2: Http2,
}

pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
pub(crate) const TOTAL_TIMEOUT: Duration = Duration::from_secs(150);
/// A longer time is as good as for ever, and would overflow when it is added to the present.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

impl Default for Builder {
    fn default() -> Self {
        Self {
            connect_timeout: CONNECT_TIMEOUT,
            total_timeout: TOTAL_TIMEOUT,
            max_idle_per_host: 4,
            added_roots: Vec::new(),
            trusts_built_in_roots: true,
            user_agent: HeaderValue::from_static(concat!("sdn-hyper/", env!("CARGO_PKG_VERSION"))),
            http2: Http2::Negotiate,
        }
    }
}

impl Builder {
    /// How long to try to connect (name, TCP and TLS together); 10 seconds unless told otherwise.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout.min(LONGEST_TIMEOUT);
        self
    }

    /// How long a whole call may take, connecting included; 150 seconds unless told otherwise.
    ///
    /// A node answers an invitation only after its identity server has; if that one hangs, nodes give up after 120
    /// seconds. A client with less patience than the node will not know what became of the invitation.
    #[must_use]
    pub fn total_timeout(mut self, timeout: Duration) -> Self {
        self.total_timeout = timeout.min(LONGEST_TIMEOUT);
        self
    }

    /// How many unused connections to keep per server, for 15 seconds; 4 unless told otherwise, and 0 keeps none.
    #[must_use]
    pub fn max_idle_per_host(mut self, max: usize) -> Self {
        self.max_idle_per_host = max;
        self
    }

    /// When to speak HTTP/2; if the server wants it, unless told otherwise.
    #[must_use]
    pub fn http2(mut self, http2: Http2) -> Self {
        self.http2 = http2;
        self
    }

    /// Trusts a certificate authority besides the usual ones: one certificate as DER, or all those in a PEM text.
    ///
    /// # Errors
    ///
    /// If there is no certificate in it, or a broken one.
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
            let problem = "the PEM text holds no certificate; it must have a CERTIFICATE section";
            return Err(InvalidSetting { field: FIELD, problem });
        }
        let mut added = RootCertStore::empty();
        for certificate in certificates {
            added.add(certificate).map_err(|_| broken)?;
        }
        self.added_roots.extend(added.roots);
        Ok(self)
    }

    /// Trusts none but the certificate authorities that are added, before this or after: certificates that others signed
    /// are refused, however valid.
    #[must_use]
    pub fn only_added_roots(mut self) -> Self {
        self.trusts_built_in_roots = false;
        self
    }

    /// What to say in the `user-agent` header; `sdn-hyper/` and the version unless told otherwise.
    ///
    /// # Errors
    ///
    /// If it is empty or holds anything but visible ASCII characters and spaces.
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

    /// Makes the client.
    pub fn build(self) -> Client {
        Client::from_settings(self)
    }
}

/// A setting that cannot be used: which one, and what is wrong with it.
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
    fn the_built_in_roots_are_trusted_unless_told_otherwise() {
        assert!(Builder::default().roots().len() > 50);
        assert!(Builder::default().only_added_roots().roots().is_empty());
    }
}
