use std::time::{Duration, SystemTime};

use http::StatusCode;

use crate::error::{ApiError, ErrorCode, RetryAfter};

/// When a server limits the rate without a delay.
const DEFAULT_DELAY: Duration = Duration::from_secs(5);

/// Returns whether an error is a rate limit: status 429 or `M_LIMIT_EXCEEDED`.
pub fn is_rate_limit(error: &ApiError) -> bool {
    error.status() == StatusCode::TOO_MANY_REQUESTS
        || error.code() == Some(&ErrorCode::LimitExceeded)
}

/// Returns how long the server asks to wait, if the error is a rate limit: five seconds if it gives
/// no delay.
///
/// `now` is used only if the server gives a date, and its response has no `Date` of its own.
pub fn retry_delay(error: &ApiError, now: SystemTime) -> Option<Duration> {
    delay(error, Some(now))
}

pub(super) fn delay(error: &ApiError, now: Option<SystemTime>) -> Option<Duration> {
    is_rate_limit(error).then(|| match (error.retry_after(), now) {
        (Some(RetryAfter::Delay(delay)), _) => delay,
        (Some(at @ RetryAfter::At(_)), Some(now)) => at.delay_from(now),
        _ => DEFAULT_DELAY,
    })
}
