//! Workers: they claim invitations, send them and record how they ended.

mod event;
mod link;
mod send;
mod settings;
mod shared;
mod slot;
mod statements;
mod store;

use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

pub use self::event::Event;
use self::settings::Settings;
use self::shared::{Shared, Watch};
use self::statements::Statements;
use crate::credentials::Credentials;
use crate::database::Database;
use crate::error::Error;
use crate::outbox::Outbox;

/// Sends the invitations of an outbox. Any number of workers, on any number of machines, share one.
///
/// Each invitation is recorded durably as being sent before its request is sent. So a worker that
/// is killed leaves it unknown, and it is never sent a second time. Workers wait for a notification
/// of the database, and also look every 30 seconds.
///
/// All workers share one pace for each user of a node: when the node limits the rate of one, all
/// wait.
pub struct Worker<C> {
    database: Database,
    outbox: Outbox,
    credentials: C,
    client: sdn_hyper::Client,
    settings: Settings,
    watch: Watch,
}

impl<C: Credentials> Worker<C> {
    /// Creates a worker for the outbox in the schema `sdn` of a database.
    pub fn new(database: Database, credentials: C) -> Self {
        Self {
            database,
            outbox: Outbox::new(),
            credentials,
            client: sdn_hyper::Client::new(),
            settings: Settings::default(),
            watch: Box::new(|_| {}),
        }
    }

    /// Sets a function that is called with each event, to log or to count. It must not block.
    #[must_use]
    pub fn on_event(mut self, watch: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.watch = Box::new(watch);
        self
    }

    /// Works until `stop` is ready. Then it finishes the invitations that are being sent, releases
    /// the rest and returns.
    ///
    /// If the database goes away, it connects again, and meanwhile sends nothing. Dropping the
    /// future is like killing the worker: invitations that are being sent become unknown.
    ///
    /// # Errors
    ///
    /// If the first connection fails, if the tables are not there, are another program's or have
    /// another version, at the start or later, or [`Error::BadSetting`].
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<(), Error> {
        self.settings.check()?;
        let Self { database, outbox, credentials, client, settings, watch } = self;
        let (first, notices) = link::open(&database, &outbox).await?;
        let (link_sender, link) = watch::channel(Some(first));
        let (stop_sender, is_stopping) = watch::channel(false);
        let statements = Statements::new(&outbox.schema);
        let slots = settings.in_flight;
        let shared = Arc::new(Shared {
            outbox,
            credentials,
            client,
            settings,
            watch,
            statements,
            link,
            woken: Notify::new(),
            is_stopping,
            id_tokens: Mutex::default(),
        });
        let mut tasks = JoinSet::new();
        for _ in 0..slots {
            tasks.spawn(slot::run(Arc::clone(&shared)));
        }
        let mut keeper = pin!(link::keep(&shared, &database, &link_sender, notices));
        let mut stop = pin!(stop);
        tokio::select! {
            () = &mut stop => {}
            error = &mut keeper => return Err(error),
            ended = tasks.join_next() => check(ended),
        }
        // Somebody waits for it as long as there are tasks.
        let _ = stop_sender.send(true);
        loop {
            tokio::select! {
                error = &mut keeper => return Err(error),
                ended = tasks.join_next() => match ended {
                    Some(ended) => check(Some(ended)),
                    None => return Ok(()),
                }
            }
        }
    }
}

/// Propagates the panic of a task, such as one of the caller's credentials.
fn check(ended: Option<Result<(), tokio::task::JoinError>>) {
    if let Some(Err(error)) = ended {
        if let Ok(panic) = error.try_into_panic() {
            std::panic::resume_unwind(panic);
        }
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

impl<C> fmt::Debug for Worker<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("database", &self.database)
            .field("outbox", &self.outbox)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
