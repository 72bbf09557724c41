//! What the examples need besides an HTTP stack: a node to talk to, an account there, and an invitation.

use std::error::Error;

use sdn_proto::{AccessToken, InviteBy3pid, Node, Session};
use sdn_testkit::{Server, World};

const ALICE: &str = "@alice:node.example";

pub(crate) struct Scene {
    pub(crate) session: Session,
    #[allow(dead_code, reason = "one example alone names another node")]
    pub(crate) token: AccessToken,
    pub(crate) invite: InviteBy3pid,
    room: String,
    world: World,
    /// It serves as long as this is here.
    _server: Server,
}

impl Scene {
    pub(crate) fn new() -> Result<Self, Box<dyn Error>> {
        let world = World::new();
        let token = AccessToken::new(world.add_user(ALICE))?;
        let room = world.create_room(ALICE);
        let id_token = world.register_identity("id.example", ALICE);
        let server = world.serve()?;
        let session = Node::new(server.base_url())?.session(token.clone());
        let invite =
            InviteBy3pid::from_parts(&room, "dave@example.com", &id_token, "id.example", "email")?;
        Ok(Self { session, token, invite, room, world, _server: server })
    }

    /// Tells what the room received.
    pub(crate) fn tell(&self) {
        if let Some(event) = self.world.events(&self.room).last() {
            println!("invited dave@example.com; the room received {event}");
        }
    }
}
