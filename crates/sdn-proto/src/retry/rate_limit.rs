use std::time::{Duration, SystemTime};

use http::StatusCode;

use crate::error::{ApiError, ErrorCode, RetryAfter};

/// The delay if a server limits the rate without one.
const DEFAULT_DELAY: Duration = Duration::from_secs(5);

/// Returns whether an error is a rate limit: status 429 or `M_LIMIT_EXCEEDED`.
pub fn is_rate_limit(error: &ApiError) -> bool {
    error.status() == StatusCode::TOO_MANY_REQUESTS
        || error.code() == Some(&ErrorCode::LimitExceeded)
}

/// Returns how long the server asks to wait, if the error is a rate limit: five seconds if the
/// server sends no delay.
///
/// `now` is used only if the server sends a date to wait for, and its response has no `Date`
/// header.
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
