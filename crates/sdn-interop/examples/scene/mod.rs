//! The parts of the examples besides the HTTP stack: a node, an account, and an invitation.

use std::error::Error;

use sdn_proto::{
    AccessToken, IdAccessToken, InviteBy3pid, Node, RoomId, ServerName, Session, ThirdPartyId,
};
use sdn_testkit::{Server, World};

const ALICE: &str = "@alice:node.example";

pub(crate) struct Scene {
    pub(crate) session: Session,
    #[allow(dead_code, reason = "only one example uses another node")]
    pub(crate) token: AccessToken,
    pub(crate) invite: InviteBy3pid,
    room: String,
    world: World,
    /// Serves until it is dropped.
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
        let invite = InviteBy3pid::new(
            RoomId::new(&room)?,
            ThirdPartyId::email("dave@example.com")?,
            ServerName::new("id.example")?,
            IdAccessToken::new(id_token)?,
        );
        Ok(Self { session, token, invite, room, world, _server: server })
    }

    /// Prints the event that the room received.
    pub(crate) fn print(&self) {
        if let Some(event) = self.world.events(&self.room).last() {
            println!("invited dave@example.com; the room received {event}");
        }
    }
}
