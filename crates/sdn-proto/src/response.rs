//! Functions that parse responses, for the implementation of a [`Call`](crate::Call).

use std::time::{Duration, SystemTime};

use http::{Response, StatusCode};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::body;
use crate::error::{ApiError, InvalidInput, Malformed};
use crate::object::Object;

/// Accepts any JSON value: success is status 200 and a body that is UTF-8 and one JSON value.
///
/// The value is skipped, not built, so its depth and its numbers do not matter.
///
/// # Errors
///
/// Any other response.
///
/// ```
/// use sdn_proto::{http::Response, response};
///
/// assert!(response::ignored(&Response::new("[1, null]")).is_ok());
/// assert!(response::ignored(&Response::new("<html>")).is_err());
/// ```
pub fn ignored<B: AsRef<[u8]>>(response: &Response<B>) -> Result<(), ApiError> {
    if response.status() != StatusCode::OK {
        return Err(ApiError::from_status(response));
    }
    skip(response.body().as_ref()).map_err(|malformed| ApiError::malformed(response, malformed))
}

fn skip(body: &[u8]) -> Result<(), Malformed> {
    // The usual body does not need a parser.
    if body == b"{}" {
        return Ok(());
    }
    let text = body::text(body).ok_or(Malformed::NotUtf8)?;
    if text.is_empty() {
        return Err(Malformed::Empty);
    }
    serde_json::from_str::<IgnoredAny>(text)?;
    Ok(())
}

/// Parses a value: success is status 200 and a body that is UTF-8 and one JSON value of type `T`.
///
/// # Errors
///
/// Any other response.
///
/// ```
/// use sdn_proto::{http::Response, response};
///
/// let rooms: Vec<String> = response::json(&Response::new(r#"["!a:node.example"]"#))?;
/// assert_eq!(rooms, ["!a:node.example"]);
/// # Ok::<(), sdn_proto::ApiError>(())
/// ```
pub fn json<'a, T: Deserialize<'a>, B: AsRef<[u8]>>(
    response: &'a Response<B>,
) -> Result<T, ApiError> {
    if response.status() != StatusCode::OK {
        return Err(ApiError::from_status(response));
    }
    body::text(response.body().as_ref())
        .ok_or(Malformed::NotUtf8)
        .and_then(|text| {
            if text.is_empty() { Err(Malformed::Empty) } else { Ok(serde_json::from_str(text)?) }
        })
        .map_err(|malformed| ApiError::malformed(response, malformed))
}

/// Like [`json`], but only an object is a success, which a `struct` needs: `serde` would also read
/// it from an array.
///
/// # Errors
///
/// Any other response.
///
/// ```
/// use sdn_proto::{http::Response, response};
///
/// #[derive(serde::Deserialize)]
/// struct Sent {
///     event_id: String,
/// }
///
/// let sent: Sent = response::object(&Response::new(r#"{"event_id":"$e"}"#))?;
/// assert_eq!(sent.event_id, "$e");
/// assert!(response::object::<Sent, _>(&Response::new(r#"["$e"]"#)).is_err());
/// # Ok::<(), sdn_proto::ApiError>(())
/// ```
pub fn object<T: DeserializeOwned, B: AsRef<[u8]>>(response: &Response<B>) -> Result<T, ApiError> {
    json(response).map(|Object(value)| value)
}

/// Parses a `success` member too, because identity servers respond to a wrong validation token with
/// 200.
pub(crate) fn success_member<B: AsRef<[u8]>>(response: &Response<B>) -> Result<(), ApiError> {
    #[derive(Deserialize)]
    struct Answer {
        success: bool,
    }
    match object(response)? {
        Answer { success: true } => Ok(()),
        Answer { success: false } => Err(ApiError::unsuccessful(response)),
    }
}

/// Returns the error of a 200 with a value that breaks its rules.
pub(crate) fn invalid<B: AsRef<[u8]>>(response: &Response<B>, invalid: InvalidInput) -> ApiError {
    ApiError::malformed(response, Malformed::Invalid(invalid))
}

/// Parses a time in milliseconds since 1970.
pub(crate) fn time<B: AsRef<[u8]>>(
    response: &Response<B>,
    milliseconds: u64,
) -> Result<SystemTime, ApiError> {
    SystemTime::UNIX_EPOCH
        .checked_add(Duration::from_millis(milliseconds))
        .ok_or_else(|| ApiError::malformed(response, Malformed::OutOfRange))
}
