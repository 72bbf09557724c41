//! The state that the tasks of a worker share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use sdn_proto::IdAccessToken;
use tokio::sync::{Notify, watch};
use tokio_postgres::Client;

use super::event::Event;
use super::settings::Settings;
use super::statements::Statements;
use crate::outbox::Outbox;

/// The connection, which all tasks of a worker use at the same time.
pub(super) type Link = Arc<Client>;

/// The function that is called with each event.
pub(super) type Watch = Box<dyn Fn(&Event) + Send + Sync>;

/// The state that the tasks of a worker share.
pub(super) struct Shared<C> {
    pub(super) outbox: Outbox,
    pub(super) credentials: C,
    pub(super) client: sdn_hyper::Client,
    pub(super) settings: Settings,
    pub(super) watch: Watch,
    pub(super) statements: Statements,
    /// The current connection, if there is one.
    pub(super) link: watch::Receiver<Option<Link>>,
    /// Wakes tasks that found nothing to do.
    pub(super) woken: Notify,
    pub(super) is_stopping: watch::Receiver<bool>,
    /// The tokens of identity servers, by node, user and server.
    pub(super) id_tokens: Mutex<HashMap<Account, IdAccessToken>>,
}

/// A user of a node, and the name and the address of an identity server.
pub(super) type Account = (String, String, Option<String>, Option<String>);

impl<C> Shared<C> {
    pub(super) fn report(&self, event: Event) {
        (self.watch)(&event);
    }

    pub(super) fn is_stopping(&self) -> bool {
        *self.is_stopping.borrow()
    }
}
