//! The settings of a client.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use rustls::crypto::CryptoProvider;
use sdn_proto::Proxy;

use crate::invalid_setting::InvalidSetting;
use crate::net::{Connector, Pool};
use crate::sender::Sender;
use crate::tls::Tls;

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
    pub(crate) total_timeout: Option<Duration>,
    max_idle_per_host: usize,
    tls: Tls,
    proxy: Option<Proxy>,
    pub(crate) user_agent: Option<HeaderValue>,
}

/// The default time of a whole call.
pub(crate) const TOTAL_TIMEOUT: Duration = Duration::from_secs(150);

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The time that an unused connection is kept. Servers close connections too, and a request that is
/// written at that moment may or may not arrive.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);
/// A longer time means for ever, and would overflow when it is added to the current time.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// The minimum for the number of unused connections to all servers.
const MAX_IDLE: usize = 10;
const USER_AGENT: &str = concat!("sdn-blocking/", env!("CARGO_PKG_VERSION"));

impl Default for Builder {
    fn default() -> Self {
        Self {
            connect_timeout: CONNECT_TIMEOUT,
            total_timeout: None,
            max_idle_per_host: 4,
            tls: Tls::default(),
            proxy: None,
            user_agent: None,
        }
    }
}

impl Builder {
    /// Sets how long connecting may take: the lookup of the name, TCP, the proxy and TLS together.
    /// The default is 10 seconds.
    ///
    /// A name's addresses are tried in turn, alternating IPv6 and IPv4, each for an equal share of
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
        self.total_timeout = Some(timeout.min(LONGEST_TIMEOUT));
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
        self.tls.add_root_certificate(pem_or_der.as_ref())?;
        Ok(self)
    }

    /// Trusts the certificate authorities of the machine too. Needs the feature `native-roots`.
    ///
    /// They are read now: from the system's store, or from the file and the directory that the
    /// environment names with `SSL_CERT_FILE` and `SSL_CERT_DIR`. Certificates that rustls cannot
    /// use are skipped.
    ///
    /// # Errors
    ///
    /// If the machine has no certificate that can be used.
    ///
    /// ```no_run
    /// let client = sdn_blocking::Client::builder().add_native_roots()?.build();
    /// # Ok::<(), sdn_blocking::InvalidSetting>(())
    /// ```
    #[cfg(feature = "native-roots")]
    pub fn add_native_roots(mut self) -> Result<Self, InvalidSetting> {
        self.tls.add_native_roots()?;
        Ok(self)
    }

    /// Trusts only the certificate authorities that are added, before this or after it.
    #[must_use]
    pub fn without_built_in_roots(mut self) -> Self {
        self.tls.without_built_in_roots = true;
        self
    }

    /// Sends this certificate to servers that ask for one. The private key is never printed.
    ///
    /// `chain` is one certificate as DER, or a PEM text with the client's own certificate first and
    /// then those of the authorities above it. `private_key` is its key as PEM or DER (PKCS #8,
    /// PKCS #1 or SEC 1), without a password. Every server that asks receives the certificate, and
    /// can read the names in it. A server that rejects it says so after the handshake, when the
    /// request may be written: the delivery of that error can be
    /// [`Unknown`](sdn_proto::Delivery::Unknown).
    ///
    /// # Errors
    ///
    /// If the certificate or the key is missing, or the key is not the certificate's. They are
    /// checked with the current provider of cryptography, if there is one.
    ///
    /// ```no_run
    /// let chain = std::fs::read("client.crt")?;
    /// let key = std::fs::read("client.key")?;
    /// let client = sdn_blocking::Client::builder().client_certificate(chain, key)?.build();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn client_certificate(
        mut self,
        chain: impl AsRef<[u8]>,
        private_key: impl AsRef<[u8]>,
    ) -> Result<Self, InvalidSetting> {
        self.tls.set_identity(chain.as_ref(), private_key.as_ref())?;
        Ok(self)
    }

    /// Sets rustls's provider of cryptography.
    ///
    /// Without it, [`build`](Self::build) takes the process's default if one is installed,
    /// otherwise ring with the feature `ring`, otherwise AWS-LC with the feature `aws-lc-rs`. If
    /// there is none at all, every call over `https` fails with
    /// [`Tls`](sdn_proto::TransportErrorKind::Tls), and nothing is sent.
    ///
    /// ```
    /// # #[cfg(feature = "ring")] {
    /// use std::sync::Arc;
    /// use sdn_blocking::{Client, rustls};
    ///
    /// let provider = Arc::new(rustls::crypto::ring::default_provider());
    /// let client = Client::builder().crypto_provider(provider).build();
    /// # }
    /// ```
    #[must_use]
    pub fn crypto_provider(mut self, provider: Arc<CryptoProvider>) -> Self {
        self.tls.provider = Some(provider);
        self
    }

    /// Connects to every server through an HTTP proxy, with `CONNECT`. The default is no proxy,
    /// even if the environment names one.
    ///
    /// This includes `http` servers and this machine, so the proxy must allow their ports. Over
    /// `https` the proxy sees only the server's name, and no request. If the proxy refuses, nothing
    /// was sent: the error is a [`Connect`](sdn_proto::TransportErrorKind::Connect) whose cause is
    /// a [`ProxyError`](sdn_proto::ProxyError) with the proxy's status.
    ///
    /// ```
    /// use sdn_blocking::Client;
    /// use sdn_proto::Proxy;
    ///
    /// let proxy = Proxy::new("http://alice:secret@proxy.example:3128")?;
    /// let client = Client::builder().proxy(proxy).build();
    /// # Ok::<(), sdn_proto::InvalidInput>(())
    /// ```
    #[must_use]
    pub fn proxy(mut self, proxy: Proxy) -> Self {
        self.proxy = Some(proxy);
        self
    }

    /// Sets the `user-agent` header. The default is `sdn-blocking/` and the version.
    ///
    /// # Errors
    ///
    /// If it is empty, or contains anything but visible ASCII characters and spaces.
    pub fn user_agent(mut self, text: impl AsRef<str>) -> Result<Self, InvalidSetting> {
        let text = text.as_ref();
        let invalid = |problem| InvalidSetting::new("user agent", problem);
        if text.trim().is_empty() {
            return Err(invalid("it is empty; write a name"));
        }
        let not_visible =
            invalid("it contains other characters than visible ASCII and spaces; remove them");
        if !text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
            return Err(not_visible);
        }
        self.user_agent = Some(HeaderValue::from_str(text).map_err(|_| not_visible)?);
        Ok(self)
    }

    pub(crate) fn sender(self) -> Sender {
        let default_user_agent = HeaderValue::from_static(USER_AGENT);
        Sender {
            connect_timeout: self.connect_timeout,
            total_timeout: self.total_timeout.unwrap_or(TOTAL_TIMEOUT),
            connector: Connector { tls: self.tls.config(&[b"http/1.1"]), proxy: self.proxy },
            pool: Pool::new(
                self.max_idle_per_host,
                self.max_idle_per_host.max(MAX_IDLE),
                IDLE_TIMEOUT,
            ),
            user_agent: self.user_agent.unwrap_or(default_user_agent),
        }
    }
}
