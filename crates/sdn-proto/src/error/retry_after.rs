use std::time::{Duration, SystemTime};

use http::header::{DATE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue};

/// When a server allows a call to be repeated.
///
/// It comes from the `Retry-After` header ([RFC 9110, section 10.2.3]) or, if that is missing or
/// unreadable, from `retry_after_ms` in the body. A date in the header becomes a delay from the
/// response's own `Date`, because the server's clock may differ from ours.
///
/// [RFC 9110, section 10.2.3]: https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RetryAfter {
    /// After this much time.
    Delay(Duration),
    /// At this time by the server's clock. The response did not say what time that clock shows.
    At(SystemTime),
}

impl RetryAfter {
    /// Returns how long to wait from `now`; zero if the time has passed.
    ///
    /// The server chooses this value: limit it before you wait that long.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use sdn_proto::RetryAfter;
    ///
    /// let now = SystemTime::UNIX_EPOCH + Duration::from_secs(100);
    /// let later = now + Duration::from_secs(7);
    /// assert_eq!(RetryAfter::At(later).delay_from(now), Duration::from_secs(7));
    /// assert_eq!(RetryAfter::At(now).delay_from(later), Duration::ZERO);
    /// ```
    pub fn delay_from(self, now: SystemTime) -> Duration {
        match self {
            Self::Delay(delay) => delay,
            Self::At(time) => time.duration_since(now).unwrap_or(Duration::ZERO),
        }
    }

    pub(crate) fn from_headers(headers: &HeaderMap) -> Option<Self> {
        Self::parse(headers.get(RETRY_AFTER)?, headers)
    }

    // A separate function, because most responses have no such header.
    #[cold]
    fn parse(value: &HeaderValue, headers: &HeaderMap) -> Option<Self> {
        let text = value.to_str().ok()?.trim();
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            // More seconds than fit mean for ever.
            let seconds = text.parse().unwrap_or(u64::MAX);
            return Some(Self::Delay(Duration::from_secs(seconds)));
        }
        let time = httpdate::parse_http_date(text).ok()?;
        let date = headers.get(DATE).and_then(|date| date.to_str().ok());
        let at = Self::At(time);
        Some(match date.and_then(|date| httpdate::parse_http_date(date).ok()) {
            Some(date) => Self::Delay(at.delay_from(date)),
            None => at,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(value: &str) -> Option<RetryAfter> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, value.parse().unwrap());
        RetryAfter::from_headers(&headers)
    }

    #[test]
    fn retry_after_parses_seconds_and_dates() {
        let seconds = |n| Some(RetryAfter::Delay(Duration::from_secs(n)));
        assert_eq!(parse("400"), seconds(400));
        assert_eq!(parse(" 0 "), seconds(0));
        assert_eq!(parse("99999999999999999999999"), seconds(u64::MAX));
        let date = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        for form in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            assert_eq!(parse(form), Some(RetryAfter::At(date)), "{form}");
        }
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, "Sun, 06 Nov 1994 08:49:37 GMT".parse().unwrap());
        headers.insert(DATE, "Sun, 06 Nov 1994 08:49:30 GMT".parse().unwrap());
        assert_eq!(RetryAfter::from_headers(&headers), seconds(7), "by the server's clock");
        for nonsense in ["", "-1", "+1", "1.5", "1e3", "soon", "Sun, 99 Nov 1994 08:49:37 GMT"] {
            assert_eq!(parse(nonsense), None, "{nonsense}");
        }
    }
}
