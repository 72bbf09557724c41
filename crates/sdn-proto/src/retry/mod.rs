//! When to retry after a rate limit, and how long to wait, without a clock and without randomness.
//!
//! [`RetryBudget`] decides for one call. [`Backoff`] is shared by many senders to one server: when
//! the server limits one of them, all wait, and then they start again slowly. [`Attempt`] combines
//! the two for a transport: it takes the time and a random number, and returns what to do.

mod attempt;
mod backoff;
mod budget;
mod rate_limit;

pub use attempt::{Attempt, Next};
pub use backoff::{Backoff, Turn};
pub use budget::RetryBudget;
pub use rate_limit::{is_rate_limit, retry_delay};
