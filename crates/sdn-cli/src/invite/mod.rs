//! `sdn invite`.

mod dry_run;
mod list;
mod log;
mod outcome;
mod plan;
mod send;
mod skips;
mod tally;

use crate::args::InviteArgs;
use crate::exit::Exit;
use crate::input::tell_some;
use crate::output::Output;
use plan::Plan;

pub(crate) fn run(args: &InviteArgs, output: &mut Output) -> Result<Exit, Exit> {
    let plan = Plan::new(args)?;
    tell_some(&plan.notes, "sdn: ");
    if args.dry_run {
        dry_run::print(&plan, args.show_secrets, output)
    } else {
        send::all(plan, args, output)
    }
}
