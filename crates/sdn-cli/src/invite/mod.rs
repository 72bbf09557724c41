//! `sdn invite`.

mod dry_run;
mod invitee;
mod outcome;
mod plan;
mod send;
mod token;

use crate::args::InviteArgs;
use crate::exit::Exit;
use crate::output::{Output, tell};
use plan::Plan;

/// What the command calls itself to servers.
const USER_AGENT: &str = concat!("sdn/", env!("CARGO_PKG_VERSION"));

pub(crate) fn run(args: &InviteArgs, output: &mut Output) -> Exit {
    let plan = match Plan::new(args) {
        Ok(plan) => plan,
        Err(problems) => {
            tell("sdn: nothing was sent, for the input is bad:");
            for problem in problems {
                tell(format_args!("  {problem}"));
            }
            return Exit::BadInput;
        }
    };
    for note in &plan.notes {
        tell(format_args!("sdn: {note}"));
    }
    if args.dry_run { dry_run::print(&plan, output) } else { send::all(plan, args.json, output) }
}
