//! The settings of TLS: trusted authorities, the client's certificate, and the provider of
//! cryptography.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, TrustAnchor};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, Error, InconsistentKeys, RootCertStore};
use sdn_proto::{TransportError, TransportErrorKind};

use crate::invalid_setting::InvalidSetting;

/// `Debug` does not show the private key.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tls {
    added_roots: Vec<TrustAnchor<'static>>,
    pub(crate) without_built_in_roots: bool,
    pub(crate) provider: Option<Arc<CryptoProvider>>,
    identity: Option<Arc<Identity>>,
}

/// The client's certificate and private key.
#[derive(Debug)]
struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Tls {
    pub(crate) fn add_root_certificate(&mut self, pem_or_der: &[u8]) -> Result<(), InvalidSetting> {
        const FIELD: &str = "root certificate";
        let broken = InvalidSetting::new(FIELD, "a certificate is broken");
        let mut added = RootCertStore::empty();
        for certificate in certificates(FIELD, pem_or_der)? {
            added.add(certificate).map_err(|_| broken)?;
        }
        self.added_roots.extend(added.roots);
        Ok(())
    }

    /// Adds the usable certificates of the machine. Some machines also have others.
    #[cfg(feature = "native-roots")]
    pub(crate) fn add_native_roots(&mut self) -> Result<(), InvalidSetting> {
        let mut added = RootCertStore::empty();
        added.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if added.is_empty() {
            let problem = "the machine has no readable certificate; install its certificates";
            return Err(InvalidSetting::new("native roots", problem));
        }
        self.added_roots.extend(added.roots);
        Ok(())
    }

    pub(crate) fn set_identity(
        &mut self,
        chain: &[u8],
        private_key: &[u8],
    ) -> Result<(), InvalidSetting> {
        const FIELD: &str = "client certificate";
        let chain = certificates(FIELD, chain)?;
        let key = if is_pem(private_key) {
            PrivateKeyDer::from_pem_slice(private_key).ok()
        } else {
            PrivateKeyDer::try_from(private_key).ok().map(|key| key.clone_key())
        };
        let Some(key) = key else {
            let problem =
                "the private key cannot be read; provide it as PEM or DER, without a password";
            return Err(InvalidSetting::new(FIELD, problem));
        };
        if let Some(provider) = self.providers().next() {
            let checked = CertifiedKey::from_der(chain.clone(), key.clone_key(), &provider);
            checked.map_err(|error| {
                let problem = match error {
                    Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
                        "the private key does not belong to the first certificate; provide the right one"
                    }
                    _ => "the certificate or its private key is broken, or of an unknown kind",
                };
                InvalidSetting::new(FIELD, problem)
            })?;
        }
        self.identity = Some(Arc::new(Identity { chain, key }));
        Ok(())
    }

    /// Returns the settings of connections, or the reason why none can be secure.
    pub(crate) fn config(&self, alpn: &[&[u8]]) -> Result<Arc<ClientConfig>, TransportError> {
        const NO_PROVIDER: &str = "there is no provider of cryptography; turn on the feature \
             `ring` or `aws-lc-rs`, or set one with `Builder::crypto_provider`";
        let failed = |error| TransportError::new(TransportErrorKind::Tls, error);
        let mut builder = Err(TransportError::new(TransportErrorKind::Tls, NO_PROVIDER));
        for provider in self.providers() {
            builder = ClientConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .map_err(failed);
            if builder.is_ok() {
                break;
            }
        }
        let builder = builder?.with_root_certificates(self.roots());
        let mut config = match self.identity.as_deref() {
            None => builder.with_no_client_auth(),
            Some(Identity { chain, key }) => {
                builder.with_client_auth_cert(chain.clone(), key.clone_key()).map_err(failed)?
            }
        };
        config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
        Ok(Arc::new(config))
    }

    /// Returns the providers in order: only the setting's, or the process's and those of the
    /// features.
    fn providers(&self) -> impl Iterator<Item = Arc<CryptoProvider>> + use<> {
        let all = match &self.provider {
            Some(provider) => vec![Arc::clone(provider)],
            None => [
                CryptoProvider::get_default().cloned(),
                #[cfg(feature = "ring")]
                Some(Arc::new(rustls::crypto::ring::default_provider())),
                #[cfg(feature = "aws-lc-rs")]
                Some(Arc::new(rustls::crypto::aws_lc_rs::default_provider())),
            ]
            .into_iter()
            .flatten()
            .collect(),
        };
        all.into_iter()
    }

    fn roots(&self) -> RootCertStore {
        let built_in: &[_] =
            if self.without_built_in_roots { &[] } else { webpki_roots::TLS_SERVER_ROOTS };
        RootCertStore { roots: [built_in, &self.added_roots].concat() }
    }
}

/// Reads one certificate as DER, or all those in a PEM text.
fn certificates(
    field: &'static str,
    pem_or_der: &[u8],
) -> Result<Vec<CertificateDer<'static>>, InvalidSetting> {
    if !is_pem(pem_or_der) {
        return Ok(vec![CertificateDer::from(pem_or_der.to_vec())]);
    }
    let certificates = CertificateDer::pem_slice_iter(pem_or_der).collect::<Result<Vec<_>, _>>();
    match certificates {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) => {
            let problem = "the PEM text contains no certificate; add a CERTIFICATE section";
            Err(InvalidSetting::new(field, problem))
        }
        Err(_) => Err(InvalidSetting::new(field, "a certificate is broken")),
    }
}

fn is_pem(bytes: &[u8]) -> bool {
    const PEM: &[u8] = b"-----BEGIN ";
    bytes.windows(PEM.len()).any(|window| window == PEM)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_roots_are_the_default() {
        assert!(Tls::default().roots().len() > 50);
        let without = Tls { without_built_in_roots: true, ..Tls::default() };
        assert!(without.roots().is_empty());
    }
}
