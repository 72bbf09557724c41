//! Serves a node and an identity server on this machine, to try a client or the `sdn` command.
//!
//!     cargo run -p sdn-testkit --example serve              # an SDN-like node
//!     cargo run -p sdn-testkit --example serve -- synapse   # a Synapse-like node

use std::env;
use std::io;
use std::thread;
use std::time::Duration;

use sdn_testkit::{Wallet, World};

const NODE: &str = "node.example";
const MAIL: &str = "dave@example.com";
const ID_SERVER: &str = "id.example";
const PASSWORD: &str = "wonderland";

/// The users of a node, and the tokens of the inviter and the invitee.
struct Users {
    alice: String,
    bob: String,
    dave: String,
    alices_token: String,
    daves_token: String,
}

fn main() -> io::Result<()> {
    let world = World::new();
    let users = match env::args().nth(1).as_deref() {
        None => sdn_users(&world),
        Some("synapse") => synapse_users(&world),
        Some(_) => return Err(io::Error::other("the only allowed argument is `synapse`")),
    };
    let room = world.create_room(&users.alice);
    let id_token = world.register_identity(ID_SERVER, &users.alice);
    let server = world.serve()?;
    let url = server.base_url();
    println!(
        "A node and the identity server {ID_SERVER} are both at {url} now, with a room of\n{}'s.\n",
        users.alice
    );
    println!("export SDN_NODE={url} SDN_ID_SERVER={ID_SERVER}");
    println!("export SDN_ACCESS_TOKEN={} SDN_ID_ACCESS_TOKEN={id_token}", users.alices_token);
    println!("sdn invite '{room}' {MAIL} {} --id-server-url {url}\n", users.bob);

    let (mut shown, mut mailed) = (world.events(&room).len(), 0);
    loop {
        for mail in world.mailbox(ID_SERVER, MAIL).iter().skip(mailed) {
            println!("{MAIL} received a mail, and can accept as {}:", users.dave);
            println!("echo '{}' | \\", mail.link);
            println!(
                "  SDN_ACCESS_TOKEN={} sdn accept --sender {} --id-server-url {url}\n",
                users.daves_token, users.alice
            );
            mailed += 1;
        }
        for event in world.events(&room).iter().skip(shown) {
            println!("The room received {event}\n");
            shown += 1;
        }
        thread::sleep(Duration::from_millis(200));
    }
}

fn sdn_users(world: &World) -> Users {
    let [alice, bob, dave] = [1, 2, 3].map(Wallet::new);
    world.trust_identity_server(NODE, ID_SERVER);
    println!("Alice's wallet is {}. Its private key is no secret:", alice.address());
    println!("{}\n", alice.private_key());
    Users {
        alices_token: world.add_wallet(NODE, &alice),
        daves_token: world.add_wallet(NODE, &dave),
        alice: alice.user_id(),
        bob: bob.user_id(),
        dave: dave.user_id(),
    }
}

fn synapse_users(world: &World) -> Users {
    let [alice, bob, dave] = ["alice", "bob", "dave"].map(|name| format!("@{name}:{NODE}"));
    let alices_token = world.add_user(&alice);
    world.set_password(&alice, PASSWORD);
    println!(
        "Alice's password is {PASSWORD}, which is no secret: sdn login --matrix --user alice\n"
    );
    Users { alices_token, daves_token: world.add_user(&dave), alice, bob, dave }
}
