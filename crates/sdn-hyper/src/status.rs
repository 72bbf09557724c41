//! The meaning of a status for every call.

use http::{Response, StatusCode};
use sdn_proto::{ApiError, Call, InviteUser};

/// Fails unless the status is 200.
///
/// A status other than 200 means the same to every call. Only the call itself can judge the body of
/// a 200.
pub(crate) fn check_status<B: AsRef<[u8]>>(response: &Response<B>) -> Result<(), ApiError> {
    if response.status() == StatusCode::OK {
        return Ok(());
    }
    InviteUser::parse_response(response)
}
