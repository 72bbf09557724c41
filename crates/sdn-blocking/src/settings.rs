//! The settings of a client.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use http::HeaderValue;
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, TrustAnchor};

use crate::net::{Pool, tls_config};
use crate::sender::Sender;

/// Builds a [`Client`](crate::Client) with other settings than the defaults.
///
/// ```
/// use std::time::Duration;
/// use sdn_blocking::Client;
///
/// let client = Client::builder()
///     .connect_timeout(Duration::from_secs(5))
///     .total_timeout(Duration::from_secs(60))
///     .max_idle_per_host(1)
///     .user_agent("inviter/1.0")?
///     .build();
/// # Ok::<(), sdn_blocking::InvalidSetting>(())
/// ```
#[derive(Debug, Clone)]
pub struct Builder {
    connect_timeout: Duration,
    total_timeout: Duration,
    max_idle_per_host: usize,
    added_roots: Vec<TrustAnchor<'static>>,
    trusts_built_in_roots: bool,
    user_agent: HeaderValue,
}

/// How long a whole call may take, unless set otherwise.
pub(crate) const TOTAL_TIMEOUT: Duration = Duration::from_secs(150);

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an unused connection is kept. Servers close theirs too, and a request that is written
/// at that moment may or may not arrive.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);
/// A longer time means for ever, and would overflow when it is added to the present.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// How many unused connections are kept for all servers together, at least.
const MAX_IDLE: usize = 10;
const USER_AGENT: &str = concat!("sdn-blocking/", env!("CARGO_PKG_VERSION"));

impl Default for Builder {
    fn default() -> Self {
        Self {
            connect_timeout: CONNECT_TIMEOUT,
            total_timeout: TOTAL_TIMEOUT,
            max_idle_per_host: 4,
            added_roots: Vec::new(),
            trusts_built_in_roots: true,
            user_agent: HeaderValue::from_static(USER_AGENT),
        }
    }
}

impl Builder {
    /// Sets how long connecting may take: the lookup of the name, TCP and TLS together. The default
    /// is 10 seconds.
    ///
    /// A name's addresses are tried in turn, IPv6 and IPv4 alternating, each for an equal share of
    /// the time that is left.
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
    /// keeps none.
    #[must_use]
    pub fn max_idle_per_host(mut self, max: usize) -> Self {
        self.max_idle_per_host = max;
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

    /// Trusts only the certificate authorities that are added, before this or after it.
    #[must_use]
    pub fn without_built_in_roots(mut self) -> Self {
        self.trusts_built_in_roots = false;
        self
    }

    /// Sets the `user-agent` header. The default is `sdn-blocking/` and the version.
    ///
    /// # Errors
    ///
    /// If it is empty, or contains anything but visible ASCII characters and spaces.
    pub fn user_agent(mut self, text: impl AsRef<str>) -> Result<Self, InvalidSetting> {
        let text = text.as_ref();
        let invalid = |problem| InvalidSetting { field: "user agent", problem };
        if text.trim().is_empty() {
            return Err(invalid("it is empty; write a name"));
        }
        let not_visible = invalid("it may hold visible ASCII characters and spaces only");
        if !text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
            return Err(not_visible);
        }
        self.user_agent = HeaderValue::from_str(text).map_err(|_| not_visible)?;
        Ok(self)
    }

    pub(crate) fn sender(self) -> Sender {
        Sender {
            connect_timeout: self.connect_timeout,
            total_timeout: self.total_timeout,
            tls: tls_config(self.roots()),
            pool: Pool::new(
                self.max_idle_per_host,
                self.max_idle_per_host.max(MAX_IDLE),
                IDLE_TIMEOUT,
            ),
            user_agent: self.user_agent,
        }
    }

    fn roots(&self) -> RootCertStore {
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
