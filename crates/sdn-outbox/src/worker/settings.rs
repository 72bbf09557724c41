use std::time::Duration;

use super::Worker;
use crate::error::Error;
use crate::outbox::Outbox;

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

impl<C> Worker<C> {
    /// Uses another outbox than the one in the schema `sdn`.
    #[must_use]
    pub fn outbox(mut self, outbox: Outbox) -> Self {
        self.outbox = outbox;
        self
    }

    /// Uses this client, such as one that trusts other certificates.
    #[must_use]
    pub fn client(mut self, client: sdn_hyper::Client) -> Self {
        self.client = client;
        self
    }

    /// Sets how many invitations to claim at a time. The default is 10.
    #[must_use]
    pub fn batch(mut self, batch: u16) -> Self {
        self.settings.batch = batch;
        self
    }

    /// Sets how many invitations this worker sends at the same time. The default is 4.
    #[must_use]
    pub fn in_flight(mut self, in_flight: u16) -> Self {
        self.settings.in_flight = in_flight;
        self
    }

    /// Sets the time after which an invitation becomes unknown if its worker died while sending.
    /// The default is 300 seconds, and the maximum is a day.
    ///
    /// It must be at least 1.5 times the [`send_timeout`](Self::send_timeout), so that a slow
    /// worker never sends after its claim has ended.
    #[must_use]
    pub fn claim_timeout(mut self, timeout: Duration) -> Self {
        self.settings.claim_timeout = timeout;
        self
    }

    /// Sets how long sending one invitation may take in all. The default is 160 seconds, because
    /// the client's limit is 150.
    #[must_use]
    pub fn send_timeout(mut self, timeout: Duration) -> Self {
        self.settings.send_timeout = timeout;
        self
    }
}
