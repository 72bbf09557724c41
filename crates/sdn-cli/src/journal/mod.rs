//! `sdn journal`: shows what is left to decide after a list, and records decisions.

mod check;
pub(crate) mod file;
mod look;
mod problem;
mod read;
mod record;
mod rewrite;
mod untried;

use std::io;
use std::path::Path;

use sdn_proto::ledger::{Decision, Found, NotAllowed, State, Verdict};
use sdn_proto::{InviteStatus, RoomId};
use serde_json::Value;

use self::file::{Entry, Journal};
pub(crate) use self::problem::command;
use crate::args::JournalArgs;
use crate::connection::Connection;
use crate::exit::Exit;
use crate::input::Problems;
use crate::invitee::{Invitee, place};
use crate::output::{Output, json_object, printable, report, status_word};

pub(crate) fn run(args: &JournalArgs, output: &mut Output) -> Result<Exit, Exit> {
    let mut problems = Problems::default();
    let name = printable(&args.file.to_string_lossy());
    let journal = problems.keep(name, Journal::open_existing(&args.file, None));
    if args.look {
        return look(args, journal, problems, output);
    }
    let decided = journal.and_then(|journal| {
        let decisions = decisions(args, &journal, &mut problems)?;
        Some((journal, decisions))
    });
    let (mut journal, decisions) = problems.finish(decided)?;
    decide(&mut journal, &decisions).map_err(|error| {
        Exit::SomeRefused.reporting(format_args!("cannot write the journal: {error}"))
    })?;
    let shown =
        left(&journal).try_for_each(|left| output.line(&line(&journal, &left, None, args.json)));
    untried::print(&args.file, &journal);
    summed_up(&journal).unless_unwritten(shown)
}

/// Compares what is left to decide with the room, without changing the journal.
fn look(
    args: &JournalArgs,
    journal: Option<Journal>,
    mut problems: Problems,
    output: &mut Output,
) -> Result<Exit, Exit> {
    let connection = Connection::check(&args.connection, false, &mut problems);
    let room_id = journal
        .as_ref()
        .and_then(|journal| problems.check("the journal's room", RoomId::new(journal.room())));
    let checked = journal.zip(connection).zip(room_id);
    let ((journal, connection), room_id) = problems.finish(checked)?;
    let mut shown = Ok(());
    if left(&journal).next().is_some() {
        let people = look::ask(connection, room_id)?;
        let comparison = look::compare(&people, &journal);
        let mut verdicts = Vec::new();
        for left in left(&journal) {
            let found = look::find(&comparison, left.invitee);
            verdicts.push(found.verdict);
            shown =
                shown.and_then(|()| output.line(&line(&journal, &left, Some(&found), args.json)));
        }
        print_verdicts(&args.file, &verdicts);
    }
    untried::print(&args.file, &journal);
    summed_up(&journal).unless_unwritten(shown)
}

fn print_verdicts(path: &Path, verdicts: &[Verdict]) {
    let count = |verdict| verdicts.iter().filter(|other| **other == verdict).count();
    let counts = Verdict::ALL.map(|verdict| (count(verdict), look::words(verdict)));
    report(format_args!("sdn: {} left to decide: {}", verdicts.len(), counted(&counts)));
    let command = command(path);
    report(format_args!(
        "sdn: nothing was settled; run {command} --settle INVITEE for an invitee in the room, or --retry \
         INVITEE to let the next sdn invite invite them again"
    ));
}

/// The invitees of a decision.
#[derive(Debug, PartialEq, Eq)]
enum Scope {
    /// All with this status.
    All(InviteStatus),
    One(Invitee),
}

/// A decision about one invitee.
struct Decided {
    invitee: Invitee,
    /// The invitee as it was given.
    text: String,
    decision: Decision,
}

/// Checks all decisions, and returns them for each invitee.
fn decisions(
    args: &JournalArgs,
    journal: &Journal,
    problems: &mut Problems,
) -> Option<Vec<Decided>> {
    let options =
        [("--settle", &args.settle, Decision::Settle), ("--retry", &args.retry, Decision::Retry)];
    let mut checked: Vec<(Scope, &str, Decision)> = Vec::new();
    for (option, texts, decision) in options {
        for text in texts {
            let scope = scope(text, decision, journal).and_then(|scope| {
                let is_both = checked
                    .iter()
                    .any(|(other, _, decided)| *other == scope && *decided != decision);
                if is_both {
                    Err("both settled and retried; decide on one of the two".to_owned())
                } else {
                    Ok(scope)
                }
            });
            let scope = problems.keep(place(option, text), scope);
            checked.extend(scope.map(|scope| (scope, &**text, decision)));
        }
    }
    let of = |wanted: Scope| checked.iter().find(|(scope, ..)| *scope == wanted);
    // A decision about one invitee precedes one about all.
    let known = journal.entries().into_iter().filter_map(|(invitee, entry)| {
        let all = || entry.state.status().and_then(|status| of(Scope::All(status)));
        let (.., decision) = of(Scope::One(invitee.clone())).or_else(all)?;
        let (text, decision) = (entry.text.clone(), *decision);
        Some(Decided { invitee: invitee.clone(), text, decision })
    });
    let new = checked.iter().filter_map(|(scope, text, decision)| match scope {
        Scope::One(invitee) if journal.state(invitee) == State::New => {
            let (text, decision) = ((*text).to_owned(), *decision);
            Some(Decided { invitee: invitee.clone(), text, decision })
        }
        _ => None,
    });
    Some(known.chain(new).collect())
}

fn scope(text: &str, decision: Decision, journal: &Journal) -> Result<Scope, String> {
    match text {
        "refused" => return Ok(Scope::All(InviteStatus::Refused)),
        "unknown" => return Ok(Scope::All(InviteStatus::Unknown)),
        _ => {}
    }
    let is_known = |invitee: &Invitee| journal.state(invitee) != State::New;
    let recorded = || Invitee::recorded(text).ok().filter(is_known);
    let invitee = Invitee::parse(text).or_else(|problem| recorded().ok_or(problem))?;
    match journal.state(&invitee).decide(decision) {
        // A new one can be settled, because its line may have been lost.
        Ok(_) => Ok(Scope::One(invitee)),
        Err(NotAllowed::New) => Err("not in the journal; check the spelling".to_owned()),
        Err(NotAllowed::Invited) => Err("invited already; leave it as it is".to_owned()),
        Err(reason) => Err(reason.to_string()),
    }
}

fn decide(journal: &mut Journal, decisions: &[Decided]) -> io::Result<()> {
    for Decided { invitee, text, decision } in decisions {
        let is_new = journal.state(invitee) == State::New;
        journal.decide(invitee, text, *decision)?;
        if is_new {
            let text = printable(text);
            report(format_args!("sdn: {text} was not in the journal, and is now settled in it"));
        }
    }
    journal.sync()
}

/// An invitee that is left to decide.
struct Left<'a> {
    invitee: &'a Invitee,
    entry: &'a Entry,
    status: InviteStatus,
}

/// Returns what is left to decide.
fn left(journal: &Journal) -> impl Iterator<Item = Left<'_>> {
    let open = journal.entries().into_iter().filter(|(_, entry)| entry.state.needs_decision());
    open.filter_map(|(invitee, entry)| Some(Left { invitee, entry, status: entry.state.status()? }))
}

/// Returns a line for people or of JSON, with what was found in the room if it was looked at.
fn line(journal: &Journal, left: &Left<'_>, found: Option<&Found<'_>>, is_json: bool) -> String {
    let Left { entry: Entry { text, http_status, .. }, status, .. } = left;
    let alike = found.map(|found| look::alike(found, journal)).unwrap_or_default();
    if is_json {
        return json_object([
            ("invitee", Some(text.as_str().into())),
            ("outcome", Some(status.as_str().into())),
            ("status", http_status.map(Value::from)),
            ("room", found.map(|found| found.verdict.as_str().into())),
            ("membership", found.and_then(|found| found.membership).map(Value::from)),
            ("display_name", found.and_then(|found| found.display_name).map(Value::from)),
            ("alike", (!alike.is_empty()).then(|| alike.into())),
        ]);
    }
    let verdict = found.map(|found| format!("  {}", look::coloured(found.verdict)));
    let http_status = http_status.map(|status| format!("  {status}"));
    let reasons = found.map(|found| look::reasons(found, &alike));
    let reasons = reasons.filter(|reasons| !reasons.is_empty());
    let reasons = reasons.map(|reasons| format!("  {reasons}"));
    let [verdict, http_status, reasons] =
        [verdict, http_status, reasons].map(Option::unwrap_or_default);
    format!("{}{verdict}  {}{http_status}{reasons}", status_word(*status), printable(text))
}

/// Prints the counts. Returns what is left to decide as an exit status.
fn summed_up(journal: &Journal) -> Exit {
    let entries = journal.entries();
    let count = |status: Option<InviteStatus>| {
        entries.iter().filter(|(_, entry)| entry.state.status() == status).count()
    };
    let refused = count(Some(InviteStatus::Refused));
    let unknown = count(Some(InviteStatus::Unknown));
    let all = [
        (count(Some(InviteStatus::Invited)), "invited"),
        (refused, "refused"),
        (unknown, "unknown"),
        (count(Some(InviteStatus::NotSent)), "to be invited"),
        (count(None), "settled"),
    ];
    let room = printable(journal.room());
    report(format_args!("sdn: {room}: {}", counted(&all)));
    match (refused, unknown) {
        (_, 1..) => Exit::SomeUnknown,
        (1.., 0) => Exit::SomeRefused,
        (0, 0) => Exit::Success,
    }
}

/// Returns the counts that are not 0, each with its word.
pub(crate) fn counted(all: &[(usize, &str)]) -> String {
    let counts = all.iter().filter(|(count, _)| *count > 0);
    let counts: Vec<_> = counts.map(|(count, word)| format!("{count} {word}")).collect();
    if counts.is_empty() { "nobody yet".to_owned() } else { counts.join(", ") }
}
