//! Builds an invitation and prints it, without sending anything.
//!
//!     cargo run -p sdn-proto --example build_request

use sdn_proto::{
    AccessToken, Call, IdAccessToken, InvalidInput, InviteBy3pid, Node, Redacted, RoomId,
    ServerName, ThirdPartyId,
};

const ROOM: &str = "!Q1w2E3r4T5y6U7i8-@sdn_7e5f4552091a69125d5dfcb7b8c2659029395bdf\
    :7e5f4552091a69125d5dfcb7b8c2659029395bdf";

fn main() -> Result<(), InvalidInput> {
    let token = AccessToken::new("q3nXf0pZr8sVt2uLw6yAb4cDe9gHj1kMo5iRzP7hN-_")?;
    let session = Node::new("https://node.example")?.session(token);
    let invite = InviteBy3pid::new(
        RoomId::new(ROOM)?,
        ThirdPartyId::email("Alice@Example.com")?,
        ServerName::new("id.example:8090")?,
        IdAccessToken::new("id_secret")?,
    );
    let request = invite.to_request(&session);
    println!("{}", Redacted(&request));
    Ok(())
}
