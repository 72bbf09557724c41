use std::time::Duration;

use bytes::Bytes;
use http::header::DATE;
use http::{Response, StatusCode};

use crate::error::{ApiError, ErrorCode, RetryAfter};

/// How long, and how often, a flow waits for a server that limits its rate.
#[derive(Debug, Clone)]
pub(super) struct RateLimit {
    budget: Duration,
    rounds: u32,
}

/// A server that keeps asking for short delays is not waited for without end.
const MAX_ROUNDS: u32 = 10;
/// When a server limits the rate without saying for how long.
const DEFAULT_DELAY: Duration = Duration::from_secs(5);

impl RateLimit {
    pub(super) fn new(budget: Duration) -> Self {
        Self { budget, rounds: MAX_ROUNDS }
    }

    /// How long to wait before the call is repeated, if the answer is a rate limit and the wait is within the budget.
    pub(super) fn wait(
        &mut self,
        error: &ApiError,
        response: &Response<Bytes>,
    ) -> Option<Duration> {
        if !is_rate_limit(error) {
            return None;
        }
        let delay = delay(error, response);
        self.budget = self.budget.checked_sub(delay)?;
        self.rounds = self.rounds.checked_sub(1)?;
        Some(delay)
    }
}

pub(super) fn is_rate_limit(error: &ApiError) -> bool {
    error.status() == StatusCode::TOO_MANY_REQUESTS
        || error.code() == Some(&ErrorCode::LimitExceeded)
}

/// A date is compared with the server's own clock, which its answer tells: a flow has none.
fn delay(error: &ApiError, response: &Response<Bytes>) -> Duration {
    let now = || httpdate::parse_http_date(response.headers().get(DATE)?.to_str().ok()?).ok();
    match error.retry_after() {
        Some(RetryAfter::Delay(delay)) => delay,
        Some(at @ RetryAfter::At(_)) => now().map_or(DEFAULT_DELAY, |now| at.delay_from(now)),
        None => DEFAULT_DELAY,
    }
}
