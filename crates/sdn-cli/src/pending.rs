//! `sdn pending`.

use std::io;

use sdn_proto::client::{GetInvites, Invites};

use crate::args::PendingArgs;
use crate::connection::Connection;
use crate::drive::block_on;
use crate::exit::Exit;
use crate::failure::describe;
use crate::input::Problems;
use crate::output::{Output, json_object, printable, report};
use crate::room::Room;

pub(crate) fn run(args: &PendingArgs, output: &mut Output) -> Result<Exit, Exit> {
    let mut problems = Problems::default();
    let room = problems.keep("ROOM", Room::parse(&args.room));
    let connection = Connection::check(&args.connection, false, &mut problems);
    let (room, connection) = problems.finish(room.zip(connection))?;
    let connection = connection.located()?;
    let (driver, session) = (connection.driver(), connection.session);
    block_on(async {
        let room_id = room.find(&driver, &session).await?;
        let invites = driver.send(&session, &GetInvites::new(room_id)).await;
        let invites = invites.map_err(|error| Exit::SomeRefused.reporting(describe(&error)))?;
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
        report("sdn: the room has no open invitation by e-mail or phone");
    }
    Ok(())
}
