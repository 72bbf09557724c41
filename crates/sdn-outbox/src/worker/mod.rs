//! Workers: they claim invitations, send them and record how they ended.

mod event;
mod link;
mod send;
mod settings;
mod slot;
mod store;

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};

use sdn_proto::IdAccessToken;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

pub use self::event::Event;
use self::link::Link;
use self::settings::Settings;
use self::store::Statements;
pub(crate) use self::store::expire;
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

/// The function that is called with each event.
type Watch = Box<dyn Fn(&Event) + Send + Sync>;

/// The state that the tasks of a worker share.
struct Shared<C> {
    outbox: Outbox,
    credentials: C,
    client: sdn_hyper::Client,
    settings: Settings,
    watch: Watch,
    statements: Statements,
    /// The current connection, if there is one.
    link: watch::Receiver<Option<Link>>,
    /// Wakes tasks that found nothing to do.
    woken: Notify,
    is_stopping: watch::Receiver<bool>,
    /// The tokens of identity servers, by node, user and server.
    id_tokens: Mutex<HashMap<Account, IdAccessToken>>,
}

/// A user of a node, and an identity server.
type Account = (String, String, Option<String>);

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

impl<C> fmt::Debug for Worker<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("database", &self.database)
            .field("outbox", &self.outbox)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
