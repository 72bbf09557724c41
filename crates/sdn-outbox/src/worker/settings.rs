use std::time::Duration;

use crate::error::Error;

/// The settings of a worker.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) batch: u16,
    pub(super) in_flight: u16,
    pub(super) claim_timeout: Duration,
    pub(super) send_timeout: Duration,
    pub(super) look_every: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            batch: 10,
            in_flight: 4,
            claim_timeout: Duration::from_secs(300),
            // Longer than the client's limit.
            send_timeout: Duration::from_secs(160),
            look_every: Duration::from_secs(30),
        }
    }
}

impl Settings {
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.batch == 0 || self.in_flight == 0 {
            return Err(Error::BadSetting("a worker's batch and in_flight must be at least 1"));
        }
        if self.send_timeout.is_zero()
            || self.claim_timeout < self.send_timeout.saturating_mul(3) / 2
        {
            return Err(Error::BadSetting(
                "a worker's claim_timeout must be at least 1.5 times its send_timeout",
            ));
        }
        if self.claim_timeout > Duration::from_secs(86400) {
            return Err(Error::BadSetting("a worker's claim_timeout must be at most a day"));
        }
        Ok(())
    }

    /// Returns the maximum time to record that an invitation is sent. After that it is not sent.
    pub(super) fn begin_timeout(&self) -> Duration {
        self.claim_timeout.saturating_sub(self.send_timeout) / 2
    }
}
