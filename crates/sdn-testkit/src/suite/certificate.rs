//! Certificates that are made for one scenario.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::PrivatePkcs8KeyDer;

/// What a certificate is for, and whether it has run out.
pub(super) struct Wanted {
    pub(super) name: &'static str,
    pub(super) is_expired: bool,
    /// The protocols that the server offers.
    pub(super) alpn: &'static [&'static str],
}

impl Default for Wanted {
    fn default() -> Self {
        Wanted { name: "localhost", is_expired: false, alpn: &["http/1.1"] }
    }
}

/// How a server shows such a certificate; the other value is the authority that signed it, as PEM.
pub(super) fn server_config(wanted: &Wanted) -> (ServerConfig, String) {
    make(wanted).expect("a certificate can be made")
}

fn make(wanted: &Wanted) -> Result<(ServerConfig, String), Box<dyn std::error::Error>> {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = KeyPair::generate()?;
    let authority = authority.self_signed(&authority_key)?;
    let key = KeyPair::generate()?;
    let mut certificate = CertificateParams::new([wanted.name.to_owned()])?;
    if wanted.is_expired {
        certificate.not_before = date_time_ymd(2001, 1, 1);
        certificate.not_after = date_time_ymd(2002, 1, 1);
    }
    let certificate = certificate.signed_by(&key, &authority, &authority_key)?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        )?;
    config.alpn_protocols = wanted.alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    Ok((config, authority.pem()))
}
