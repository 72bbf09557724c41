//! The settings of TLS.

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::{ClientConfig, RootCertStore};

/// Returns the settings for servers with a certificate of one of these roots.
///
/// The cryptography is rustls's default of the process if there is one, and otherwise ring.
pub(crate) fn tls_config(roots: RootCertStore) -> Arc<ClientConfig> {
    let of_process = CryptoProvider::get_default().cloned();
    let mut providers = of_process.into_iter().chain([Arc::new(ring::default_provider())]);
    let builder = providers.find_map(|provider| {
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().ok()
    });
    let mut config = builder
        .expect("ring has the default versions of TLS")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Arc::new(config)
}
