//! The embedded node, and its record of requests.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use sdn_proto::{
    AccessToken, IdAccessToken, InviteBy3pid, InviteUser, Node as NodeUrl, RoomId, ServerName,
    Session, ThirdPartyId, UserId,
};
use sdn_testkit::{Fault, SeenRequest, Server, World};
use serde_json::Value;

use crate::gate::Gate;

const ALICE: &str = "@alice:node.example";
pub(crate) const ID_SERVER: &str = "id.example:8090";
/// The header in which a proxy forwards the protocol of its client.
pub(crate) const FRONT_HEADER: &str = "x-front";

/// The time that a proxy may need to notice that its connections to the node have ended.
const NOTICE: Duration = Duration::from_millis(200);

pub(crate) struct Node {
    world: World,
    /// Gone once the node's record is complete.
    server: Option<Server>,
    gate: Gate,
    pub(crate) access_token: String,
    pub(crate) id_token: String,
    pub(crate) room: String,
}

/// The node's record of one invitation.
#[derive(Clone, Default)]
pub(crate) struct Entry {
    /// How many times the node handled it.
    pub(crate) seen: usize,
    /// How many times it is in the room.
    pub(crate) in_room: usize,
    /// The protocol between the client and the proxy.
    pub(crate) front: Option<String>,
}

impl Node {
    pub(crate) fn start() -> Self {
        let world = World::new();
        let access_token = world.add_user(ALICE);
        let id_token = world.register_identity(ID_SERVER, ALICE);
        let room = world.create_room(ALICE);
        let server = world.serve().unwrap();
        let gate = Gate::open_to(server.port());
        Self { world, server: Some(server), gate, access_token, id_token, room }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.gate.address()
    }

    pub(crate) fn gate(&mut self) -> &mut Gate {
        &mut self.gate
    }

    /// Breaks the next exchanges.
    pub(crate) fn break_next(&self, count: usize, fault: &Fault) {
        let server = self.server.as_ref().expect("the node is running");
        (0..count).for_each(|_| server.fault_next(fault.clone()));
    }

    /// Restarts the node, so that it serves the same world without faults.
    pub(crate) fn restart(&mut self) {
        let server = self.world.serve().unwrap();
        self.gate.lead_to(server.port());
        self.gate.open();
        self.server = Some(server);
        thread::sleep(NOTICE);
    }

    /// Ends all exchanges at the node, so that nothing more can arrive.
    pub(crate) fn end(&mut self) {
        self.gate.close();
        self.server = None;
    }

    /// Returns how many invitations the node has handled.
    pub(crate) fn seen(&self) -> usize {
        self.world.requests().iter().filter_map(invited_by).count()
    }

    /// Returns the node's record of the invitations up to this number.
    pub(crate) fn record(&self, count: usize) -> Vec<Entry> {
        let mut record = vec![Entry::default(); count];
        for request in self.world.requests() {
            let Some(number) = invited_by(&request) else { continue };
            record[number].seen += 1;
            record[number].front = request.header(FRONT_HEADER).map(str::to_owned);
        }
        let mails = self.world.mails(ID_SERVER).into_iter();
        let invitees: HashMap<_, _> = mails.map(|mail| (mail.token, mail.to)).collect();
        for event in self.world.events(&self.room) {
            let Some(key) = event.state_key else { continue };
            match event.kind.as_str() {
                "m.room.third_party_invite" => record[number_in(&invitees[&key])].in_room += 1,
                "m.room.member" if event.content["membership"] == "invite" => {
                    record[number_in(&key)].in_room += 1;
                }
                _ => {}
            }
        }
        record
    }

    pub(crate) fn session(&self, url: &str) -> Session {
        NodeUrl::new(url).unwrap().session(AccessToken::new(&self.access_token).unwrap())
    }

    /// Returns the invitation with this number. Each has a different invitee.
    pub(crate) fn invitation(&self, number: usize) -> Invitation {
        let room = RoomId::new(&self.room).unwrap();
        let invitee = invitee(number);
        if !invitee.starts_with('@') {
            let address = ThirdPartyId::email(invitee).unwrap();
            let id_server = ServerName::new(ID_SERVER).unwrap();
            let id_token = IdAccessToken::new(&self.id_token).unwrap();
            Invitation::Email(InviteBy3pid::new(room, address, id_server, id_token))
        } else {
            Invitation::User(InviteUser::new(room, UserId::new(invitee).unwrap()))
        }
    }
}

pub(crate) enum Invitation {
    Email(InviteBy3pid),
    User(InviteUser),
}

/// Returns an e-mail address for even numbers, and a user ID for odd ones.
pub(crate) fn invitee(number: usize) -> String {
    match number % 2 {
        0 => format!("u{number}@example.com"),
        _ => format!("@u{number}:node.example"),
    }
}

/// Returns the number of [`invitee`].
pub(crate) fn number_in(invitee: &str) -> usize {
    let invitee = invitee.trim_start_matches('@').trim_start_matches('u');
    invitee.split(['@', ':']).next().unwrap().parse().unwrap()
}

/// Returns the number of the invitation, if the request is one.
fn invited_by(request: &SeenRequest) -> Option<usize> {
    let body: Value = serde_json::from_slice(&request.body).ok()?;
    let invitee = body.get("address").or(body.get("user_id"))?;
    Some(number_in(invitee.as_str()?))
}
