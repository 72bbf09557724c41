use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http::header::DATE;

use crate::error::ApiError;
use crate::retry::Patience;
pub(super) use crate::retry::is_rate_limit;

/// How long, and how often, a flow waits for a server that limits its rate.
#[derive(Debug, Clone)]
pub(super) struct RateLimit(Patience);

impl RateLimit {
    pub(super) fn new(budget: Duration) -> Self {
        Self(Patience::new(budget))
    }

    /// How long to wait before the call is repeated, if the answer is a rate limit and the wait is within the budget.
    ///
    /// A date is compared with the server's own clock, which its answer tells: a flow has none.
    pub(super) fn wait(
        &mut self,
        error: &ApiError,
        response: &Response<Bytes>,
    ) -> Option<Duration> {
        let date = response.headers().get(DATE).and_then(|date| date.to_str().ok());
        self.0.wait_by(error, date.and_then(|date| httpdate::parse_http_date(date).ok()))
    }
}
