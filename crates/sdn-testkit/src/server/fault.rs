//! Faults of an exchange.

use std::time::Duration;

use http::StatusCode;

/// A fault of one exchange. The connection is closed afterwards, except where a variant keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The next connection is closed when it is accepted, before a TLS handshake. Nothing is read.
    ///
    /// It must be the first of the pending faults. An exchange over an open connection does not consume it.
    CloseOnAccept,
    /// The connection is closed after the first byte of a request. The world does not see the request.
    CloseBeforeRequest,
    /// The whole request is read, and the connection is closed without a response.
    CloseAfterRequest {
        /// Whether the world handles the request first.
        handled: bool,
    },
    /// The request is handled and answered, and then the connection is closed.
    CloseAfterAnswer {
        /// Whether the response announces that, with `connection: close`.
        announced: bool,
    },
    /// The whole request is read, and there is no response until the client gives up.
    Stall {
        /// Whether the world handles the request first.
        handled: bool,
    },
    /// The request is handled and answered after this time, even if the client no longer waits.
    ///
    /// The connection is kept.
    HandleLate(Duration),
    /// The request is handled at once, and answered after this time. The connection is kept.
    AnswerLate(Duration),
    /// The response is an HTML page, as of a proxy that has lost its node. The connection is kept.
    Page {
        /// The page's status, such as 502.
        status: StatusCode,
        /// Whether the world handles the request first.
        handled: bool,
    },
    /// The request is refused with 429 `M_LIMIT_EXCEEDED` and this delay. The connection is kept.
    ///
    /// `Retry-After` has the delay rounded up to whole seconds, and clients read it first.
    LimitExceeded(Duration),
    /// The request is handled, and the response is cut in the middle of the body, or of the headers if the body is empty.
    Truncate,
    /// These raw bytes are the response.
    Garbage {
        /// The bytes.
        bytes: Vec<u8>,
        /// Whether the world handles the request first.
        handled: bool,
    },
    /// The request is handled. The response is a 200 with endless headers, sent byte by byte.
    TrickleHeaders,
    /// The request is handled. The response is a 200 with endless headers, sent fast.
    EndlessHeaders,
    /// The request is handled. The response is a 200 with an endless body, sent byte by byte.
    TrickleBody,
    /// The request is handled. The response is a 200 with an endless chunked body, sent fast.
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

    /// Returns whether the exchange ends with a complete response on a connection that is kept.
    pub(super) fn keeps_connection(&self) -> bool {
        matches!(
            self,
            Fault::HandleLate(_)
                | Fault::AnswerLate(_)
                | Fault::Page { .. }
                | Fault::LimitExceeded(_)
        )
    }

    /// Returns whether the response's headers suggest that the connection is kept.
    pub(super) fn promises_to_keep(&self) -> bool {
        self.keeps_connection() || *self == Fault::CloseAfterAnswer { announced: false }
    }
}
