//! `sdn whoami`.

use sdn_proto::client::WhoAmI;

use crate::args::WhoamiArgs;
use crate::connection::Connection;
use crate::drive::block_on;
use crate::exit::Exit;
use crate::failure::describe;
use crate::input::Problems;
use crate::output::{Output, json_object, printable, report};

pub(crate) fn run(args: &WhoamiArgs, output: &mut Output) -> Result<Exit, Exit> {
    let mut problems = Problems::default();
    let connection = Connection::check(&args.connection, false, &mut problems);
    let connection = problems.finish(connection)?.located()?;
    let driver = connection.driver();
    let Connection { session, token, .. } = connection;
    block_on(async {
        let me = driver.send(&session, &WhoAmI::new()).await;
        let me = me.map_err(|error| Exit::SomeRefused.reporting(describe(&error)))?;
        let node = session.node();
        if !args.json {
            report(format_args!("sdn: at {node}, with the token from {}", token.from));
        }
        let line = if args.json {
            json_object([
                ("user_id", Some(me.user_id.as_str().into())),
                ("device_id", me.device_id.map(Into::into)),
                ("is_guest", Some(me.is_guest.into())),
                ("node", Some(node.to_string().into())),
                ("token_from", Some(token.from.as_str().into())),
            ])
        } else {
            printable(me.user_id.as_str())
        };
        Exit::Success.unless_unwritten(output.line(&line))
    })
}
