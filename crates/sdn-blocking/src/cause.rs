//! Finds out from an error of ureq what happened to the request.

use std::error::Error;
use std::io;

use sdn_proto::{TransportError, TransportErrorKind as Kind};

/// Classifies an error by whether any of the request may have been written; the error itself only
/// names the kind.
pub(crate) fn classify(error: ureq::Error, may_be_sent: bool) -> TransportError {
    let kind = if may_be_sent { after_writing(&error) } else { before_writing(&error) };
    match kind {
        Kind::ConnectTimeout | Kind::TotalTimeout => kind.into(),
        kind => TransportError::new(kind, cause(error)),
    }
}

fn before_writing(error: &ureq::Error) -> Kind {
    use ureq::Error as E;
    match error {
        E::Timeout(_) => Kind::ConnectTimeout,
        E::Rustls(_) | E::Tls(_) | E::TlsRequired => Kind::Tls,
        E::Io(io) if is_tls(io) => Kind::Tls,
        _ => Kind::Connect,
    }
}

fn after_writing(error: &ureq::Error) -> Kind {
    use ureq::Error as E;
    match error {
        E::Timeout(_) => Kind::TotalTimeout,
        E::Io(_) | E::BodyStalled => Kind::ConnectionLost,
        E::Protocol(_) | E::LargeResponseHeader(..) | E::Http(_) => Kind::Protocol,
        _ => Kind::Other,
    }
}

/// Whether it is a failed handshake: rustls's errors are invalid data, and a server that hangs up is an early end.
fn is_tls(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof)
}

fn cause(error: ureq::Error) -> Box<dyn Error + Send + Sync> {
    match error {
        ureq::Error::Io(error) => error.into(),
        error => error.into(),
    }
}
