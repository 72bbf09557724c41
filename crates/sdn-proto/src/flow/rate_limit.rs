use std::time::Duration;

use crate::error::CallError;
use crate::retry::RetryBudget;

/// How long, and how often, a flow waits for a server that limits the rate.
#[derive(Debug, Clone)]
pub(super) struct RateLimit(RetryBudget);

impl RateLimit {
    pub(super) fn new(budget: Duration) -> Self {
        Self(RetryBudget::new(budget))
    }

    /// Returns how long to wait before the call is repeated, if the response is a rate limit and the
    /// wait is within the budget.
    pub(super) fn wait(&mut self, error: &CallError) -> Option<Duration> {
        self.0.wait_without_clock(error.api_error()?)
    }
}
