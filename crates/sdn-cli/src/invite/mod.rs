//! `sdn invite`.

mod dry_run;
#[cfg(feature = "outbox")]
mod enqueue;
mod log;
mod outcome;
mod plan;
mod send;
mod skips;
mod tally;
mod wallets;

use std::path::Path;

use sdn_proto::{RoomId, Rule};

pub(crate) use self::plan::Plan;
pub(crate) use self::send::all as send_all;
pub(crate) use self::tally::Tally;
pub(crate) use self::wallets::check as check_wallets;
use crate::args::InviteArgs;
use crate::drive::block_on;
use crate::exit::Exit;
use crate::input::{Problems, report_some};
use crate::journal::file::Journal;
use crate::list::Invalid;
use crate::output::{Output, printable, report};
use crate::room::Room;

pub(crate) fn run(args: &InviteArgs, output: &mut Output) -> Result<Exit, Exit> {
    let mut problems = Problems::default();
    let room = problems.keep("ROOM", Room::parse(&args.room));
    let plan = Plan::check(args, &mut problems);
    if args.dry_run && matches!(room, Some(Room::Alias(_))) {
        problems.add("ROOM", format_args!("{}, because a dry run sends nothing", Rule::IsAlias));
    }
    #[cfg(feature = "outbox")]
    let place = enqueue::place(args, &mut problems);
    let (room, mut plan) = problems.finish(room.zip(plan))?;
    if !args.quiet {
        report_some(&plan.notes, "sdn: ");
    }
    let skipped = plan.invalid.as_ref().map_or(Ok(0), |invalid| skip(invalid, args.dry_run))?;
    let mut tally = Tally::new(plan.invitees.len()).with_invalid(skipped);
    if let (Room::Id(room_id), true) = (&room, args.dry_run) {
        let known = skip_in_journal(&mut plan, room_id, &mut tally)?;
        let printed = match args.print_requests {
            true => dry_run::print(&plan, room_id, args.show_secrets, output),
            false => dry_run::summarize(&plan, known, output),
        };
        return printed.map(|exit| if skipped > 0 { exit.max(Exit::SomeRefused) } else { exit });
    }
    plan.connection = plan.connection.located()?;
    let driver = plan.connection.driver();
    let room_id = block_on(async { room.find(&driver, &plan.connection.session).await })?;
    #[cfg(feature = "outbox")]
    if let Some(place) = &place {
        check_wallets(&mut plan)?;
        return enqueue::run(&plan, &room_id, place, args, output);
    }
    let journal = open_journal(&plan, &room_id)?;
    if let Some(journal) = &journal {
        let total = plan.invitees.len();
        let known = skip_known(&mut plan, journal, &mut tally);
        if known > 0 && !args.quiet {
            let left = total - known;
            report(format_args!("sdn: {known} of {total} in the journal already, {left} left"));
        }
    }
    check_wallets(&mut plan)?;
    send_all(plan, room_id, journal, tally, args, output)
}

/// Reports the skipped rows of the list, and writes them to their file. Returns their number.
fn skip(invalid: &Invalid, is_dry_run: bool) -> Result<usize, Exit> {
    let count = invalid.problems().len();
    let rows = if count == 1 { "row is" } else { "rows are" };
    report(format_args!("sdn: {count} invalid {rows} skipped:"));
    report_some(invalid.problems(), "  ");
    if !is_dry_run {
        let file = printable(&invalid.path().to_string_lossy());
        invalid.write().map_err(|error| {
            Exit::BadInput.reporting(format_args!("nothing was sent: cannot write {file}: {error}"))
        })?;
        report(format_args!(
            "sdn: they are in {file}; correct them there, and invite from that list"
        ));
    }
    Ok(count)
}

fn open_journal(plan: &Plan, room_id: &RoomId) -> Result<Option<Journal>, Exit> {
    let Some(path) = &plan.journal else { return Ok(None) };
    let journal = Journal::open(path, room_id, plan.source.as_ref())
        .map_err(|problem| bad_journal(path, problem))?;
    Ok(Some(journal))
}

fn bad_journal(path: &Path, problem: String) -> Exit {
    let name = printable(&path.to_string_lossy());
    Exit::BadInput.reporting(format_args!("nothing was sent: journal {name}: {problem}"))
}

/// Removes the invitees that the journal excludes from the plan, without changing the journal.
/// Returns their number.
fn skip_in_journal(plan: &mut Plan, room_id: &RoomId, tally: &mut Tally) -> Result<usize, Exit> {
    let Some(path) = plan.journal.clone().filter(|path| path.exists()) else { return Ok(0) };
    let journal = Journal::open_existing(&path, Some(room_id));
    let journal = journal.map_err(|problem| bad_journal(&path, problem))?;
    Ok(skip_known(plan, &journal, tally))
}

/// Counts the invitees that the journal excludes, and removes them from the plan. Returns their
/// number.
fn skip_known(plan: &mut Plan, journal: &Journal, tally: &mut Tally) -> usize {
    let total = plan.invitees.len();
    tally.take_known(&mut plan.invitees, journal);
    total - plan.invitees.len()
}
