//! `sdn journal`: what is left to decide after a list, and deciding it.

mod check;
pub(crate) mod file;
mod problem;
mod read;
mod record;
mod rewrite;
mod untried;

use std::io;

use sdn_proto::InviteStatus;
use serde_json::Value;

use self::file::{Entry, Event, Journal};
pub(crate) use self::problem::command;
use crate::args::JournalArgs;
use crate::exit::Exit;
use crate::input::Problems;
use crate::invitee::{Invitee, place};
use crate::output::{Output, json_object, printable, status_word, tell};

pub(crate) fn run(args: &JournalArgs, output: &mut Output) -> Result<Exit, Exit> {
    let mut problems = Problems::default();
    let name = printable(&args.file.to_string_lossy());
    let journal = problems.keep(name, Journal::open_existing(&args.file, None));
    let decided = journal.and_then(|journal| {
        let decisions = decisions(args, &journal, &mut problems)?;
        Some((journal, decisions))
    });
    let (mut journal, decisions) = problems.finish(decided)?;
    decide(&mut journal, &decisions).map_err(|error| {
        Exit::SomeRefused.reporting(format_args!("cannot write the journal: {error}"))
    })?;
    let shown = show(&journal, args.json, output);
    untried::print(&args.file, &journal);
    summed_up(&journal).unless_unwritten(shown)
}

/// The invitees that a decision is about.
#[derive(Debug, PartialEq, Eq)]
enum Scope {
    /// All with this status.
    All(InviteStatus),
    One(Invitee),
}

/// What is decided about an invitee.
struct Decision {
    invitee: Invitee,
    /// The invitee as it was given.
    text: String,
    event: Event,
}

/// Returns what is decided about each invitee, after all of it was checked.
fn decisions(
    args: &JournalArgs,
    journal: &Journal,
    problems: &mut Problems,
) -> Option<Vec<Decision>> {
    let options =
        [("--settle", &args.settle, Event::Settled), ("--retry", &args.retry, Event::Retry)];
    let mut checked: Vec<(Scope, &str, Event)> = Vec::new();
    for (option, texts, event) in options {
        for text in texts {
            let scope = scope(text, event, journal).and_then(|scope| {
                let is_both =
                    checked.iter().any(|(other, _, decided)| *other == scope && *decided != event);
                if is_both { Err("--settle and --retry of the same".to_owned()) } else { Ok(scope) }
            });
            let scope = problems.keep(place(option, text), scope);
            checked.extend(scope.map(|scope| (scope, &**text, event)));
        }
    }
    let of = |wanted: Scope| checked.iter().find(|(scope, ..)| *scope == wanted);
    // A decision about one invitee precedes one about all.
    let known = journal.entries().into_iter().filter_map(|(invitee, entry)| {
        let all = || entry.event.status().and_then(|status| of(Scope::All(status)));
        let (.., event) = of(Scope::One(invitee.clone())).or_else(all)?;
        Some(Decision { invitee: invitee.clone(), text: entry.text.clone(), event: *event })
    });
    let new = checked.iter().filter_map(|(scope, text, event)| match scope {
        Scope::One(invitee) if journal.last(invitee).is_none() => {
            Some(Decision { invitee: invitee.clone(), text: (*text).to_owned(), event: *event })
        }
        _ => None,
    });
    Some(known.chain(new).collect())
}

fn scope(text: &str, event: Event, journal: &Journal) -> Result<Scope, String> {
    match text {
        "refused" => return Ok(Scope::All(InviteStatus::Refused)),
        "unknown" => return Ok(Scope::All(InviteStatus::Unknown)),
        _ => {}
    }
    let known = |invitee: &Invitee| journal.last(invitee).is_some();
    let recorded = || Invitee::recorded(text).ok().filter(known);
    let invitee = Invitee::parse(text).or_else(|problem| recorded().ok_or(problem))?;
    match journal.last(&invitee).map(Event::status) {
        // Their line may have been lost.
        None if event == Event::Settled => Ok(Scope::One(invitee)),
        None => Err("not in the journal".to_owned()),
        Some(Some(InviteStatus::Invited)) => Err("invited already, and never again".to_owned()),
        Some(_) => Ok(Scope::One(invitee)),
    }
}

fn decide(journal: &mut Journal, decisions: &[Decision]) -> io::Result<()> {
    for Decision { invitee, text, event } in decisions {
        let is_new = journal.last(invitee).is_none();
        journal.decide(invitee, text, *event)?;
        if is_new {
            let text = printable(text);
            tell(format_args!("sdn: {text} was not in the journal, and is settled there now"));
        }
    }
    journal.sync()
}

/// Prints what is left to decide.
fn show(journal: &Journal, is_json: bool, output: &mut Output) -> io::Result<()> {
    for (_, Entry { text, event, http_status, .. }) in journal.entries() {
        let status = match event.status() {
            Some(status @ (InviteStatus::Refused | InviteStatus::Unknown)) => status,
            _ => continue,
        };
        output.line(&if is_json {
            json_object([
                ("invitee", Some(text.as_str().into())),
                ("outcome", Some(status.as_str().into())),
                ("status", http_status.map(Value::from)),
            ])
        } else {
            let http_status = http_status.map(|status| format!("  {status}")).unwrap_or_default();
            format!("{}  {}{http_status}", status_word(status), printable(text))
        })?;
    }
    Ok(())
}

/// Prints the counts. Returns what is left to decide as an exit status.
fn summed_up(journal: &Journal) -> Exit {
    let entries = journal.entries();
    let count = |status: Option<InviteStatus>| {
        entries.iter().filter(|(_, entry)| entry.event.status() == status).count()
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
    tell(format_args!("sdn: {room}: {}", counted(&all)));
    match (refused, unknown) {
        (_, 1..) => Exit::SomeUnknown,
        (1.., 0) => Exit::SomeRefused,
        (0, 0) => Exit::Success,
    }
}

/// How many there are of each kind that there is.
pub(crate) fn counted(all: &[(usize, &str)]) -> String {
    let counts = all.iter().filter(|(count, _)| *count > 0);
    let counts: Vec<_> = counts.map(|(count, word)| format!("{count} {word}")).collect();
    if counts.is_empty() { "nobody yet".to_owned() } else { counts.join(", ") }
}
