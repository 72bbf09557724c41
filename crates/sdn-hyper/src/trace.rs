//! A span for each exchange: which call it is, how it ended and how long it took, and nothing of what is in it.

use std::time::Instant;

use http::{Request, Response};
use sdn_proto::{Delivery, TransportError, path_template};
use tracing::Span;
use tracing::field::Empty;

use crate::error::Error;

/// An exchange that is being traced.
pub(crate) struct Traced {
    pub(crate) span: Span,
    start: Instant,
}

impl Traced {
    pub(crate) fn new<B>(request: &Request<B>) -> Self {
        let span = tracing::debug_span!(
            "sdn_call",
            method = %request.method(),
            path = path_template(request.uri().path()),
            status = Empty,
            delivery = Empty,
            duration_ms = Empty,
        );
        Self { span, start: Instant::now() }
    }

    pub(crate) fn ended<B>(&self, result: &Result<Response<B>, Error>) {
        let delivery = match result {
            Ok(response) => {
                self.span.record("status", response.status().as_u16());
                Delivery::Answered
            }
            Err(error) => error.delivery(),
        };
        self.span.record(
            "delivery",
            match delivery {
                Delivery::NotSent => "not_sent",
                Delivery::Answered => "answered",
                _ => "unknown",
            },
        );
        let duration = self.start.elapsed().as_millis();
        self.span.record("duration_ms", u64::try_from(duration).unwrap_or(u64::MAX));
    }
}
