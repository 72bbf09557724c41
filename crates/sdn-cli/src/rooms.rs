//! `sdn rooms`.

use sdn_proto::client::JoinedRooms;

use crate::args::RoomsArgs;
use crate::connection::Connection;
use crate::drive::block_on;
use crate::exit::Exit;
use crate::failure::describe;
use crate::input::Problems;
use crate::output::{Output, json_object, printable, report};

pub(crate) fn run(args: &RoomsArgs, output: &mut Output) -> Result<Exit, Exit> {
    let mut problems = Problems::default();
    let connection = Connection::check(&args.connection, false, &mut problems);
    let connection = problems.finish(connection)?.located()?;
    let (driver, session) = (connection.driver(), connection.session);
    block_on(async {
        let rooms = driver.send(&session, &JoinedRooms::new()).await;
        let rooms = rooms.map_err(|error| Exit::SomeRefused.reporting(describe(&error)))?;
        for room_id in &rooms {
            let room_id = room_id.as_str();
            let written = output.line(&if args.json {
                json_object([("room_id", Some(room_id.into()))])
            } else {
                printable(room_id)
            });
            if written.is_err() {
                return Exit::Success.unless_unwritten(written);
            }
        }
        if rooms.is_empty() {
            report("sdn: you have not joined any room");
        }
        Ok(Exit::Success)
    })
}
