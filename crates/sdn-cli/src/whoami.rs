//! `sdn whoami`.

use sdn_proto::client::WhoAmI;

use crate::args::WhoamiArgs;
use crate::connection::Connection;
use crate::drive::{Driver, block_on};
use crate::exit::Exit;
use crate::identity::send;
use crate::input::Problems;
use crate::output::{Output, json_object, printable};
use crate::terms::Decider;

pub(crate) fn run(args: &WhoamiArgs, output: &mut Output) -> Result<Exit, Exit> {
    let mut problems = Problems::default();
    let connection = Connection::check(&args.connection, false, &mut problems);
    let Connection { session, client } = problems.finish(connection)?;
    block_on(async {
        let driver = Driver::new(client, Decider::Nobody);
        let what = "the node does not say who you are";
        let me = send(&driver, &session, &WhoAmI::new(), what)
            .await
            .map_err(|problem| Exit::SomeRefused.reporting(problem))?;
        let line = if args.json {
            json_object([
                ("user_id", Some(me.user_id.as_str().into())),
                ("device_id", me.device_id.map(Into::into)),
                ("is_guest", Some(me.is_guest.into())),
            ])
        } else {
            printable(me.user_id.as_str())
        };
        Exit::Success.unless_unwritten(output.line(&line))
    })
}
