//! `sdn journal --outbox`: what is left to decide in an outbox, and deciding it.

use std::io;

use sdn_outbox::tokio_postgres::Client;
use sdn_outbox::{Decision, Entry, Error, Listed, Outbox, Verdict};
use sdn_proto::InviteStatus;
use serde_json::Value;

use super::logins::Logins;
use super::place::{Place, failed};
use crate::args::JournalArgs;
use crate::connection;
use crate::drive::block_on;
use crate::exit::Exit;
use crate::input::Problems;
use crate::invitee::{Invitee, place};
use crate::journal::counted;
use crate::output::{Output, json_object, printable, report, status_word};

pub(crate) fn run(args: &JournalArgs, output: &mut Output) -> Result<Exit, Exit> {
    let mut problems = Problems::default();
    let place = Place::check(&args.outbox, &mut problems);
    let client = connection::client_with(args.connection.server.ca_file.as_deref(), &mut problems);
    let scopes = scopes(args, &mut problems);
    let (place, http) = problems.finish(place.zip(client))?;
    block_on(async {
        let database = place.existing().await.map_err(|error| failed(&error))?;
        let outbox = &place.outbox;
        decide(outbox, &database, &scopes).await?;
        if args.look {
            let looked = outbox.look(&database, &http.build(), &Logins::default()).await;
            for room in looked.map_err(|error| failed(&error))? {
                if let Err(error) = room.marked {
                    let room_id = printable(&room.room_id);
                    report(format_args!("sdn: {room_id}: {error}"));
                }
            }
        }
        let shown =
            list(outbox, &database, args.json, output).await.map_err(|error| failed(&error))?;
        let exit = sum_up(outbox, &database).await.map_err(|error| failed(&error))?;
        exit.unless_unwritten(shown)
    })
}

/// Which invitations a decision is about.
enum Scope {
    All(InviteStatus),
    Id(i64),
    Invitee(Invitee),
}

struct Decided<'a> {
    /// As it was given.
    text: &'a str,
    scope: Scope,
    decision: Decision,
}

fn scopes<'a>(args: &'a JournalArgs, problems: &mut Problems) -> Vec<Decided<'a>> {
    let options =
        [("--settle", &args.settle, Decision::Settle), ("--retry", &args.retry, Decision::Retry)];
    let mut scopes = Vec::new();
    for (option, texts, decision) in options {
        for text in texts {
            let scope = problems.keep(place(option, text), scope(text));
            scopes.extend(scope.map(|scope| Decided { text, scope, decision }));
        }
    }
    scopes
}

fn scope(text: &str) -> Result<Scope, String> {
    match (text, text.strip_prefix("id:")) {
        ("refused", _) => Ok(Scope::All(InviteStatus::Refused)),
        ("unknown", _) => Ok(Scope::All(InviteStatus::Unknown)),
        (_, Some(id)) => id.parse().map(Scope::Id).map_err(|_| {
            "is not the ID of an invitation; copy it from the list, such as id:12".to_owned()
        }),
        _ => Invitee::parse(text).map(Scope::Invitee),
    }
}

/// Records the decisions. The first that is not allowed ends it.
async fn decide(outbox: &Outbox, client: &Client, scopes: &[Decided<'_>]) -> Result<(), Exit> {
    if scopes.is_empty() {
        return Ok(());
    }
    let mut open = all(outbox, client, Listed::ToDecide).await.map_err(|error| failed(&error))?;
    open.extend(all(outbox, client, Listed::Failing).await.map_err(|error| failed(&error))?);
    for Decided { text, scope, decision } in scopes {
        let ids: Vec<_> = match scope {
            Scope::Id(id) => vec![*id],
            scope => open.iter().filter(|entry| scope.has(entry)).map(|entry| entry.id).collect(),
        };
        let place = place("invitee", text);
        if ids.is_empty() && matches!(scope, Scope::Invitee(_)) {
            let problem = "is not left to decide; check the list without --settle and --retry";
            return Err(Exit::BadInput.reporting(format_args!("{place}: {problem}")));
        }
        for id in ids {
            match outbox.decide(client, id, *decision).await {
                Ok(_) => {}
                Err(error @ (Error::NotAllowed(_) | Error::NoInvitation | Error::Purged)) => {
                    return Err(Exit::BadInput.reporting(format_args!("{place}: id:{id}: {error}")));
                }
                Err(error) => return Err(failed(&error)),
            }
        }
    }
    Ok(())
}

impl Scope {
    fn has(&self, entry: &Entry) -> bool {
        match self {
            Self::All(status) => entry.state.status() == Some(*status),
            Self::Id(id) => entry.id == *id,
            Self::Invitee(Invitee::User(user_id)) => {
                entry.medium == "user" && entry.invitee.as_deref() == Some(user_id.as_str())
            }
            Self::Invitee(Invitee::ThirdParty(id)) => {
                entry.medium == id.medium().as_str()
                    && entry.invitee.as_deref() == Some(id.address())
            }
        }
    }
}

async fn all(outbox: &Outbox, client: &Client, listed: Listed) -> Result<Vec<Entry>, Error> {
    const PAGE: u32 = 1000;
    let mut entries: Vec<Entry> = Vec::new();
    loop {
        let after = entries.last().map_or(0, |entry| entry.id);
        let page = outbox.list(client, listed, after, PAGE).await?;
        if page.is_empty() {
            return Ok(entries);
        }
        entries.extend(page);
    }
}

/// Prints what is left to decide, and what could not be sent yet.
async fn list(
    outbox: &Outbox,
    client: &Client,
    is_json: bool,
    output: &mut Output,
) -> Result<io::Result<()>, Error> {
    let mut entries = all(outbox, client, Listed::ToDecide).await?;
    entries.extend(all(outbox, client, Listed::Failing).await?);
    Ok(entries.iter().try_for_each(|entry| output.line(&line(entry, is_json))))
}

fn line(entry: &Entry, is_json: bool) -> String {
    let Entry { id, room_id, invitee, state, http_status, problem, in_room, .. } = entry;
    let status = state.status().unwrap_or(InviteStatus::NotSent);
    if is_json {
        return json_object([
            ("id", Some((*id).into())),
            ("room_id", Some(room_id.as_str().into())),
            ("sender", Some(entry.sender.as_str().into())),
            ("invitee", invitee.as_deref().map(Value::from)),
            ("outcome", Some(status.as_str().into())),
            ("status", http_status.map(Value::from)),
            ("message", problem.as_deref().map(Value::from)),
            ("room", in_room.map(|verdict| verdict.as_str().into())),
        ]);
    }
    let invitee = printable(invitee.as_deref().unwrap_or("(purged)"));
    let mut line = format!("{}  id:{id}  {invitee}  {}", status_word(status), printable(room_id));
    let verdict = in_room.map(|verdict| match verdict {
        Verdict::InTheRoom => "in the room".to_owned(),
        Verdict::NotSeen => "not seen".to_owned(),
        Verdict::Ambiguous => "ambiguous".to_owned(),
    });
    let parts = [verdict, http_status.map(|status| status.to_string()), problem.clone()];
    for part in parts.into_iter().flatten() {
        line += &format!("  {}", printable(&part));
    }
    line
}

/// Prints the counts. Returns what is left to decide as an exit status.
async fn sum_up(outbox: &Outbox, client: &Client) -> Result<Exit, Error> {
    let counts = outbox.counts(client).await?;
    let number = |count| usize::try_from(count).unwrap_or(usize::MAX);
    let all = [
        (number(counts.invited), "invited"),
        (number(counts.refused), "refused"),
        (number(counts.unknown), "unknown"),
        (number(counts.sending), "being sent"),
        (number(counts.waiting), "waiting"),
        (number(counts.settled), "settled"),
    ];
    report(format_args!("sdn: outbox: {}", counted(&all)));
    if counts.waiting > 0 {
        let seconds = counts.oldest_waiting.as_secs();
        report(format_args!("sdn: the oldest that waits has waited for {seconds} seconds"));
    }
    Ok(match (counts.refused, counts.unknown) {
        (_, 1..) => Exit::SomeUnknown,
        (1.., 0) => Exit::SomeRefused,
        (0, 0) => Exit::Success,
    })
}
