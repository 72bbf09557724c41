//! Invitations to a room, by user ID and by third-party identifier, in each family of nodes.
//!
//! The order of the checks is that of real nodes. So an invitation to a room that the sender is not
//! in is refused only after the identity server has sent the mail.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::node::Family;
use super::room::not_in_room;
use super::store::{Api, InviteToStore};
use super::{State, domain, wallet};
use crate::answer::Refusal;

/// The node, the sender and the room of an invitation.
pub(crate) struct Inviter<'a> {
    /// The index of the node.
    pub(crate) node: usize,
    /// `_api` or `_matrix`.
    pub(crate) prefix: &'a str,
    pub(crate) sender: &'a str,
    pub(crate) room_id: &'a str,
}

/// An invitee who has no user ID yet, and the identity server that may know one.
pub(crate) struct ThirdParty<'a> {
    medium: &'a str,
    address: &'a str,
    id_server: &'a str,
    /// SDN-like nodes ignore it.
    id_access_token: &'a str,
}

impl<'a> ThirdParty<'a> {
    /// Reads the members of a body. Returns `None` if it does not invite by third-party identifier.
    pub(crate) fn read(
        family: Family,
        body: &'a Map<String, Value>,
    ) -> Result<Option<Self>, Refusal> {
        match family {
            Family::Synapse => ThirdParty::read_as_synapse(body),
            Family::Sdn => ThirdParty::read_as_sdn(body),
        }
    }

    fn read_as_synapse(body: &'a Map<String, Value>) -> Result<Option<Self>, Refusal> {
        if !(body.contains_key("medium") && body.contains_key("address")) {
            return Ok(None);
        }
        if !(body.contains_key("id_server") && body.contains_key("id_access_token")) {
            let error = "`id_server` and `id_access_token` are required when doing 3pid invite";
            return Err(Refusal::bad_request("M_MISSING_PARAM", error));
        }
        // Real nodes do not check the type of a value, and fail if it is wrong.
        let text =
            |name: &str| body.get(name).and_then(Value::as_str).ok_or_else(Refusal::internal);
        Ok(Some(ThirdParty {
            medium: text("medium")?,
            address: text("address")?,
            id_server: text("id_server")?,
            id_access_token: text("id_access_token")?,
        }))
    }

    fn read_as_sdn(body: &'a Map<String, Value>) -> Result<Option<Self>, Refusal> {
        let text = |name| match body.get(name) {
            None | Some(Value::Null) => Ok(""),
            Some(value) => value.as_str().ok_or_else(|| {
                Refusal::bad_request("M_BAD_JSON", &format!("'{name}' must be a string"))
            }),
        };
        let members = [text("medium")?, text("address")?, text("id_server")?];
        let [medium, address, id_server] = members;
        if members.iter().all(|member| member.is_empty()) {
            return Ok(None);
        }
        if members.iter().any(|member| member.is_empty()) {
            let error = "'address', 'id_server' and 'medium' must all be supplied";
            return Err(Refusal::bad_request("M_BAD_JSON", error));
        }
        Ok(Some(ThirdParty { medium, address, id_server, id_access_token: "" }))
    }
}

impl Inviter<'_> {
    pub(crate) fn invite_user(
        &self,
        world: &mut State,
        user: &str,
        reason: Option<Value>,
    ) -> Result<(), Refusal> {
        let family = world.nodes[self.node].family;
        let is_reachable = world.node_index(domain(user)).is_some()
            || (family == Family::Sdn && wallet::is_user_id(user));
        let room = world.rooms.get_mut(self.room_id);
        let room = match family {
            Family::Synapse => room.ok_or_else(|| Refusal::forbidden("Unknown room"))?,
            Family::Sdn => room
                .filter(|room| room.is_joined(self.sender))
                .ok_or_else(|| Refusal::forbidden("user does not belong to room"))?,
        };
        room.check_invite(self.sender, user)?;
        if !is_reachable {
            return Err(match family {
                Family::Synapse => {
                    let error = format!("Can't connect to server {}", domain(user));
                    Refusal::new(StatusCode::BAD_GATEWAY, "M_UNKNOWN", &error)
                }
                Family::Sdn => Refusal::internal(),
            });
        }
        room.invite(self.sender, user, reason);
        Ok(())
    }

    pub(crate) fn invite_third_party(
        &self,
        world: &mut State,
        invitee: &ThirdParty<'_>,
    ) -> Result<(), Refusal> {
        match world.nodes[self.node].family {
            Family::Synapse => self.invite_as_synapse(world, invitee),
            Family::Sdn => self.invite_as_sdn(world, invitee),
        }
    }

    fn invite_as_synapse(
        &self,
        world: &mut State,
        invitee: &ThirdParty<'_>,
    ) -> Result<(), Refusal> {
        let server = world.find_identity_server(invitee.id_server).ok_or_else(Refusal::internal)?;
        let caller = server.authorized(invitee.id_access_token).map_err(|_| Refusal::internal())?;
        let is_sender = caller == self.sender;
        if let Some(user) = server.lookup(invitee.medium, invitee.address).map(str::to_owned) {
            return self.invite_user(world, &user, None);
        }
        if !is_sender {
            return Err(Refusal::internal());
        }
        let (token, content) = self.store(world, invitee, Api::V2)?;
        let not_in_room = || not_in_room(self.sender, self.room_id);
        let room = world.rooms.get_mut(self.room_id).ok_or_else(not_in_room)?;
        room.invite_third_party(self.sender, &token, content)
    }

    /// Uses version 1 of the identity server's API, which has no token.
    fn invite_as_sdn(&self, world: &mut State, invitee: &ThirdParty<'_>) -> Result<(), Refusal> {
        if !world.nodes[self.node].trusts(invitee.id_server) {
            let error = format!("Untrusted server '{}'", invitee.id_server);
            return Err(Refusal::bad_request("M_SERVER_NOT_TRUSTED", &error));
        }
        let server = world.find_identity_server(invitee.id_server).ok_or_else(Refusal::internal)?;
        if let Some(user) = server.lookup_folded(invitee.medium, invitee.address) {
            let user = user.to_owned();
            return self.invite_user(world, &user, None);
        }
        let (token, content) = self.store(world, invitee, Api::V1)?;
        let no_room = || Refusal::new(StatusCode::NOT_FOUND, "M_NOT_FOUND", "room does not exist");
        let room = world.rooms.get_mut(self.room_id).ok_or_else(no_room)?;
        room.invite_third_party(self.sender, &token, content).map_err(|_| Refusal::internal())
    }

    /// Lets the identity server store and mail an invitation. Returns its token and the content of the
    /// room's event.
    fn store(
        &self,
        world: &mut State,
        invitee: &ThirdParty<'_>,
        api: Api,
    ) -> Result<(String, Value), Refusal> {
        let ThirdParty { medium, address, id_server, .. } = *invitee;
        let (room_id, sender, prefix) = (self.room_id, self.sender, self.prefix);
        let server = world.find_identity_server(id_server).ok_or_else(Refusal::internal)?;
        let invite = InviteToStore { medium, address, room_id, sender, prefix, api };
        let stored = server.store_invite(&invite).map_err(|_| Refusal::internal())?;
        let api = api.path();
        let content = json!({
            "display_name": stored.display_name,
            "key_validity_url": format!("https://{id_server}/{prefix}/identity/{api}/pubkey/isvalid"),
            "public_key": stored.public_key,
            "public_keys": stored.public_keys,
        });
        Ok((stored.token, content))
    }
}
