//! A world with a node, an identity server and rooms, and an outbox to invite from.
#![allow(dead_code, reason = "each test uses a part")]

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use sdn_outbox::tokio_postgres::Client;
use sdn_outbox::{
    Counts, Credentials, CredentialsError, Database, Enqueued, Entry, Event, Invitation, Listed,
    Outbox, State, Worker,
};
use sdn_proto::flow::IdentityServerAt;
use sdn_proto::{
    AccessToken, IdAccessToken, IdentityServer, InviteStatus, Node, RoomId, ServerName,
    ThirdPartyId, UserId,
};
use sdn_testkit::{Server, World};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::postgres::{Postgres, connect};

pub(crate) const ALICE: &str = "@alice:node.example";
pub(crate) const ID_SERVER: &str = "id.example:8090";
/// Every awaited event happens sooner.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The tokens of some users, of the node and of its identity server.
#[derive(Clone, Default)]
pub(crate) struct Tokens(Arc<Mutex<HashMap<String, (String, String)>>>);

impl Tokens {
    pub(crate) fn add(&self, user: &str, token: &str, id_token: &str) {
        self.0.lock().unwrap().insert(user.to_owned(), (token.to_owned(), id_token.to_owned()));
    }

    pub(crate) fn of_alice(&self) -> (String, String) {
        self.0.lock().unwrap()[ALICE].clone()
    }

    pub(crate) fn remove_alice(&self) {
        self.0.lock().unwrap().remove(ALICE);
    }

    fn of(&self, user_id: &UserId) -> Option<(String, String)> {
        self.0.lock().unwrap().get(user_id.as_str()).cloned()
    }
}

impl Credentials for Tokens {
    async fn access_token(
        &self,
        _: &Node,
        user_id: &UserId,
    ) -> Result<AccessToken, CredentialsError> {
        let (token, _) =
            self.of(user_id).ok_or_else(|| CredentialsError::new("there is no token; log in"))?;
        AccessToken::new(token).map_err(|error| CredentialsError::new(error.to_string()))
    }

    async fn id_access_token(
        &self,
        _: &Node,
        user_id: &UserId,
        _: &ServerName,
    ) -> Option<IdAccessToken> {
        IdAccessToken::new(self.of(user_id)?.1).ok()
    }
}

pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) server: Server,
    pub(crate) room: String,
    pub(crate) tokens: Tokens,
    pub(crate) address: String,
    pub(crate) outbox: Outbox,
    pub(crate) client: Client,
}

impl Scene {
    /// Sets up a world, and an outbox in a new database of the shared server.
    pub(crate) async fn set() -> Self {
        Self::at(&Postgres::shared().create().await).await
    }

    /// The same in an existing database.
    pub(crate) async fn at(address: &str) -> Self {
        let world = World::new();
        let tokens = Tokens::default();
        let token = world.add_user(ALICE);
        tokens.add(ALICE, &token, &world.register_identity(ID_SERVER, ALICE));
        let room = world.create_room(ALICE);
        let server = world.serve().unwrap();
        let mut client = connect(address).await;
        let outbox = Outbox::new();
        outbox.migrate(&mut client).await.unwrap();
        Self { world, server, room, tokens, address: address.to_owned(), outbox, client }
    }

    pub(crate) fn node(&self) -> Node {
        Node::new(self.server.base_url()).unwrap()
    }

    pub(crate) fn database(&self) -> Database {
        Database::new(&self.address).unwrap()
    }

    pub(crate) fn to_user(&self, user: &str) -> Invitation {
        let (alice, room) = (UserId::new(ALICE).unwrap(), RoomId::new(&self.room).unwrap());
        Invitation::of_user(self.node(), alice, room, UserId::new(user).unwrap())
    }

    pub(crate) fn to_address(&self, address: &str) -> Invitation {
        let (alice, room) = (UserId::new(ALICE).unwrap(), RoomId::new(&self.room).unwrap());
        let id = ThirdPartyId::email(address).unwrap();
        Invitation::of_third_party(self.node(), alice, room, id, self.id_server())
    }

    pub(crate) fn id_server(&self) -> IdentityServerAt {
        IdentityServerAt::Server {
            name: ServerName::new(ID_SERVER).unwrap(),
            base: IdentityServer::new(self.server.base_url()).unwrap(),
        }
    }

    /// Adds an invitation, and returns its ID.
    pub(crate) async fn enqueue(&self, invitation: &Invitation) -> i64 {
        match self.outbox.enqueue(&self.client, invitation).await.unwrap() {
            Enqueued::New(id) => id,
            existing => panic!("{existing:?}"),
        }
    }

    pub(crate) fn worker(&self) -> Worker<Tokens> {
        Worker::new(self.database(), self.tokens.clone()).outbox(self.outbox.clone())
    }

    pub(crate) async fn counts(&self) -> Counts {
        self.outbox.counts(&self.client).await.unwrap()
    }

    pub(crate) async fn entry(&self, id: i64) -> Entry {
        let entries = self.outbox.list(&self.client, Listed::All, id - 1, 1).await.unwrap();
        entries.into_iter().next().unwrap()
    }

    pub(crate) async fn state(&self, id: i64) -> State {
        self.entry(id).await.state
    }

    /// Waits until an invitation has ended like this.
    pub(crate) async fn ended(&self, id: i64, status: InviteStatus) -> Entry {
        let state = async || {
            let entry = self.entry(id).await;
            (entry.state == State::Ended(status)).then_some(entry)
        };
        until(&format!("{id} {status:?}"), state).await
    }

    /// How many requests have invited.
    pub(crate) fn invitations_sent(&self) -> usize {
        self.world.requests().iter().filter(|request| request.path.ends_with("/invite")).count()
    }
}

/// Waits for something.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(what: &str, look: impl Fn() -> F) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "not even after {PATIENCE:?}: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A worker that runs until a signal to stop.
pub(crate) struct Running {
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), sdn_outbox::Error>>,
    pub(crate) events: Arc<Mutex<Vec<String>>>,
}

impl Running {
    pub(crate) fn start(worker: Worker<Tokens>) -> Self {
        let (stop, stopped) = oneshot::channel::<()>();
        let events = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&events);
        let worker = worker.on_event(move |event: &Event| {
            kept.lock().unwrap().push(format!("{event:?}"));
        });
        let stopped = async {
            let _ = stopped.await;
        };
        Self { stop, task: tokio::spawn(worker.run(stopped)), events }
    }

    pub(crate) async fn stop(self) -> Result<(), sdn_outbox::Error> {
        let _ = self.stop.send(());
        self.task.await.unwrap()
    }

    /// Waits until it ends by itself.
    pub(crate) async fn ended(self) -> Result<(), sdn_outbox::Error> {
        self.task.await.unwrap()
    }

    /// Ends it as a crash does.
    pub(crate) async fn kill(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}
