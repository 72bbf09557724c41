//! Logs in at a node of SDN with a wallet, and invites another wallet to a new room.
//!
//!     cargo run -p sdn-interop --example wallet

use std::error::Error;

use sdn_blocking::Client;
use sdn_proto::client::CreateRoom;
use sdn_proto::flow::LoginFlow;
use sdn_proto::{InviteUser, Node, UserId, WalletAddress, WalletKey};
use sdn_testkit::{Wallet, World};

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let world = World::new();
    world.add_sdn_node("portal.example");
    let server = world.serve()?;

    let client = Client::new();
    let node = Node::new(server.base_url())?;
    let key = WalletKey::new(Wallet::new(1).private_key())?;
    let challenge = client.run(LoginFlow::new(node.clone(), key.address()))?;
    println!("{} signs for {}: {}", key.address(), challenge.did(), challenge.message().display());
    let login = client.run(challenge.answer(key.sign(challenge.message()))?)?;
    println!("logged in as {}", login.user_id);

    let session = login.session(&node);
    let room_id = client.send(&session, &CreateRoom::new())?;
    // The case of the letters is a checksum, which detects typing mistakes.
    let bob = WalletAddress::with_checksum("0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF")?;
    let invite = InviteUser::new(room_id, UserId::of_wallet(&bob));
    client.send(&session, &invite)?;
    if let Some(event) = world.events(invite.room_id().as_str()).last() {
        println!("the room received {event}");
    }
    Ok(())
}
