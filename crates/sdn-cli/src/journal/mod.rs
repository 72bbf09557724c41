//! `sdn journal`: what is left to decide after a list, and deciding it.

mod check;
mod disk;
pub(crate) mod file;
mod problem;
mod read;
mod record;
mod rewrite;

use std::io;

use serde_json::Value;

use self::file::{Entry, Journal, Past, Word};
pub(crate) use self::problem::command;
use crate::args::JournalArgs;
use crate::exit::Exit;
use crate::input::Problems;
use crate::invitee::{Invitee, place};
use crate::output::{Colour, Output, json_object, paint, printable, tell};

pub(crate) fn run(args: &JournalArgs, output: &mut Output) -> Result<Exit, Exit> {
    let mut problems = Problems::default();
    let name = printable(&args.file.to_string_lossy());
    let journal = problems.keep(name, Journal::open_existing(&args.file));
    let decided = journal.and_then(|journal| {
        let decisions = decisions(args, &journal, &mut problems)?;
        Some((journal, decisions))
    });
    let (mut journal, decisions) = problems.finish(decided)?;
    decide(&mut journal, &decisions).map_err(|error| {
        Exit::SomeRefused.reporting(format_args!("cannot write the journal: {error}"))
    })?;
    let shown = show(&journal, args.json, output);
    summed_up(&journal).unless_unwritten(shown)
}

/// About whom something is decided.
#[derive(Debug, PartialEq, Eq)]
enum Whom {
    /// All whose outcome is open in this way.
    All(Past),
    One(Invitee),
}

/// What is decided about an invitee.
struct Decision {
    invitee: Invitee,
    /// The invitee as it was given.
    text: String,
    word: Word,
}

/// What is decided about each, all of it checked.
fn decisions(
    args: &JournalArgs,
    journal: &Journal,
    problems: &mut Problems,
) -> Option<Vec<Decision>> {
    let options =
        [("--settle", &args.settle, Word::Settled), ("--retry", &args.retry, Word::Retry)];
    let mut checked: Vec<(Whom, &str, Word)> = Vec::new();
    for (option, texts, word) in options {
        for text in texts {
            let whom = whom(text, word, journal).and_then(|whom| {
                let is_both =
                    checked.iter().any(|(other, _, decided)| *other == whom && *decided != word);
                if is_both { Err("--settle and --retry of the same".to_owned()) } else { Ok(whom) }
            });
            let whom = problems.keep(place(option, text), whom);
            checked.extend(whom.map(|whom| (whom, &**text, word)));
        }
    }
    let of = |wanted: Whom| checked.iter().find(|(whom, ..)| *whom == wanted);
    // Who is named is not among all.
    let known = journal.entries().into_iter().filter_map(|(invitee, entry)| {
        let (.., word) = of(Whom::One(invitee.clone())).or_else(|| of(Whom::All(entry.past)))?;
        Some(Decision { invitee: invitee.clone(), text: entry.text.clone(), word: *word })
    });
    let new = checked.iter().filter_map(|(whom, text, word)| match whom {
        Whom::One(invitee) if journal.past(invitee).is_none() => {
            Some(Decision { invitee: invitee.clone(), text: (*text).to_owned(), word: *word })
        }
        _ => None,
    });
    Some(known.chain(new).collect())
}

fn whom(text: &str, word: Word, journal: &Journal) -> Result<Whom, String> {
    match text {
        "refused" => return Ok(Whom::All(Past::Refused)),
        "unknown" => return Ok(Whom::All(Past::Unknown)),
        _ => {}
    }
    let invitee = Invitee::parse(text)?;
    match journal.past(&invitee) {
        // Their line may have been lost.
        None if word == Word::Settled => Ok(Whom::One(invitee)),
        None => Err("not in the journal".to_owned()),
        Some(Past::Invited) => Err("invited already, and never again".to_owned()),
        Some(_) => Ok(Whom::One(invitee)),
    }
}

fn decide(journal: &mut Journal, decisions: &[Decision]) -> io::Result<()> {
    for Decision { invitee, text, word } in decisions {
        let is_new = journal.past(invitee).is_none();
        journal.decide(invitee, text, *word)?;
        if is_new {
            let text = printable(text);
            tell(format_args!("sdn: {text} was not in the journal, and is settled there now"));
        }
    }
    journal.sync()
}

/// Shows what is left to decide.
fn show(journal: &Journal, is_json: bool, output: &mut Output) -> io::Result<()> {
    for (_, entry) in journal.entries() {
        let (word, colour) = match entry.past {
            Past::Refused => ("refused", Colour::Red),
            Past::Unknown => ("unknown", Colour::Yellow),
            _ => continue,
        };
        let Entry { text, status, .. } = entry;
        output.line(&if is_json {
            json_object([
                ("invitee", Some(text.as_str().into())),
                ("outcome", Some(word.into())),
                ("status", status.map(Value::from)),
            ])
        } else {
            let status = status.map(|status| format!("  {status}")).unwrap_or_default();
            format!("{}  {}{status}", paint(colour, &format!("{word:<8}")), printable(text))
        })?;
    }
    Ok(())
}

/// Counts, and tells what may be decided.
fn summed_up(journal: &Journal) -> Exit {
    let entries = journal.entries();
    let count = |past| entries.iter().filter(|(_, entry)| entry.past == past).count();
    let (refused, unknown) = (count(Past::Refused), count(Past::Unknown));
    let all = [
        (count(Past::Invited), "invited"),
        (refused, "refused"),
        (unknown, "unknown"),
        (count(Past::ToInvite), "to be invited"),
        (count(Past::Settled), "settled"),
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
