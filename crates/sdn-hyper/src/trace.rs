//! A span for each exchange: which call it is, how it ended and how long it took, without its
//! contents.

use std::time::Instant;

use http::Response;
use sdn_proto::{Delivery, Outgoing, TransportError};
use tracing::Span;
use tracing::field::Empty;

use crate::status::check_status;

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
                check_status(response)
                    .map_or_else(|error| error.delivery(), |()| Delivery::Answered)
            }
            Err(error) => error.delivery(),
        };
        self.span.record("delivery", delivery.as_str());
        let duration = self.start.elapsed().as_millis();
        self.span.record("duration_ms", u64::try_from(duration).unwrap_or(u64::MAX));
    }
}
