//! Builds an invitation and prints it, without sending anything.
//!
//!     cargo run -p sdn-proto --example build_request

use sdn_proto::{
    AccessToken, Call, IdAccessToken, InvalidInput, InviteBy3pid, Node, Redacted, RoomId,
    ServerName, ThirdPartyId,
};

fn main() -> Result<(), InvalidInput> {
    let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
    let invite = InviteBy3pid::new(
        RoomId::new("!OGEhHVWSdvArJzumhm:node.example")?,
        ThirdPartyId::email("Alice@Example.com")?,
        ServerName::new("id.example:8090")?,
        IdAccessToken::new("id_secret")?,
    );
    let request = invite.to_request(&session);
    println!("{}", Redacted(&request));
    Ok(())
}
