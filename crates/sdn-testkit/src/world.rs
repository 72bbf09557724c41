//! The world: what is in it, and which server a request is for.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::io;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};

use crate::answer::{self, Answer, Refusal};
use crate::identity::{self, IdentityServer, Mail};
use crate::node::{self, Discovery, Node};
use crate::request::{Parsed, Surface};
use crate::room::{Event, Room};
use crate::seen::SeenRequest;
use crate::server::Server;

/// Nodes, identity servers, users and rooms in memory; clones are the same world.
///
/// It has no clock and no randomness: the same calls in the same order always give the same answers, tokens included.
#[derive(Clone, Default)]
pub struct World(Arc<Mutex<State>>);

#[derive(Default)]
pub(crate) struct State {
    pub(crate) nodes: Vec<Node>,
    pub(crate) identity_servers: Vec<IdentityServer>,
    pub(crate) rooms: BTreeMap<String, Room>,
    /// How many tokens were given out.
    tokens: u64,
    limit: Option<Limit>,
    seen: Vec<SeenRequest>,
    next_answers: VecDeque<Response<Bytes>>,
    every_answer: Option<Response<Bytes>>,
}

struct Limit {
    left: usize,
    retry_after: Duration,
}

impl World {
    /// An empty world.
    pub fn new() -> Self {
        World::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a node, named as user IDs name it: host and optional port.
    pub fn add_node(&self, name: &str) {
        self.state().node(name);
    }

    /// Adds an identity server, named as `id_server` names it: host and optional port.
    pub fn add_identity_server(&self, name: &str) {
        self.state().identity_server_or_new(name);
    }

    /// Adds a user to the node of their user ID, adding the node if need be, and returns a new access token.
    pub fn add_user(&self, user: &str) -> String {
        let mut state = self.state();
        let token = state.new_token("node");
        let domain = user.split_once(':').map_or("", |(_, domain)| domain);
        state.node(domain).tokens.insert(token.clone(), user.to_owned());
        token
    }

    /// Registers a user with an identity server, adding the server if need be, and returns a new token for it.
    pub fn register_identity(&self, id_server: &str, user: &str) -> String {
        let mut state = self.state();
        let token = state.new_token("identity");
        state.identity_server_or_new(id_server).register(&token, user);
        token
    }

    /// Binds an identifier to a user ID at an identity server, adding the server if need be.
    pub fn bind(&self, id_server: &str, medium: &str, address: &str, user: &str) {
        self.state().identity_server_or_new(id_server).bind(medium, address, user);
    }

    /// Has a domain say where its servers are; without, it has no discovery document.
    pub fn set_discovery(&self, domain: &str, node_url: &str, identity_server_url: Option<&str>) {
        self.state().node(domain).discovery = Some(Discovery {
            node: node_url.to_owned(),
            identity_server: identity_server_url.map(str::to_owned),
        });
    }

    /// Adds a policy, such as `terms_of_service`, that every user of an identity server has to accept.
    ///
    /// Until they have, nearly every call there is refused with `M_TERMS_NOT_SIGNED`.
    pub fn add_policy(&self, id_server: &str, name: &str, url: &str) {
        self.state().identity_server_or_new(id_server).add_policy(name, url);
    }

    /// Changes the pepper that identifiers are hashed with when they are looked up; at first it is `matrixrocks`.
    pub fn set_pepper(&self, id_server: &str, pepper: &str) {
        self.state().identity_server_or_new(id_server).set_pepper(pepper);
    }

    /// Lets an identity server store `count` more invitations and refuse all after that with 429, without a delay.
    pub fn limit_stored_invitations(&self, id_server: &str, count: usize) {
        self.state().identity_server_or_new(id_server).limit_stored_invites(count);
    }

    /// Creates a room that only its creator is in, with power 100, and returns its room ID.
    pub fn create_room(&self, creator: &str) -> String {
        let mut state = self.state();
        let domain = creator.split_once(':').map_or("", |(_, domain)| domain);
        let id = format!("!room{}:{domain}", state.rooms.len() + 1);
        state.rooms.insert(id.clone(), Room::new(&id, creator));
        id
    }

    /// Makes a user a member of a room.
    ///
    /// # Panics
    /// If the world has no such room; so do the other methods that change one.
    pub fn join(&self, room: &str, user: &str) {
        self.state().room(room).set_membership(user, user, "join");
    }

    /// Bans a user from a room.
    pub fn ban(&self, room: &str, user: &str) {
        let mut state = self.state();
        let room = state.room(room);
        let creator = room.creator().to_owned();
        room.set_membership(user, &creator, "ban");
    }

    /// Gives a user a power level in a room; without, it is 0.
    pub fn set_power(&self, room: &str, user: &str, level: i64) {
        self.state().room(room).set_power(user, level);
    }

    /// Sets the power level needed to invite to a room; without, it is 0.
    pub fn set_invite_power(&self, room: &str, level: i64) {
        self.state().room(room).set_invite_power(level);
    }

    /// All events of a room, oldest first; none if there is no such room.
    pub fn events(&self, room: &str) -> Vec<Event> {
        self.state().rooms.get(room).map(|room| room.events().to_vec()).unwrap_or_default()
    }

    /// The mails that an identity server sent to an address, oldest first.
    pub fn mailbox(&self, id_server: &str, address: &str) -> Vec<Mail> {
        self.state()
            .identity_server(id_server)
            .map(|server| server.mailbox(address))
            .unwrap_or_default()
    }

    /// All mails that an identity server sent, oldest first.
    pub fn mails(&self, id_server: &str) -> Vec<Mail> {
        self.state()
            .identity_server(id_server)
            .map(|server| server.mails().to_vec())
            .unwrap_or_default()
    }

    /// The validation tokens that an identity server sent to an e-mail address or phone number, one for each message.
    pub fn validation_tokens(&self, id_server: &str, medium: &str, address: &str) -> Vec<String> {
        self.state()
            .identity_server(id_server)
            .map(|server| server.validation_tokens(medium, address))
            .unwrap_or_default()
    }

    /// Lets `count` more invitations through and answers all after that with 429 and this delay.
    ///
    /// The limit is for all nodes and users together; it ends when another is set, `usize::MAX` being none at all.
    pub fn limit_invitations(&self, count: usize, retry_after: Duration) {
        self.state().limit = Some(Limit { left: count, retry_after });
    }

    /// Answers one coming request with this instead of handling it; several are used up in their order.
    pub fn answer_next(&self, response: Response<Bytes>) {
        self.state().next_answers.push_back(response);
    }

    /// Answers every request with this instead of handling it, until told `None`; `answer_next` goes first.
    pub fn answer_always(&self, response: Option<Response<Bytes>>) {
        self.state().every_answer = response;
    }

    /// All requests so far in their order, with canned answers or without.
    pub fn requests(&self) -> Vec<SeenRequest> {
        self.state().seen.clone()
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.state().seen.clear();
    }

    /// The requests so far, which are forgotten: a world that is asked for long keeps no more than were not taken.
    pub fn take_requests(&self) -> Vec<SeenRequest> {
        mem::take(&mut self.state().seen)
    }

    /// Puts the world on a port, as a server that speaks plain HTTP.
    ///
    /// # Errors
    /// If no port or thread is to be had.
    pub fn serve(&self) -> io::Result<Server> {
        Server::start(self.clone())
    }

    /// Puts the world on a port, as a server that speaks TLS for `localhost` and 127.0.0.1.
    ///
    /// It has a new CA, that [`Server::ca_pem`] tells.
    ///
    /// # Errors
    /// If no port or thread is to be had, or the certificates cannot be made.
    pub fn serve_tls(&self) -> io::Result<Server> {
        Server::start_tls(self.clone())
    }

    /// Answers a request, as the server does that it is for.
    ///
    /// The host of the URI, or else the `Host` header, selects the server. If it names none of this world's, the
    /// path decides: `/{prefix}/client/…` goes to the first node and `/{prefix}/identity/…` to the first identity
    /// server. The prefix is `_api` or `_matrix`.
    pub fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        let mut state = self.state();
        state.seen.push(SeenRequest::new(&request));
        if let Some(response) = state.next_answers.pop_front() {
            return response;
        }
        if let Some(response) = &state.every_answer {
            return response.clone();
        }
        if request.method() == Method::OPTIONS {
            return answer::preflight();
        }
        let mut response = answer::into_response(state.answer(&request));
        if request.method() == Method::HEAD {
            *response.body_mut() = Bytes::new();
        }
        response
    }
}

/// Counts only: a world is full of tokens.
impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("World")
            .field("nodes", &state.nodes.len())
            .field("identity_servers", &state.identity_servers.len())
            .field("rooms", &state.rooms.len())
            .field("requests", &state.seen.len())
            .finish_non_exhaustive()
    }
}

impl State {
    fn answer(&mut self, request: &Request<Bytes>) -> Answer {
        let request = Parsed::new(request).ok_or(Refusal::no_such_resource())?;
        let host = request.host.as_deref().unwrap_or_default();
        let node = self.node_index(host);
        let identity_server = self.identity_server_index(host);
        let first = if node.is_none() && identity_server.is_none() { Some(0) } else { None };
        let node = node.or(first).filter(|index| *index < self.nodes.len());
        let identity_server =
            identity_server.or(first).filter(|index| *index < self.identity_servers.len());
        match (request.surface, node, identity_server) {
            (Surface::Client, Some(node), _) => node::handle(self, node, &request),
            (Surface::Federation, Some(_), _) => node::handle_federation(self, &request),
            (Surface::WellKnown, Some(node), _) => {
                node::handle_well_known(&self.nodes[node], &request)
            }
            (Surface::Identity, _, Some(server)) => identity::handle(self, server, &request),
            _ => Err(Refusal::no_such_resource()),
        }
    }

    /// Server names are compared as host names are, without regard to case.
    pub(crate) fn node_index(&self, name: &str) -> Option<usize> {
        self.nodes.iter().position(|node| node.name.eq_ignore_ascii_case(name))
    }

    fn identity_server_index(&self, name: &str) -> Option<usize> {
        self.identity_servers.iter().position(|server| server.name.eq_ignore_ascii_case(name))
    }

    pub(crate) fn identity_server(&mut self, name: &str) -> Option<&mut IdentityServer> {
        let index = self.identity_server_index(name)?;
        self.identity_servers.get_mut(index)
    }

    fn node(&mut self, name: &str) -> &mut Node {
        let index = self.node_index(name).unwrap_or_else(|| {
            self.nodes.push(Node::new(name));
            self.nodes.len() - 1
        });
        &mut self.nodes[index]
    }

    fn identity_server_or_new(&mut self, name: &str) -> &mut IdentityServer {
        let index = self.identity_server_index(name).unwrap_or_else(|| {
            self.identity_servers.push(IdentityServer::new(name));
            self.identity_servers.len() - 1
        });
        &mut self.identity_servers[index]
    }

    fn room(&mut self, id: &str) -> &mut Room {
        self.rooms.get_mut(id).unwrap_or_else(|| panic!("the world has no room {id}"))
    }

    pub(crate) fn new_token(&mut self, kind: &str) -> String {
        self.tokens += 1;
        format!("{kind}-token-{:06}", self.tokens)
    }

    /// Takes one from what the limit has left.
    pub(crate) fn count_invitation(&mut self) -> Result<(), Refusal> {
        match &mut self.limit {
            None => Ok(()),
            Some(Limit { left: 0, retry_after }) => Err(Refusal::limit_exceeded(*retry_after)),
            Some(limit) => {
                limit.left -= 1;
                Ok(())
            }
        }
    }
}
