//! Serves a node and an identity server on this machine until it is ended, to try a client or the `sdn` command with.
//!
//!     cargo run -p sdn-testkit --example serve

use std::io;
use std::thread;
use std::time::Duration;

use sdn_testkit::World;

const ALICE: &str = "@alice:node.example";
const DAVE: &str = "dave@example.com";
const ID_SERVER: &str = "id.example";

fn main() -> io::Result<()> {
    let world = World::new();
    let token = world.add_user(ALICE);
    world.add_user("@bob:node.example");
    let daves_token = world.add_user("@dave:node.example");
    let room = world.create_room(ALICE);
    let id_token = world.register_identity(ID_SERVER, ALICE);
    let server = world.serve()?;
    let url = server.base_url();
    println!(
        "A node and the identity server {ID_SERVER} are both at {url} now, with a room of {ALICE}'s.\n"
    );
    println!("export SDN_NODE={url} SDN_ID_SERVER={ID_SERVER}");
    println!("export SDN_ACCESS_TOKEN={token} SDN_ID_ACCESS_TOKEN={id_token}");
    println!("sdn invite '{room}' {DAVE} @bob:node.example --id-server-url {url}\n");

    let (mut shown, mut mailed) = (world.events(&room).len(), 0);
    loop {
        for mail in world.mailbox(ID_SERVER, DAVE).iter().skip(mailed) {
            println!("{DAVE} received a mail, and can accept as @dave:node.example:");
            println!("SDN_ACCESS_TOKEN={daves_token} SDN_INVITE_KEY={} \\", mail.private_key);
            println!(
                "  sdn accept '{room}' {} --sender {ALICE} --id-server-url {url}\n",
                mail.token
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
