//! Ways to break an exchange.

use std::time::Duration;

use http::StatusCode;

/// A way to break one exchange; the connection is closed after each, unless it says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The next connection is closed as soon as it is accepted: nothing is read, and there is no TLS handshake.
    ///
    /// It has to be first in the row; an exchange over a connection that is already open does not use it up.
    CloseOnAccept,
    /// The connection is closed when the first byte of a request has come; the world does not see the request.
    CloseBeforeRequest,
    /// The whole request is read, and the connection closed without an answer.
    CloseAfterRequest {
        /// Whether the world handles the request before.
        handled: bool,
    },
    /// The request is handled and answered, and then the connection closed.
    CloseAfterAnswer {
        /// Whether the answer says so, with `connection: close`; without, the client finds out later.
        announced: bool,
    },
    /// The whole request is read, and nothing is answered until the client gives up.
    Stall {
        /// Whether the world handles the request before.
        handled: bool,
    },
    /// The request is handled only after this time, whether or not the client still waits, and then answered.
    ///
    /// The connection is kept.
    HandleLate(Duration),
    /// The request is handled, and answered after this time; the connection is kept.
    AnswerLate(Duration),
    /// The request is answered by an HTML page, as by a proxy that has lost its node; the connection is kept.
    Page {
        /// The page's status, such as 502.
        status: StatusCode,
        /// Whether the world handles the request before.
        handled: bool,
    },
    /// The request is not handled but refused with 429 `M_LIMIT_EXCEEDED` and this delay; the connection is kept.
    ///
    /// `Retry-After` has the delay rounded up to whole seconds, and clients read it first.
    LimitExceeded(Duration),
    /// The request is handled, and its answer cut in the middle of the body; an empty one in its headers.
    Truncate,
    /// These raw bytes are the answer.
    Garbage {
        /// The bytes.
        bytes: Vec<u8>,
        /// Whether the world handles the request before.
        handled: bool,
    },
    /// The request is handled, and answered by a 200 whose headers come a byte at a time and never end.
    TrickleHeaders,
    /// The request is handled, and answered by a 200 whose headers come fast and never end.
    EndlessHeaders,
    /// The request is handled, and answered by a 200 whose body comes a byte at a time and never ends.
    TrickleBody,
    /// The request is handled, and answered by a 200 whose chunked body comes fast and never ends.
    EndlessBody,
}

impl Fault {
    pub(super) fn handles_request(&self) -> bool {
        match self {
            Fault::CloseOnAccept | Fault::CloseBeforeRequest | Fault::LimitExceeded(_) => false,
            Fault::CloseAfterRequest { handled }
            | Fault::Stall { handled }
            | Fault::Page { handled, .. }
            | Fault::Garbage { handled, .. } => *handled,
            Fault::CloseAfterAnswer { .. }
            | Fault::HandleLate(_)
            | Fault::AnswerLate(_)
            | Fault::Truncate
            | Fault::TrickleHeaders
            | Fault::EndlessHeaders
            | Fault::TrickleBody
            | Fault::EndlessBody => true,
        }
    }

    /// Whether the exchange ends with a whole answer, after which the connection is kept.
    pub(super) fn keeps_connection(&self) -> bool {
        matches!(
            self,
            Fault::HandleLate(_)
                | Fault::AnswerLate(_)
                | Fault::Page { .. }
                | Fault::LimitExceeded(_)
        )
    }

    /// Whether the answer's headers let the client believe that the connection is kept.
    pub(super) fn promises_to_keep(&self) -> bool {
        self.keeps_connection() || *self == Fault::CloseAfterAnswer { announced: false }
    }
}
