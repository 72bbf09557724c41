//! Telling from an error of ureq what happened to the request.

use std::io;

use crate::error::{BoxError, Error, TimeoutStage};

impl Error {
    /// Judges an error by whether any of the request may have been written; its kind only names it.
    pub(crate) fn from_ureq(error: ureq::Error, may_be_sent: bool) -> Self {
        if may_be_sent { Self::after_writing(error) } else { Self::before_writing(error) }
    }

    fn before_writing(error: ureq::Error) -> Self {
        use ureq::Error as E;
        match error {
            E::Timeout(_) => Self::Timeout(TimeoutStage::Connect),
            E::Rustls(_) | E::Tls(_) | E::TlsRequired => Self::Tls(cause(error)),
            E::Io(ref io) if is_tls(io) => Self::Tls(cause(error)),
            _ => Self::Connect(cause(error)),
        }
    }

    fn after_writing(error: ureq::Error) -> Self {
        use ureq::Error as E;
        match error {
            E::Timeout(_) => Self::Timeout(TimeoutStage::Total),
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

fn cause(error: ureq::Error) -> BoxError {
    match error {
        ureq::Error::Io(error) => error.into(),
        error => error.into(),
    }
}
