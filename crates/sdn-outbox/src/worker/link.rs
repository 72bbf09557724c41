//! The connection to the database: opened again when it ends, with a regular look at the tables.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::{interval, sleep};
use tokio_postgres::Client;

use super::event::Event;
use super::shared::{Link, Shared};
use super::store::Store;
use crate::credentials::Credentials;
use crate::database::Database;
use crate::error::Error;
use crate::metrics;
use crate::outbox::{CHANNEL, Outbox};

/// The notifications of a connection. It closes with that.
type Notices = mpsc::UnboundedReceiver<()>;

const FIRST_DELAY: Duration = Duration::from_millis(200);
const LONGEST_DELAY: Duration = Duration::from_secs(15);

/// Connects, checks the tables and listens for new invitations.
pub(super) async fn open(database: &Database, outbox: &Outbox) -> Result<(Link, Notices), Error> {
    let (client, notices) = database.connect_listening().await?;
    outbox.check(&client).await?;
    // What is recorded before an invitation is sent must be on the disk. Stricter settings stay.
    let durable = format!(
        "LISTEN {CHANNEL}; SELECT set_config('synchronous_commit', 'on', false)
        WHERE current_setting('synchronous_commit') = 'off'"
    );
    client.batch_execute(&durable).await?;
    Ok((Arc::new(client), notices))
}

/// Keeps the connection open. Returns only if the tables cannot be used any more.
pub(super) async fn keep<C: Credentials>(
    shared: &Shared<C>,
    database: &Database,
    link: &watch::Sender<Option<Link>>,
    mut notices: Notices,
) -> Error {
    let mut look = interval(shared.settings.look_every);
    loop {
        tokio::select! {
            notice = notices.recv() => match notice {
                Some(()) => shared.woken.notify_waiters(),
                None => match reopen(shared, database, link).await {
                    Ok(opened) => notices = opened,
                    Err(error) => return error,
                }
            },
            _ = look.tick() => {
                let client = link.borrow().clone();
                if let Some(client) = client {
                    if let Err(error) = check(shared, &client).await {
                        shared.report(Event::DatabaseFailed(error));
                    }
                }
                shared.woken.notify_waiters();
            }
        }
    }
}

/// Marks what dead workers were sending, and sets the gauges.
async fn check<C: Credentials>(shared: &Shared<C>, client: &Client) -> Result<(), Error> {
    let store = Store { client, statements: &shared.statements };
    let expired = store.expire().await?;
    if expired > 0 {
        shared.report(Event::Expired(expired));
    }
    metrics::set(&store.gauges().await?);
    Ok(())
}

async fn reopen<C: Credentials>(
    shared: &Shared<C>,
    database: &Database,
    link: &watch::Sender<Option<Link>>,
) -> Result<Notices, Error> {
    link.send_replace(None);
    shared.report(Event::DatabaseFailed(Error::Disconnected));
    let mut delay = FIRST_DELAY;
    loop {
        sleep(delay).await;
        delay = (2 * delay).min(LONGEST_DELAY);
        match open(database, &shared.outbox).await {
            Ok((client, notices)) => {
                link.send_replace(Some(client));
                shared.report(Event::Reconnected);
                return Ok(notices);
            }
            Err(
                error @ (Error::Newer { .. }
                | Error::Older { .. }
                | Error::NoOutbox { .. }
                | Error::NotAnOutbox { .. }),
            ) => return Err(error),
            Err(error) => shared.report(Event::DatabaseFailed(error)),
        }
    }
}
