//! Certificates of a new authority.

use std::io;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::PrivatePkcs8KeyDer;

/// The contents of a certificate, and whether it has expired.
pub(crate) struct Wanted<'a> {
    pub(crate) names: &'a [&'a str],
    pub(crate) is_expired: bool,
    /// The protocols that the server offers.
    pub(crate) alpn: &'a [&'a str],
    /// Whether it is self-signed, and then whether it is an authority's.
    pub(crate) self_signed: Option<IsAuthority>,
}

/// Whether a certificate claims to be an authority's.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct IsAuthority(pub(crate) bool);

impl Default for Wanted<'_> {
    fn default() -> Self {
        Wanted {
            names: &["localhost", "127.0.0.1"],
            is_expired: false,
            alpn: &["http/1.1"],
            self_signed: None,
        }
    }
}

/// Returns the configuration of a server with such a certificate, and the PEM that a client must trust.
pub(crate) fn server_config(wanted: &Wanted<'_>) -> io::Result<(ServerConfig, String)> {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.distinguished_name.push(DnType::CommonName, "sdn-testkit CA");
    let authority_key = KeyPair::generate().map_err(io::Error::other)?;
    let authority = authority.self_signed(&authority_key).map_err(io::Error::other)?;

    let names: Vec<String> = wanted.names.iter().map(|name| (*name).to_owned()).collect();
    let mut certificate = CertificateParams::new(names).map_err(io::Error::other)?;
    certificate.distinguished_name.push(DnType::CommonName, wanted.names[0]);
    certificate.use_authority_key_identifier_extension = true;
    if wanted.is_expired {
        certificate.not_before = date_time_ymd(2001, 1, 1);
        certificate.not_after = date_time_ymd(2002, 1, 1);
    }
    let key = KeyPair::generate().map_err(io::Error::other)?;
    let (certificate, trusted) = match wanted.self_signed {
        None => {
            let signed = certificate.signed_by(&key, &authority, &authority_key);
            (signed.map_err(io::Error::other)?, authority.pem())
        }
        Some(IsAuthority(is_authority)) => {
            certificate.is_ca = match is_authority {
                true => IsCa::Ca(BasicConstraints::Unconstrained),
                false => IsCa::ExplicitNoCa,
            };
            let signed = certificate.self_signed(&key).map_err(io::Error::other)?;
            let pem = signed.pem();
            (signed, pem)
        }
    };

    let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .map_err(io::Error::other)?;
    config.alpn_protocols = wanted.alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    Ok((config, trusted))
}
