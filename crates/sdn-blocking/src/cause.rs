//! Telling from an error of ureq what happened to the request.

use std::io;

use crate::error::{BoxError, Error, TimeoutStage};

impl Error {
    /// Judges an error by its kind, and by whether any of the request may have been written.
    pub(crate) fn from_ureq(error: ureq::Error, may_be_sent: bool) -> Self {
        use ureq::Error as E;
        use ureq::Timeout::{Connect, Resolve};
        match error {
            E::Timeout(Resolve | Connect) => Self::Timeout(TimeoutStage::Connect),
            E::Timeout(_) if !may_be_sent => Self::Timeout(TimeoutStage::Connect),
            E::Timeout(_) => Self::Timeout(TimeoutStage::Total),
            // These come up only while a connection is made.
            E::Rustls(_) | E::Tls(_) | E::TlsRequired => Self::Tls(cause(error)),
            E::HostNotFound | E::ConnectionFailed | E::RequireHttpsOnly(_) => {
                Self::Connect(cause(error))
            }
            E::Io(ref io) if io.kind() == io::ErrorKind::ConnectionRefused || is_lookup(io) => {
                Self::Connect(cause(error))
            }
            E::Io(ref io) if !may_be_sent && is_tls(io) => Self::Tls(cause(error)),
            _ if !may_be_sent => Self::Connect(cause(error)),
            E::Io(_) | E::BodyStalled => Self::ConnectionLost(cause(error)),
            E::Protocol(_) | E::LargeResponseHeader(..) | E::Http(_) => {
                Self::Protocol(cause(error))
            }
            _ => Self::Other(cause(error)),
        }
    }
}

/// Whether it is a failed handshake: rustls's errors are invalid data, and a server that hangs up is an early end.
fn is_tls(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof)
}

/// Whether a name could not be looked up: the standard library has no kind of error for it.
fn is_lookup(error: &io::Error) -> bool {
    error.to_string().starts_with("failed to lookup address information")
}

fn cause(error: ureq::Error) -> BoxError {
    match error {
        ureq::Error::Io(error) => error.into(),
        error => error.into(),
    }
}
