use std::error::Error;
use std::fmt;
use std::time::Duration;

use ureq::config::ConfigBuilder;
use ureq::http::HeaderValue;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::typestate::AgentScope;

use crate::Client;

/// Sets up a [`Client`].
#[derive(Debug)]
pub struct Builder {
    connect_timeout: Duration,
    total_timeout: Duration,
    max_idle_per_host: usize,
    user_agent: String,
    extra_roots: Vec<Certificate<'static>>,
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
            user_agent: concat!("sdn-blocking/", env!("CARGO_PKG_VERSION")).to_owned(),
            extra_roots: Vec::new(),
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
            Certificate::from_pem(certificate).map_err(|_| InvalidSetting::Certificate)?
        } else {
            Certificate::from_der(certificate).to_owned()
        };
        let mut store = rustls::RootCertStore::empty();
        store.add(certificate.der().into()).map_err(|_| InvalidSetting::Certificate)?;
        self.extra_roots.push(certificate);
        Ok(self)
    }

    /// The `user-agent` header; `sdn-blocking/` and the version by default.
    ///
    /// # Errors
    ///
    /// If it is empty or cannot be a header's value.
    pub fn user_agent(self, user_agent: impl Into<String>) -> Result<Self, InvalidSetting> {
        let user_agent = user_agent.into();
        let is_visible = HeaderValue::from_str(&user_agent).is_ok_and(|value| value.to_str().is_ok());
        if user_agent.is_empty() || !is_visible {
            return Err(InvalidSetting::UserAgent);
        }
        Ok(Self { user_agent, ..self })
    }

    /// The client.
    pub fn build(self) -> Client {
        let roots = if self.extra_roots.is_empty() {
            RootCerts::WebPki
        } else {
            let known = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
            let known = known.map(|der| Certificate::from_der(der).to_owned());
            RootCerts::from(known.chain(self.extra_roots).collect::<Vec<_>>())
        };
        let config = plain()
            .timeout_resolve(Some(self.connect_timeout))
            .timeout_connect(Some(self.connect_timeout))
            .timeout_global(Some(self.total_timeout))
            .max_idle_connections_per_host(self.max_idle_per_host)
            .user_agent(self.user_agent)
            .tls_config(TlsConfig::builder().root_certs(roots).build());
        Client::with_agent(config.build().into())
    }
}

/// No redirects, no proxies from the environment, no headers of its own: what is sent is what the call says.
fn plain() -> ConfigBuilder<AgentScope> {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .accept("")
        .accept_encoding("")
}
