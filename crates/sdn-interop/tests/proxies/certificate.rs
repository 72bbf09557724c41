//! A certificate for one address, signed by a separate authority.

use std::net::IpAddr;

use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};

/// All parts are PEM.
pub(crate) struct Certificate {
    /// The authority that a client has to trust.
    pub(crate) authority: String,
    /// The certificate and its private key.
    pub(crate) identity: String,
}

impl Certificate {
    pub(crate) fn new(address: IpAddr) -> Self {
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority_key = KeyPair::generate().unwrap();
        let authority = authority.self_signed(&authority_key).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new([address.to_string()])
            .unwrap()
            .signed_by(&key, &authority, &authority_key)
            .unwrap();
        let identity = certificate.pem() + &key.serialize_pem();
        Self { authority: authority.pem(), identity }
    }
}
