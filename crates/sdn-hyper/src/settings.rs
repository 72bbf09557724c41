//! The settings of a client.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, Uri};
use rustls::crypto::CryptoProvider;
use sdn_proto::Proxy;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::dial::Dial;
use crate::invalid_setting::InvalidSetting;
use crate::tls::Tls;

/// When to use HTTP/2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Http2 {
    /// Over TLS, if the server selects it (ALPN). Never over plain `http`.
    #[default]
    Negotiate,
    /// Never: HTTP/1.1 only.
    Never,
    /// Always, even over plain `http`, for servers that are known to support it.
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
    pub(crate) total_timeout: Option<Duration>,
    pub(crate) max_idle_per_host: usize,
    pub(crate) max_connections: usize,
    pub(crate) dial: Option<Dial>,
    pub(crate) tls: Tls,
    pub(crate) proxy: Option<Proxy>,
    pub(crate) user_agent: Option<HeaderValue>,
    pub(crate) http2: Http2,
}

pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
pub(crate) const TOTAL_TIMEOUT: Duration = Duration::from_secs(150);
const USER_AGENT: &str = concat!("sdn-hyper/", env!("CARGO_PKG_VERSION"));
/// A longer time means for ever, and would overflow when it is added to the current time.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

impl Default for Builder {
    fn default() -> Self {
        Self {
            connect_timeout: CONNECT_TIMEOUT,
            total_timeout: None,
            max_idle_per_host: 4,
            max_connections: 64,
            dial: None,
            tls: Tls::default(),
            proxy: None,
            user_agent: None,
            http2: Http2::Negotiate,
        }
    }
}

impl Builder {
    /// Sets how long connecting may take: name, TCP, the proxy and TLS together. The default is 10
    /// seconds.
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
    /// keeps none. Waiting calls get the connections that become free.
    #[must_use]
    pub fn max_idle_per_host(mut self, max: usize) -> Self {
        self.max_idle_per_host = max;
        self
    }

    /// Sets how many connections to one server may be open at a time. The default is 64.
    /// `usize::MAX` sets no limit, and 0 counts as 1.
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

    /// Sets a function that opens connections: through a SOCKS proxy, to a Unix socket, or in a
    /// simulated network.
    ///
    /// Its argument is a URI with the server's scheme, host and port. It returns any stream with
    /// tokio's traits. The client adds TLS if the scheme is `https`. The connect timeout covers
    /// both. If the function fails, the call was [not
    /// sent](sdn_proto::TransportErrorKind::Connect).
    ///
    /// A kept stream is used again until it ends. Before that, the client does not look at the
    /// stream as it does at its own TCP sockets. Only data that the runtime has read counts.
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

    /// Sets when to use HTTP/2. The default is [`Http2::Negotiate`].
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
    /// let client = sdn_hyper::Client::builder().add_native_roots()?.build();
    /// # Ok::<(), sdn_hyper::InvalidSetting>(())
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
    /// let client = sdn_hyper::Client::builder().client_certificate(chain, key)?.build();
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
    /// otherwise ring with the feature `ring`, otherwise AWS-LC with the feature `aws-lc-rs`.
    /// Without any provider, every call over `https` fails with
    /// [`Tls`](sdn_proto::TransportErrorKind::Tls), and nothing is sent.
    ///
    /// ```
    /// # #[cfg(feature = "ring")] {
    /// use std::sync::Arc;
    /// use sdn_hyper::{Client, rustls};
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
    /// A [`connector`](Self::connector) opens the connection to the proxy.
    ///
    /// This includes `http` servers and this machine, so the proxy must allow their ports. Over
    /// `https` the proxy sees only the server's name, and no request. If the proxy refuses, nothing
    /// was sent: the error is a [`Connect`](sdn_proto::TransportErrorKind::Connect) whose cause is
    /// a [`ProxyError`](sdn_proto::ProxyError) with the proxy's status.
    ///
    /// ```
    /// use sdn_hyper::Client;
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
        let invalid = InvalidSetting::new("user agent", problem);
        if text.trim().is_empty() || !text.bytes().all(is_visible) {
            return Err(invalid);
        }
        self.user_agent = Some(HeaderValue::from_str(text).map_err(|_| invalid)?);
        Ok(self)
    }

    /// Returns the `user-agent` of the client's own requests.
    pub(crate) fn own_user_agent(&self) -> HeaderValue {
        self.user_agent.clone().unwrap_or_else(|| HeaderValue::from_static(USER_AGENT))
    }
}
