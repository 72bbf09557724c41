//! `sdn revoke`.

use sdn_proto::flow::{RevokeFlow, Revoked};
use sdn_proto::id::InviteToken;
use sdn_proto::{Delivery, RoomId};

use crate::args::RevokeArgs;
use crate::connection::Connection;
use crate::drive::block_on;
use crate::exit::Exit;
use crate::failure::describe;
use crate::input::Problems;
use crate::output::{Output, json_object, tell};

pub(crate) fn run(args: &RevokeArgs, output: &mut Output) -> Result<Exit, Exit> {
    let mut problems = Problems::default();
    let room_id = problems.check("ROOM", RoomId::new(&args.room));
    let token = problems.check("TOKEN", InviteToken::new(&args.token));
    let connection = Connection::check(&args.connection, false, &mut problems);
    let checked = room_id.zip(token).zip(connection);
    let ((room_id, token), Connection { session, client }) = problems.finish(checked)?;
    block_on(async {
        let outcome = client.build().run(RevokeFlow::new(session, room_id, token.clone())).await;
        let (word, exit) = match &outcome {
            Ok(Revoked::Now) => ("revoked", Exit::Success),
            Ok(Revoked::Before) => ("revoked_before", Exit::Success),
            Ok(_) => ("not_found", Exit::SomeRefused),
            Err(error) => match error.delivery() {
                Delivery::NotSent => ("not_sent", Exit::SomeRefused),
                Delivery::Answered => ("refused", Exit::SomeRefused),
                Delivery::Unknown => ("unknown", Exit::SomeUnknown),
            },
        };
        let message = match &outcome {
            Ok(Revoked::NotFound) => {
                Some("the room has no such invitation; sdn pending shows those it has".to_owned())
            }
            Ok(_) => None,
            Err(error) => Some(describe(error)),
        };
        let line = if args.json {
            json_object([
                ("token", Some(token.as_str().into())),
                ("outcome", Some(word.into())),
                ("message", message.map(Into::into)),
            ])
        } else {
            if let Some(message) = message {
                tell(format_args!("sdn: {message}"));
            }
            format!("{}  {token}", word.replace('_', " "))
        };
        exit.unless_unwritten(output.line(&line))
    })
}
