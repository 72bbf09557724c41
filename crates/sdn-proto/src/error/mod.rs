//! What can go wrong, split by whose fault it is.
//!
//! * [`InvalidInput`]: the caller's, found while a value is made, before anything is sent.
//! * [`ApiError`]: the server's answer, when it is not a success.
//! * [`CallError`]: what a transport's `send` returns, with [`Delivery`] telling what may have happened.

mod api_error;
mod call_error;
mod cause;
mod code;
mod error_object;
mod invalid_input;
mod retry_after;
mod show;

pub use api_error::{ApiError, ApiErrorKind};
pub use call_error::{CallError, Delivery, TransportError};
pub use cause::without_secrets_of;
pub use code::{ErrorCode, OtherCode};
pub use invalid_input::{InvalidInput, Rule};
pub use retry_after::RetryAfter;
pub use show::Escaped;

pub(crate) use api_error::Malformed;
pub(crate) use show::Show;
