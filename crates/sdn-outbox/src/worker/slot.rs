//! One task of a worker: it sends one invitation at a time.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::event::Event;
use super::send::Sent;
use super::shared::{Link, Shared};
use super::store::{Claimed, Ended, Store, Turn};
use crate::credentials::Credentials;
use crate::error::Error;
use crate::metrics;

/// The minimum wait of a task that found nothing.
const SHORTEST_WAIT: Duration = Duration::from_millis(20);
/// The wait after the database has failed.
const AFTER_FAILURE: Duration = Duration::from_secs(1);
/// The time that a stopping worker tries to record an outcome.
const LAST_TRIES: Duration = Duration::from_secs(30);

/// Works until the worker must stop.
pub(super) async fn run<C: Credentials>(shared: Arc<Shared<C>>) {
    while !shared.is_stopping() {
        // Before the look, so that a commit meanwhile wakes the task.
        let mut woken = pin!(shared.woken.notified());
        woken.as_mut().enable();
        let Some(client) = shared.connected().await else { return };
        let wait = match shared.work(&client).await {
            Ok(None) => continue,
            Ok(Some(wait)) => wait.clamp(SHORTEST_WAIT, shared.settings.look_every),
            Err(error) => {
                shared.report(Event::DatabaseFailed(error));
                shared.pause(AFTER_FAILURE).await;
                continue;
            }
        };
        tokio::select! {
            () = woken => {}
            () = shared.pause(wait) => {}
        }
    }
}

impl<C: Credentials> Shared<C> {
    /// Waits this long, or until the worker must stop.
    async fn pause(&self, time: Duration) {
        let mut is_stopping = self.is_stopping.clone();
        let _ = timeout(time, is_stopping.wait_for(|is_stopping| *is_stopping)).await;
    }

    /// Waits for a connection. Returns `None` if the worker must stop and has no connection.
    async fn connected(&self) -> Option<Link> {
        let (mut link, mut is_stopping) = (self.link.clone(), self.is_stopping.clone());
        tokio::select! {
            biased;
            link = link.wait_for(Option::is_some) => link.ok()?.clone(),
            _ = is_stopping.wait_for(|is_stopping| *is_stopping) => None,
        }
    }

    /// Works on one batch. Returns how long to wait if there is nothing to do.
    async fn work(&self, client: &Link) -> Result<Option<Duration>, Error> {
        let store = Store { client, statements: &self.statements };
        let claimed = store.claim(self.settings.batch, self.settings.claim_timeout).await?;
        if claimed.is_empty() {
            let next = store.next().await?;
            return Ok(Some(next.unwrap_or(self.settings.look_every)));
        }
        let mut left = VecDeque::from(claimed);
        let worked = self.send_all(&store, &mut left).await;
        store.release(left.make_contiguous()).await?;
        worked.map(|()| None)
    }

    /// Sends a batch, until its sender has no turn in time.
    async fn send_all(&self, store: &Store<'_>, left: &mut VecDeque<Claimed>) -> Result<(), Error> {
        while let (Some(claimed), false) = (left.front(), self.is_stopping()) {
            let Some(turn) = store.reserve(claimed).await? else { return Ok(()) };
            self.pause(turn.wait).await;
            if self.is_stopping() {
                return Ok(());
            }
            match self.send(store, claimed, turn).await? {
                Sent::Ended(ended) => {
                    self.record(claimed, turn, ended).await;
                    left.pop_front();
                }
                Sent::TurnIsVoid => {}
                Sent::Lost | Sent::Held => {
                    left.pop_front();
                }
            }
        }
        Ok(())
    }

    /// Records how an invitation ended, if necessary over the next connections.
    async fn record(&self, claimed: &Claimed, turn: Turn, ended: Ended) {
        let mut link = self.link.clone();
        let mut stopping_since = None;
        loop {
            let client = timeout(AFTER_FAILURE, link.wait_for(Option::is_some)).await;
            let client = client.ok().and_then(|link| link.ok()?.clone());
            if let Some(client) = client {
                let store = Store { client: &client, statements: &self.statements };
                match store.finish(claimed, turn, &ended).await {
                    Ok(()) => break,
                    Err(error) => self.report(Event::DatabaseFailed(error)),
                }
                sleep(AFTER_FAILURE).await;
            }
            if self.is_stopping() {
                let since = *stopping_since.get_or_insert_with(Instant::now);
                if since.elapsed() > LAST_TRIES {
                    return;
                }
            }
        }
        metrics::count(ended.status, ended.limited.is_some());
        self.report(Event::Ended {
            id: claimed.id,
            room_id: claimed.room_id.clone(),
            invitee: claimed.columns.address.clone(),
            status: ended.status,
            problem: ended.problem,
        });
    }
}
