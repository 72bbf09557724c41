//! `sdn create`.

use sdn_proto::client::CreateRoom;
use sdn_proto::{CallError, InviteStatus, RoomId};

use crate::args::CreateArgs;
use crate::drive::block_on;
use crate::exit::Exit;
use crate::failure::{describe, with_advice};
use crate::input::{Problems, report_some};
use crate::invite::{self, Plan, Tally};
use crate::output::{Output, json_object, printable};

pub(crate) fn run(args: CreateArgs, output: &mut Output) -> Result<Exit, Exit> {
    let mut problems = Problems::default();
    if args.name.trim().is_empty() {
        problems.add("NAME", "empty; give the room a name");
    }
    let call = CreateRoom::new().with_name(&args.name);
    let args = args.into_invitations();
    let plan = Plan::check(&args, &mut problems);
    let mut plan = problems.finish(plan)?;
    plan.connection = plan.connection.located()?;
    report_some(plan.notes(), "sdn: ");
    invite::check_wallets(&mut plan)?;
    let room_id = block_on(async {
        // The call is repeated only after a rate limit, because then no room was created.
        let created = plan.connection.driver().send(&plan.connection.session, &call).await;
        show(created, args.json, output)
    })?;
    let tally = Tally::new(plan.count());
    invite::send_all(plan, room_id, None, tally, &args, output)
}

/// Prints the room's ID, or why it was not created.
fn show(
    created: Result<RoomId, CallError>,
    is_json: bool,
    output: &mut Output,
) -> Result<RoomId, Exit> {
    let (word, message, exit) = match &created {
        Ok(_) => ("created", None, Exit::Success),
        Err(error) => {
            let status = InviteStatus::from(error);
            let advice = (status == InviteStatus::Unknown).then_some(LOOK);
            (status.as_str(), Some(with_advice(describe(error), advice)), status.into())
        }
    };
    let room_id = created.as_ref().ok().map(RoomId::as_str);
    let line = if is_json {
        json_object([
            ("room_id", room_id.map(Into::into)),
            ("outcome", Some(word.into())),
            ("message", message.map(Into::into)),
        ])
    } else {
        let rest = message.unwrap_or_else(|| printable(room_id.unwrap_or_default()));
        format!("{:<8}  {rest}", word.replace('_', " "))
    };
    let exit = exit.unless_unwritten(output.line(&line))?;
    created.map_err(|_| exit)
}

const LOOK: &str = "the room may exist: check with `sdn rooms` before you create it again";
