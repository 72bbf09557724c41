//! Reading answers: what every call means by success.

use http::{Response, StatusCode};
use serde::de::IgnoredAny;

use crate::error::{ApiError, Malformed};

/// A body as text, without a byte order mark.
pub(crate) fn text(body: &[u8]) -> Result<&str, Malformed> {
    let text = std::str::from_utf8(body).map_err(|_| Malformed::NotUtf8)?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Success is status 200 and a body that is UTF-8 and one JSON value, whichever.
///
/// The value is skipped, not built: its depth, its numbers and its lone surrogates are nobody's business.
pub(crate) fn ignored<B: AsRef<[u8]>>(response: &Response<B>) -> Result<(), ApiError> {
    if response.status() != StatusCode::OK {
        return Err(ApiError::from_status(response));
    }
    skip(response.body().as_ref()).map_err(|malformed| ApiError::malformed(response, malformed))
}

fn skip(body: &[u8]) -> Result<(), Malformed> {
    let text = text(body)?;
    if text.is_empty() {
        return Err(Malformed::Empty);
    }
    serde_json::from_str::<IgnoredAny>(text)?;
    Ok(())
}
