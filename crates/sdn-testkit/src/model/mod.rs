//! The data and the rules of a world, without requests and responses.

pub(crate) mod address;
pub(crate) mod event;
pub(crate) mod identity_server;
pub(crate) mod invitation;
pub(crate) mod keys;
pub(crate) mod login;
pub(crate) mod mail;
pub(crate) mod node;
pub(crate) mod room;
pub(crate) mod session;
pub(crate) mod signed;
pub(crate) mod store;
pub(crate) mod wallet;

use std::collections::BTreeMap;
use std::time::Duration;

use http::StatusCode;
use serde_json::Value;

use crate::answer::Refusal;
use identity_server::IdentityServer;
use node::{Device, Family, Node};
use room::Room;

/// All servers and rooms of a world.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) nodes: Vec<Node>,
    pub(crate) identity_servers: Vec<IdentityServer>,
    pub(crate) rooms: BTreeMap<String, Room>,
    /// Room alias to room ID.
    pub(crate) aliases: BTreeMap<String, String>,
    pub(crate) limit: Option<Limit>,
    /// The number of issued tokens.
    tokens: u64,
}

/// A rate limit that allows some invitations, then refuses some with this delay, and then ends.
pub(crate) struct Limit {
    pub(crate) let_through: usize,
    pub(crate) refused: usize,
    pub(crate) retry_after: Duration,
}

impl State {
    /// Compares server names without regard to case, like host names.
    pub(crate) fn node_index(&self, name: &str) -> Option<usize> {
        self.nodes.iter().position(|node| node.name.eq_ignore_ascii_case(name))
    }

    pub(crate) fn identity_server_index(&self, name: &str) -> Option<usize> {
        self.identity_servers.iter().position(|server| server.name.eq_ignore_ascii_case(name))
    }

    pub(crate) fn find_identity_server(&mut self, name: &str) -> Option<&mut IdentityServer> {
        let index = self.identity_server_index(name)?;
        self.identity_servers.get_mut(index)
    }

    /// Returns the node of that name. Adds it if it is missing.
    pub(crate) fn node(&mut self, name: &str) -> &mut Node {
        let index = self.node_index_or_new(name);
        &mut self.nodes[index]
    }

    /// Returns the index of the node of that name. Adds it if it is missing.
    pub(crate) fn node_index_or_new(&mut self, name: &str) -> usize {
        self.node_index(name).unwrap_or_else(|| {
            self.nodes.push(Node::new(name));
            self.nodes.len() - 1
        })
    }

    /// Returns the identity server of that name. Adds it if it is missing.
    pub(crate) fn identity_server(&mut self, name: &str) -> &mut IdentityServer {
        let index = self.identity_server_index(name).unwrap_or_else(|| {
            self.identity_servers.push(IdentityServer::new(name));
            self.identity_servers.len() - 1
        });
        &mut self.identity_servers[index]
    }

    /// Logs in a user's device, or a new one without an ID. Returns the device's only access token.
    pub(crate) fn log_in(&mut self, node: usize, user: &str, device_id: Option<&str>) -> String {
        let id = device_id.map_or_else(|| format!("DEVICE{:04}", self.tokens + 1), str::to_owned);
        let device = Device { user: user.to_owned(), id };
        self.nodes[node].tokens.retain(|_, other| *other != device);
        self.issue_token(node, device)
    }

    /// Issues one more access token to a device.
    pub(crate) fn issue_token(&mut self, node: usize, device: Device) -> String {
        let token = self.new_token_of(node, "node");
        self.nodes[node].tokens.insert(token.clone(), device);
        token
    }

    pub(crate) fn new_token(&mut self, kind: &str) -> String {
        self.tokens += 1;
        format!("{kind}-token-{:06}", self.tokens)
    }

    /// Returns a new token of a node, in the form of its family.
    pub(crate) fn new_token_of(&mut self, node: usize, kind: &str) -> String {
        let token = self.new_token(kind);
        match self.nodes[node].family {
            Family::Synapse => token,
            Family::Sdn => keys::token(&token),
        }
    }

    /// Creates a room of a user. Returns its ID, whose form depends on the user's ID.
    pub(crate) fn create_room(&mut self, creator: &str) -> String {
        let number = self.rooms.len() + 1;
        let id = if wallet::is_user_id(creator) {
            let name = keys::word(&format!("room {number}"), keys::LETTERS_AND_DIGITS, 16);
            format!("!{name}-{creator}")
        } else {
            format!("!room{number}:{}", domain(creator))
        };
        self.rooms.insert(id.clone(), Room::new(&id, creator));
        id
    }

    /// Returns the ID of the room that has an alias.
    pub(crate) fn resolve_alias(&self, alias: &str) -> Result<&str, Refusal> {
        self.aliases.get(alias).map(String::as_str).ok_or_else(|| {
            let error = format!("Room alias {alias} not found");
            Refusal::new(StatusCode::NOT_FOUND, "M_NOT_FOUND", &error)
        })
    }

    /// Counts an invitation against the limit, which allows or refuses it.
    pub(crate) fn count_invitation(&mut self, node: usize) -> Result<(), Refusal> {
        match &mut self.limit {
            None | Some(Limit { let_through: 0, refused: 0, .. }) => Ok(()),
            Some(Limit { let_through: 0, refused, retry_after }) => {
                *refused -= 1;
                Err(match self.nodes[node].family {
                    Family::Synapse => Refusal::limit_exceeded(*retry_after),
                    Family::Sdn => Refusal::limit_exceeded_in_body(*retry_after),
                })
            }
            Some(limit) => {
                limit.let_through -= 1;
                Ok(())
            }
        }
    }

    /// Turns invitations that waited for an identifier into invitations of its new owner.
    ///
    /// Tries all of them. The error is that of the last failure.
    pub(crate) fn deliver_invites(&mut self, user: &str, invites: &Value) -> Result<(), Refusal> {
        let mut result = Ok(());
        for invite in invites.as_array().into_iter().flatten() {
            result = self.deliver_invite(user, invite).and(result);
        }
        result
    }

    fn deliver_invite(&mut self, user: &str, invite: &Value) -> Result<(), Refusal> {
        let text = |name: &str| invite[name].as_str().ok_or_else(Refusal::internal);
        let (room_id, sender) = (text("room_id")?, text("sender")?);
        let unknown = || Refusal::forbidden("Unknown room");
        let room = self.rooms.get_mut(room_id).ok_or_else(unknown)?;
        room.accept_third_party(sender, user, &invite["signed"])
    }
}

/// Returns the text after the first colon of a user ID, which is empty without a colon.
pub(crate) fn domain(user: &str) -> &str {
    user.split_once(':').map_or("", |(_, domain)| domain)
}
