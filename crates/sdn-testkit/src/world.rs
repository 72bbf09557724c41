//! The world: its setup, its requests and its results.

mod sdn;

use std::collections::VecDeque;
use std::fmt;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};

use crate::answer;
use crate::model::event::Event;
use crate::model::identity_server::{IdentityServer, Policy};
use crate::model::mail::Mail;
use crate::model::node::{Device, Discovery};
use crate::model::room::Room;
use crate::model::{Limit, State, domain};
use crate::router;
use crate::seen::SeenRequest;

/// Nodes, identity servers, users and rooms in memory. Clones share one world.
///
/// It has no clock and no randomness: the same calls in the same order always return the same
/// responses and tokens.
#[derive(Clone, Default)]
pub struct World(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    state: State,
    seen: Vec<SeenRequest>,
    next_answers: VecDeque<Response<Bytes>>,
    every_answer: Option<Response<Bytes>>,
}

impl World {
    /// Returns an empty world.
    pub fn new() -> Self {
        World::default()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads a value of an identity server, or the default if the world has no such server.
    fn look_at<T: Default>(&self, id_server: &str, look: impl FnOnce(&IdentityServer) -> T) -> T {
        self.lock()
            .state
            .find_identity_server(id_server)
            .map(|server| look(server))
            .unwrap_or_default()
    }

    /// Adds a Synapse-like node by the server name in its users' IDs: host and optional port.
    pub fn add_node(&self, name: &str) {
        self.lock().state.node(name);
    }

    /// Adds an identity server by its name in `id_server`: host and optional port.
    pub fn add_identity_server(&self, name: &str) {
        self.lock().state.identity_server(name);
    }

    /// Adds a user to the node of their user ID and returns a new access token.
    ///
    /// Adds the node if it is missing. The user ID of a wallet does not name a node: add that with
    /// [`add_wallet`](Self::add_wallet).
    pub fn add_user(&self, user: &str) -> String {
        let state = &mut self.lock().state;
        let node = state.node_index_or_new(domain(user));
        state.issue_token(node, device_of(user))
    }

    /// Sets the password with which a user can log in.
    ///
    /// Adds the user's node if it is missing. Without a password, `POST login` refuses the user.
    pub fn set_password(&self, user: &str, password: &str) {
        let (mut inner, password) = (self.lock(), password.to_owned());
        inner.state.node(domain(user)).passwords.insert(user.to_owned(), password);
    }

    /// Registers a user with an identity server and returns a new token for it.
    ///
    /// Adds the server if it is missing.
    pub fn register_identity(&self, id_server: &str, user: &str) -> String {
        let mut inner = self.lock();
        let token = inner.state.new_token("identity");
        let server = inner.state.identity_server(id_server);
        server.tokens.insert(token.clone(), user.to_owned());
        token
    }

    /// Binds an identifier to a user ID at an identity server. Adds the server if it is missing.
    pub fn bind(&self, id_server: &str, medium: &str, address: &str, user: &str) {
        self.lock().state.identity_server(id_server).bind(medium, address, user);
    }

    /// Sets the discovery document of a domain. By default, it has none.
    pub fn set_discovery(&self, domain: &str, node_url: &str, identity_server_url: Option<&str>) {
        self.lock().state.node(domain).discovery = Some(Discovery {
            node: node_url.to_owned(),
            identity_server: identity_server_url.map(str::to_owned),
        });
    }

    /// Adds a policy, such as `terms_of_service`, that all users of an identity server must accept.
    ///
    /// Until a user has accepted it, nearly every call is refused with `M_TERMS_NOT_SIGNED`.
    pub fn add_policy(&self, id_server: &str, name: &str, url: &str) {
        self.lock()
            .state
            .identity_server(id_server)
            .policies
            .push(Policy { name: name.to_owned(), url: url.to_owned() });
    }

    /// Sets the pepper of hashed look-ups. The default is `matrixrocks`.
    pub fn set_pepper(&self, id_server: &str, pepper: &str) {
        self.lock().state.identity_server(id_server).pepper = pepper.to_owned();
    }

    /// Lets an identity server store `count` more invitations.
    ///
    /// It refuses further invitations with a 429 that has no delay.
    pub fn limit_stored_invitations(&self, id_server: &str, count: usize) {
        self.lock().state.identity_server(id_server).invites_left = count;
    }

    /// Creates a room whose only member is its creator, with power 100. Returns the room ID.
    pub fn create_room(&self, creator: &str) -> String {
        self.lock().state.create_room(creator)
    }

    /// Gives a room an alias, such as `#tea:node.example`.
    pub fn add_alias(&self, room: &str, alias: &str) {
        self.lock().state.aliases.insert(alias.to_owned(), room.to_owned());
    }

    /// Makes a user a member of a room.
    ///
    /// # Panics
    /// If the world has no such room, as in all methods that change a room.
    pub fn join(&self, room: &str, user: &str) {
        self.lock().room(room).set_membership(user, user, "join");
    }

    /// Bans a user from a room.
    pub fn ban(&self, room: &str, user: &str) {
        let mut inner = self.lock();
        let room = inner.room(room);
        let creator = room.creator().to_owned();
        room.set_membership(user, &creator, "ban");
    }

    /// Sets the power level of a user in a room. The default is 0.
    pub fn set_power(&self, room: &str, user: &str, level: i64) {
        self.lock().room(room).set_power(user, level);
    }

    /// Sets the power level that is needed to invite to a room. The default is 0.
    pub fn set_invite_power(&self, room: &str, level: i64) {
        self.lock().room(room).set_invite_power(level);
    }

    /// Returns all events of a room, oldest first. An unknown room has none.
    pub fn events(&self, room: &str) -> Vec<Event> {
        self.lock().state.rooms.get(room).map(|room| room.events().to_vec()).unwrap_or_default()
    }

    /// Returns the mails that an identity server sent to an address, oldest first.
    pub fn mailbox(&self, id_server: &str, address: &str) -> Vec<Mail> {
        self.look_at(id_server, |server| server.mailbox(address))
    }

    /// Returns all mails that an identity server sent, oldest first.
    pub fn mails(&self, id_server: &str) -> Vec<Mail> {
        self.look_at(id_server, |server| server.mails.clone())
    }

    /// Returns the validation tokens that an identity server sent to an e-mail address or phone
    /// number, one for each message.
    pub fn validation_tokens(&self, id_server: &str, medium: &str, address: &str) -> Vec<String> {
        self.look_at(id_server, |server| server.sessions.tokens(medium, address))
    }

    /// Allows `count` more invitations. Further ones are refused with a 429 and this delay.
    ///
    /// The limit counts the invitations of all users at all nodes. It lasts until another one is set.
    /// `usize::MAX` removes the limit.
    ///
    /// A Synapse-like node rounds the delay up to whole seconds in `Retry-After`, which clients
    /// read first: 10 milliseconds become a second. In `retry_after_ms`, the only member of an SDN-like
    /// node, the delay has milliseconds.
    pub fn limit_invitations(&self, count: usize, retry_after: Duration) {
        let limit = Limit { let_through: count, refused: usize::MAX, retry_after };
        self.lock().state.limit = Some(limit);
    }

    /// Refuses only the next `count` invitations, with a 429 and this delay.
    ///
    /// It counts and rounds as [`limit_invitations`](Self::limit_invitations) does, and replaces
    /// its limit.
    ///
    /// ```
    /// use std::time::Duration;
    /// use bytes::Bytes;
    /// use http::Request;
    /// use sdn_testkit::World;
    ///
    /// let world = World::new();
    /// let token = world.add_user("@alice:node.example");
    /// let room = world.create_room("@alice:node.example");
    /// let invite = || {
    ///     let request = Request::post(format!("/_api/client/v3/rooms/{room}/invite"))
    ///         .header("authorization", format!("Bearer {token}"))
    ///         .body(Bytes::from(r#"{"user_id":"@bob:node.example"}"#));
    ///     world.handle(request.unwrap())
    /// };
    /// world.limit_next_invitations(1, Duration::from_millis(10));
    /// let refused = invite();
    /// assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (429, &"1".parse().unwrap()));
    /// assert_eq!(invite().status(), 200);
    /// ```
    pub fn limit_next_invitations(&self, count: usize, retry_after: Duration) {
        let limit = Limit { let_through: 0, refused: count, retry_after };
        self.lock().state.limit = Some(limit);
    }

    /// Responds to one later request with this response instead of handling it.
    ///
    /// Each call adds a response. They are used in the order of the calls.
    pub fn respond_next(&self, response: Response<Bytes>) {
        self.lock().next_answers.push_back(response);
    }

    /// Responds to every request with this response instead of handling it, until it is set to `None`.
    ///
    /// The responses of [`respond_next`](Self::respond_next) are used first.
    pub fn respond_always(&self, response: Option<Response<Bytes>>) {
        self.lock().every_answer = response;
    }

    /// Returns all requests so far in their order, including those with canned responses.
    pub fn requests(&self) -> Vec<SeenRequest> {
        self.lock().seen.clone()
    }

    /// Removes the recorded requests.
    pub fn clear_requests(&self) {
        self.lock().seen.clear();
    }

    /// Returns the recorded requests and removes them.
    ///
    /// Otherwise a world keeps all requests, however many it receives.
    pub fn take_requests(&self) -> Vec<SeenRequest> {
        mem::take(&mut self.lock().seen)
    }

    /// Returns the response of the server that a request is for.
    ///
    /// The host of the URI, or else the `Host` header, selects the server. If it is not a server of
    /// this world, the request's path selects one: `/{prefix}/client/…` the first node, and
    /// `/{prefix}/identity/…` the first identity server. The prefix is `_api` or `_matrix`.
    pub fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        let mut inner = self.lock();
        inner.seen.push(SeenRequest::new(&request));
        if let Some(response) = inner.next_answers.pop_front() {
            return response;
        }
        if let Some(response) = &inner.every_answer {
            return response.clone();
        }
        if request.method() == Method::OPTIONS {
            return answer::preflight();
        }
        let mut response = answer::into_response(router::route(&mut inner.state, &request));
        if request.method() == Method::HEAD {
            *response.body_mut() = Bytes::new();
        }
        response
    }
}

/// Prints only counts, because a world contains tokens.
impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = self.lock();
        f.debug_struct("World")
            .field("nodes", &inner.state.nodes.len())
            .field("identity_servers", &inner.state.identity_servers.len())
            .field("rooms", &inner.state.rooms.len())
            .field("requests", &inner.seen.len())
            .finish_non_exhaustive()
    }
}

impl Inner {
    fn room(&mut self, id: &str) -> &mut Room {
        self.state.rooms.get_mut(id).unwrap_or_else(|| panic!("the world has no room {id}"))
    }
}

/// Returns the device on which an added user is logged in.
fn device_of(user: &str) -> Device {
    Device { user: user.to_owned(), id: "TESTKIT".to_owned() }
}
