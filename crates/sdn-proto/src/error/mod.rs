//! Errors, split by cause.
//!
//! * [`InvalidInput`]: a value breaks a rule, found when it is created, before anything is sent.
//! * [`ApiError`]: the server's response is not a success.
//! * [`TransportError`]: no complete response arrived.
//! * [`CallError`]: one of the two; its [`Delivery`] says what may have happened.

mod api_error;
mod call_error;
mod cause;
mod code;
mod delivery;
mod error_object;
mod invalid_input;
mod malformed;
mod retry_after;
mod show;
mod transport_error;

pub use api_error::{ApiError, ApiErrorKind};
pub use call_error::CallError;
pub use code::{ErrorCode, OtherCode};
pub use delivery::Delivery;
pub use invalid_input::{InvalidInput, Rule};
pub use retry_after::RetryAfter;
pub use show::Escaped;
pub use transport_error::{TransportError, TransportErrorKind};

pub(crate) use api_error::location;
pub(crate) use malformed::Malformed;
pub(crate) use show::Show;
