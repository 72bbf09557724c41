//! When to retry after a rate limit, and how long to wait, without a clock and without randomness.
//!
//! [`RetryBudget`] decides for one call. Many senders to one server share a [`Backoff`]: when the
//! server limits one of them, all wait in a queue, and then send at the pace that the server
//! accepts. [`Attempt`] combines the two for a transport: it takes the time and a random number,
//! and returns the next step.

mod attempt;
mod backoff;
mod budget;
mod pace;
mod queue;
mod rate_limit;

pub use attempt::{Attempt, Next};
pub use backoff::Backoff;
pub use budget::RetryBudget;
pub use pace::Turn;
pub use queue::Ticket;
pub use rate_limit::{is_rate_limit, retry_delay};
