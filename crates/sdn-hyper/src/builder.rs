use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::connector::TimedConnector;
use crate::{Client, Pool};

/// Sets up a [`Client`].
#[derive(Debug)]
pub struct Builder {
    connect_timeout: Duration,
    total_timeout: Duration,
    max_idle_per_host: usize,
    user_agent: HeaderValue,
    roots: RootCertStore,
    http2: Http2,
}

/// When to speak HTTP/2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Http2 {
    /// If the server offers it while the connection is secured (ALPN).
    #[default]
    Negotiate,
    /// Never: HTTP/1.1 alone.
    Never,
    /// Always, for servers that are known to speak it, without a secure connection too.
    PriorKnowledge,
}

/// A setting that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidSetting {
    /// It is no certificate, neither in PEM nor in DER.
    Certificate,
    /// It is no text that a `user-agent` header can have.
    UserAgent,
}

impl fmt::Display for InvalidSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Certificate => "no X.509 certificate, neither in PEM nor in DER",
            Self::UserAgent => "no text for a user-agent header: use visible ASCII and spaces",
        })
    }
}

impl Error for InvalidSetting {}

impl Default for Builder {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            // A node answers after two minutes if the identity server it asks never does.
            total_timeout: Duration::from_secs(150),
            max_idle_per_host: 3,
            user_agent: HeaderValue::from_static(concat!("sdn-hyper/", env!("CARGO_PKG_VERSION"))),
            roots: RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() },
            http2: Http2::default(),
        }
    }
}

impl Builder {
    /// The time for resolving the server's name, connecting and securing the connection; 10 seconds by default.
    #[must_use]
    pub fn connect_timeout(self, connect_timeout: Duration) -> Self {
        Self { connect_timeout, ..self }
    }

    /// The time for a whole call; 150 seconds by default, since a node waits up to 120 for an identity server.
    #[must_use]
    pub fn total_timeout(self, total_timeout: Duration) -> Self {
        Self { total_timeout, ..self }
    }

    /// How many unused connections to keep open to one host; 3 by default.
    #[must_use]
    pub fn max_idle_per_host(self, max_idle_per_host: usize) -> Self {
        Self { max_idle_per_host, ..self }
    }

    /// Trusts one more certificate authority, beside those that Mozilla trusts. PEM or DER.
    ///
    /// # Errors
    ///
    /// If it is no certificate.
    pub fn add_root_certificate(mut self, certificate: &[u8]) -> Result<Self, InvalidSetting> {
        let is_pem = certificate.starts_with(b"-----BEGIN");
        let certificate = if is_pem {
            CertificateDer::from_pem_slice(certificate).map_err(|_| InvalidSetting::Certificate)?
        } else {
            CertificateDer::from(certificate)
        };
        self.roots.add(certificate).map_err(|_| InvalidSetting::Certificate)?;
        Ok(self)
    }

    /// The `user-agent` header; `sdn-hyper/` and the version by default.
    ///
    /// # Errors
    ///
    /// If it is empty or cannot be a header's value.
    pub fn user_agent(self, user_agent: impl AsRef<str>) -> Result<Self, InvalidSetting> {
        let user_agent = HeaderValue::from_str(user_agent.as_ref())
            .ok()
            .filter(|value| !value.is_empty() && value.to_str().is_ok())
            .ok_or(InvalidSetting::UserAgent)?;
        Ok(Self { user_agent, ..self })
    }

    /// When to speak HTTP/2; by default if the server offers it.
    #[must_use]
    pub fn http2(self, http2: Http2) -> Self {
        Self { http2, ..self }
    }

    /// The client. It needs a tokio runtime with time and I/O only when it sends.
    pub fn build(self) -> Client {
        let connector =
            TimedConnector { inner: https(self.roots, self.http2), timeout: self.connect_timeout };
        let pool = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .pool_max_idle_per_host(self.max_idle_per_host)
            .http2_only(self.http2 == Http2::PriorKnowledge)
            .build(connector);
        Client {
            service: Pool(pool),
            total_timeout: Some(self.total_timeout),
            user_agent: Some(self.user_agent),
        }
    }
}

fn https(roots: RootCertStore, http2: Http2) -> HttpsConnector<HttpConnector> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring's provider speaks the default versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut http = HttpConnector::new();
    http.enforce_http(false);
    http.set_nodelay(true);
    let builder = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http();
    match http2 {
        Http2::Negotiate => builder.enable_all_versions().wrap_connector(http),
        Http2::Never => builder.enable_http1().wrap_connector(http),
        Http2::PriorKnowledge => builder.enable_http2().wrap_connector(http),
    }
}
