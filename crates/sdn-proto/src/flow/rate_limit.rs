use std::time::Duration;

use bytes::Bytes;
use http::Response;

use crate::call::Call;
use crate::error::{CallError, TransportError};
use crate::outgoing::Outgoing;
use crate::retry::RetryBudget;

/// The wait budget of a flow, and whether the flow waits now.
///
/// A rate limit does not change the flow's state, so the same request follows the wait.
#[derive(Debug, Clone)]
pub(super) struct RateLimit {
    budget: RetryBudget,
    delay: Option<Duration>,
}

impl RateLimit {
    pub(super) fn new(budget: Duration) -> Self {
        Self { budget: RetryBudget::new(budget), delay: None }
    }

    /// Reads the response to the request that a flow has sent. The error does not repeat the
    /// request's secrets. Returns `None` if the response is a rate limit, and the flow now waits.
    pub(super) fn read<C: Call>(
        &mut self,
        sent: &Outgoing,
        response: &Result<Response<Bytes>, TransportError>,
    ) -> Option<Result<C::Output, CallError>> {
        let result = match response {
            Ok(response) => C::parse_response(response).map_err(CallError::Api),
            Err(error) => Err(CallError::Transport(error.clone())),
        };
        let error = result.as_ref().err().and_then(CallError::api_error);
        self.delay = error.and_then(|error| self.budget.wait_without_clock(error));
        match self.delay {
            Some(_) => None,
            None => Some(result.map_err(|error| error.without_secrets_of(sent.request()))),
        }
    }

    /// Returns how long the flow waits now, if it does.
    pub(super) fn delay(&self) -> Option<Duration> {
        self.delay
    }

    /// Ends the wait.
    pub(super) fn waited(&mut self) {
        self.delay = None;
    }
}
