//! A span for each exchange: its call, outcome and duration, without its contents; and an event in
//! it for a failure.

use std::future::Future;
use std::time::Instant;

use http::{Method, Response, Uri};
use sdn_proto::{ApiError, Delivery, Outgoing, TransportError};
use tracing::field::Empty;
use tracing::{Instrument, Span};

use crate::status::check_status;

/// An exchange that is being traced.
pub(crate) struct Traced {
    span: Span,
    start: Instant,
    method: Method,
    path: &'static str,
    uri: Uri,
}

impl Traced {
    pub(crate) fn new(outgoing: &Outgoing) -> Self {
        let (request, path) = (outgoing.request(), outgoing.path());
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let span = tracing::debug_span!(
            "sdn_call",
            %method,
            path,
            server.address = uri.host(),
            status = Empty,
            delivery = Empty,
            duration_ms = Empty,
        );
        Self { span, start: Instant::now(), method, path, uri }
    }

    /// Runs an exchange in its span.
    pub(crate) async fn follow<B: AsRef<[u8]>>(
        self,
        exchange: impl Future<Output = Result<Response<B>, TransportError>>,
    ) -> Result<Response<B>, TransportError> {
        let result = exchange.instrument(self.span.clone()).await;
        self.ended(&result);
        result
    }

    fn ended<B: AsRef<[u8]>>(&self, result: &Result<Response<B>, TransportError>) {
        let (delivery, is_failure) = match result.as_ref().map(check_status) {
            Ok(Ok(())) => (Delivery::Answered, false),
            Ok(Err(error)) => (ApiError::delivery(&error), true),
            Err(error) => (error.delivery(), true),
        };
        let status = result.as_ref().ok().map(|response| response.status().as_u16());
        self.span.record("status", status);
        self.span.record("delivery", delivery.as_str());
        let duration = self.start.elapsed().as_millis();
        self.span.record("duration_ms", u64::try_from(duration).unwrap_or(u64::MAX));
        if is_failure {
            self.span.in_scope(|| self.failed(delivery, status, result.as_ref().err()));
        }
    }

    /// It also names the call, because the span may be turned off.
    ///
    /// It omits the causes and the server's text, which can repeat the request.
    fn failed(&self, delivery: Delivery, status: Option<u16>, error: Option<&TransportError>) {
        macro_rules! event {
            ($level:ident) => {
                tracing::$level!(
                    method = %self.method,
                    path = self.path,
                    server.address = self.uri.host(),
                    status,
                    delivery = delivery.as_str(),
                    error = error.map(tracing::field::display),
                    "the call failed"
                )
            };
        }
        match delivery {
            Delivery::Answered => event!(debug),
            _ => event!(warn),
        }
    }
}
