//! A span for each exchange: which call it is, how it ended and how long it took, without its
//! contents.

use std::time::Instant;

use http::{Response, StatusCode};
use sdn_proto::{Call, Delivery, InviteUser, Outgoing, TransportError};
use tracing::Span;
use tracing::field::Empty;

/// An exchange that is being traced.
pub(crate) struct Traced {
    pub(crate) span: Span,
    start: Instant,
}

impl Traced {
    pub(crate) fn new(outgoing: &Outgoing) -> Self {
        let span = tracing::debug_span!(
            "sdn_call",
            method = %outgoing.request().method(),
            path = outgoing.path(),
            status = Empty,
            delivery = Empty,
            duration_ms = Empty,
        );
        Self { span, start: Instant::now() }
    }

    pub(crate) fn ended<B: AsRef<[u8]>>(&self, result: &Result<Response<B>, TransportError>) {
        let delivery = match result {
            Ok(response) => {
                self.span.record("status", response.status().as_u16());
                delivery_of(response)
            }
            Err(error) => error.delivery(),
        };
        self.span.record("delivery", delivery.as_str());
        let duration = self.start.elapsed().as_millis();
        self.span.record("duration_ms", u64::try_from(duration).unwrap_or(u64::MAX));
    }
}

/// A status other than 200 means the same to every call. Only the call itself can judge the body of
/// a 200.
fn delivery_of<B: AsRef<[u8]>>(response: &Response<B>) -> Delivery {
    if response.status() == StatusCode::OK {
        return Delivery::Answered;
    }
    match InviteUser::parse_response(response) {
        Ok(()) => Delivery::Answered,
        Err(error) => error.delivery(),
    }
}
