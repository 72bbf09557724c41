//! `sdn pending`.

use std::io;

use sdn_proto::RoomId;
use sdn_proto::client::Invites;
use sdn_proto::flow::PendingInvitations;

use crate::args::PendingArgs;
use crate::connection::Connection;
use crate::drive::{Driver, block_on};
use crate::exit::Exit;
use crate::failure::told;
use crate::input::Problems;
use crate::output::{Output, json_object, printable, tell};
use crate::terms::Decider;

pub(crate) fn run(args: &PendingArgs, output: &mut Output) -> Result<Exit, Exit> {
    let mut problems = Problems::default();
    let room_id = problems.check("ROOM", RoomId::new(&args.room));
    let connection = Connection::check(&args.connection, false, &mut problems);
    let (room_id, connection) = problems.finish(room_id.zip(connection))?;
    block_on(async {
        let mut driver = Driver::new(connection.client, Decider::Nobody);
        let invites = driver
            .run(PendingInvitations::new(connection.session, room_id))
            .await
            .map_err(|failure| Exit::SomeRefused.reporting(told(&failure, &driver)))?;
        Exit::Success.unless_unwritten(show(&invites, args.json, output))
    })
}

fn show(invites: &Invites, is_json: bool, output: &mut Output) -> io::Result<()> {
    for invite in &invites.pending {
        let (token, sender) = (invite.token.as_str(), invite.sender.as_str());
        let name = &invite.content.display_name;
        output.line(&if is_json {
            json_object([
                ("token", Some(token.into())),
                ("display_name", Some(name.as_str().into())),
                ("sender", Some(sender.into())),
            ])
        } else {
            format!("{token}  {}  invited by {}", printable(name), printable(sender))
        })?;
    }
    if invites.pending.is_empty() {
        tell("sdn: no invitation by e-mail or phone is pending");
    }
    Ok(())
}
