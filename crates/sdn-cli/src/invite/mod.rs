//! `sdn invite`.

mod dry_run;
mod outcome;
mod plan;
mod send;

use crate::args::InviteArgs;
use crate::exit::Exit;
use crate::output::{Output, tell};
use plan::Plan;

pub(crate) fn run(args: &InviteArgs, output: &mut Output) -> Exit {
    let plan = match Plan::new(args) {
        Ok(plan) => plan,
        Err(exit) => return exit,
    };
    for note in &plan.notes {
        tell(format_args!("sdn: {note}"));
    }
    if args.dry_run {
        dry_run::print(&plan, args.show_secrets, output)
    } else {
        send::all(plan, args, output)
    }
}
