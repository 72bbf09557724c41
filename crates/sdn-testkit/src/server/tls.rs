//! TLS with a certificate authority that nobody else has.

use std::io;
use std::net::TcpStream;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::stream::Stream;

pub(super) struct Tls {
    config: Arc<ServerConfig>,
    pub(super) ca_pem: String,
}

impl Tls {
    pub(super) fn new() -> io::Result<Self> {
        let ca_key = KeyPair::generate().map_err(io::Error::other)?;
        let ca = parameters(&[], "sdn-testkit CA", |parameters| {
            parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        })?;
        let ca = ca.self_signed(&ca_key).map_err(io::Error::other)?;

        let key = KeyPair::generate().map_err(io::Error::other)?;
        let certificate = parameters(&["localhost", "127.0.0.1"], "localhost", |parameters| {
            parameters.use_authority_key_identifier_extension = true;
        })?;
        let certificate = certificate.signed_by(&key, &ca, &ca_key).map_err(io::Error::other)?;

        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .map_err(io::Error::other)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Tls { config: Arc::new(config), ca_pem: ca.pem() })
    }

    /// The handshake itself happens with the first read.
    pub(super) fn accept(&self, socket: TcpStream) -> io::Result<Stream> {
        let connection =
            ServerConnection::new(Arc::clone(&self.config)).map_err(io::Error::other)?;
        Ok(Stream::Tls(Box::new(StreamOwned::new(connection, socket))))
    }
}

fn parameters(
    names: &[&str],
    common_name: &str,
    adjust: impl FnOnce(&mut CertificateParams),
) -> io::Result<CertificateParams> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut parameters = CertificateParams::new(names).map_err(io::Error::other)?;
    parameters.distinguished_name.push(DnType::CommonName, common_name);
    adjust(&mut parameters);
    Ok(parameters)
}
