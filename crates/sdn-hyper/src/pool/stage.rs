//! How far a call has come, which decides the error after its time.

use sdn_proto::TransportErrorKind;

use super::wire::Writer;

/// The progress of a call.
pub(super) enum Stage {
    WaitsForSlot,
    Connects,
    /// A connection has received the request.
    Sends {
        writer: Writer,
        written_before: u64,
    },
}

impl Stage {
    pub(super) fn sends(writer: &Writer) -> Self {
        Self::Sends { writer: writer.clone(), written_before: writer.written() }
    }

    /// Returns whether nothing of the request has been written.
    pub(super) fn is_unwritten(&self) -> bool {
        match self {
            Self::Sends { writer, written_before } => writer.written() == *written_before,
            _ => true,
        }
    }

    /// Returns the error after the total time has run out.
    pub(super) fn timed_out(&self) -> TransportErrorKind {
        match self {
            Self::WaitsForSlot => TransportErrorKind::NoSlot,
            Self::Connects => TransportErrorKind::ConnectTimeout,
            Self::Sends { writer, .. } => {
                // None of it may be written later either.
                if self.is_unwritten() {
                    writer.stop();
                }
                match self.is_unwritten() {
                    true => TransportErrorKind::NoSlot,
                    false => TransportErrorKind::TotalTimeout,
                }
            }
        }
    }
}
