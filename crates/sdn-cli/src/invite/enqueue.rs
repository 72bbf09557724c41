//! Puts invitations into an outbox instead of sending them.

use sdn_outbox::{Enqueued, Error, Invitation, State};
use sdn_proto::client::WhoAmI;
use sdn_proto::{InviteStatus, RoomId, UserId};
use serde_json::Value;

use super::plan::Plan;
use crate::args::InviteArgs;
use crate::drive::block_on;
use crate::exit::Exit;
use crate::failure::describe;
use crate::input::Problems;
use crate::invitee::Invitee;
use crate::outbox::{Place, failed};
use crate::output::{Colour, Output, json_object, paint, printable, report, status_word};

/// Checks where the outbox is, if there is one.
pub(super) fn place(args: &InviteArgs, problems: &mut Problems) -> Option<Place> {
    if !args.has_outbox() {
        return None;
    }
    let others = [
        ("--journal", args.list.journal.is_some()),
        ("--dry-run", args.dry_run),
        ("--look", args.look),
        ("--id-access-token-file", args.identity.id_access_token_file.is_some()),
    ];
    for (option, _) in others.into_iter().filter(|(_, is_given)| *is_given) {
        problems.add(option, "has no effect with --outbox; remove it");
    }
    Place::check(&args.outbox, problems)
}

/// Puts all invitees of the plan into the outbox: all of them, or none.
pub(super) fn run(
    plan: &Plan,
    room_id: &RoomId,
    place: &Place,
    args: &InviteArgs,
    output: &mut Output,
) -> Result<Exit, Exit> {
    let (session, driver) = (&plan.connection.session, plan.connection.driver());
    let enqueued = block_on(async {
        let me = driver.send(session, &WhoAmI::new()).await.map_err(|error| {
            let why = describe(&error);
            Exit::SomeRefused.reporting(format_args!("nothing was put into the outbox: {why}"))
        })?;
        enqueue_all(plan, room_id, &me.user_id, place).await.map_err(|error| failed(&error))
    })?;
    let mut shown = Ok(());
    for ((text, _), enqueued) in plan.invitees.iter().zip(&enqueued) {
        if args.quiet && matches!(enqueued, Some(Enqueued::New(_))) {
            continue;
        }
        let line = line(text, *enqueued, plan.why_absent(text), args.json);
        shown = shown.and_then(|()| output.line(&line));
    }
    let new = |enqueued: &&Option<_>| matches!(enqueued, Some(Enqueued::New(_)));
    let new = enqueued.iter().filter(new).count();
    let absent = enqueued.iter().filter(|enqueued| enqueued.is_none()).count();
    let total = enqueued.len();
    let others = [(total - new - absent, "there already"), (absent, "not sent")];
    let others = others.into_iter().filter(|(count, _)| *count > 0);
    let others: String = others.map(|(count, word)| format!(", {count} {word}")).collect();
    if !args.quiet {
        report(format_args!("sdn: {new} of {total} put into the outbox{others}"));
    }
    let exit = enqueued.iter().map(exit).fold(Exit::Success, Exit::max);
    exit.unless_unwritten(shown)
}

/// Returns what happened to each invitee. A wallet that nobody has logged in with is skipped.
async fn enqueue_all(
    plan: &Plan,
    room_id: &RoomId,
    sender: &UserId,
    place: &Place,
) -> Result<Vec<Option<Enqueued>>, Error> {
    let node = plan.connection.session.node();
    let mut client = place.migrated().await?;
    let transaction = client.transaction().await?;
    let mut enqueued = Vec::with_capacity(plan.invitees.len());
    for (text, invitee) in &plan.invitees {
        let (node, sender, room_id) = (node.clone(), sender.clone(), room_id.clone());
        let invitation = match (invitee, &plan.identity) {
            _ if plan.why_absent(text).is_some() => None,
            (Invitee::User(user_id), _) => {
                let invitation = Invitation::of_user(node, sender, room_id, user_id.clone());
                Some(match &plan.reason {
                    Some(reason) => invitation.with_reason(reason),
                    None => invitation,
                })
            }
            (Invitee::ThirdParty(id), Some(identity)) => {
                let at = identity.at.clone();
                Some(Invitation::of_third_party(node, sender, room_id, id.clone(), at))
            }
            // The plan has an identity server if an invitee needs it.
            (Invitee::ThirdParty(_), None) => None,
        };
        enqueued.push(match invitation {
            Some(invitation) => Some(place.outbox.enqueue(&transaction, &invitation).await?),
            None => None,
        });
    }
    transaction.commit().await?;
    Ok(enqueued)
}

fn line(text: &str, enqueued: Option<Enqueued>, why: Option<&str>, is_json: bool) -> String {
    let (id, state) = match enqueued {
        Some(Enqueued::New(id)) => (Some(id), None),
        Some(Enqueued::Existing(id, state)) => (Some(id), Some(state)),
        None => (None, Some(State::Ended(InviteStatus::NotSent))),
    };
    let word = match state {
        Some(State::New | State::Retry) | None => "waiting",
        Some(state) => state.as_str(),
    };
    if is_json {
        return json_object([
            ("invitee", Some(text.into())),
            ("outcome", Some(word.into())),
            ("id", id.map(Value::from)),
            ("message", why.map(Value::from)),
        ]);
    }
    let word = match state.and_then(State::status) {
        Some(status) if word != "waiting" => status_word(status),
        _ => paint(Colour::Green, &format!("{word:<8}")),
    };
    let id = id.map(|id| format!("  id:{id}")).unwrap_or_default();
    let why = why.map(|why| format!("  {why}")).unwrap_or_default();
    format!("{word}{id}  {}{why}", printable(text))
}

/// Returns what is left to do about an invitee, as an exit status.
fn exit(enqueued: &Option<Enqueued>) -> Exit {
    match enqueued {
        Some(Enqueued::New(_)) => Exit::Success,
        Some(Enqueued::Existing(_, state)) if state.needs_decision() => {
            state.status().map_or(Exit::Success, Exit::from)
        }
        Some(Enqueued::Existing(..)) => Exit::Success,
        None => Exit::SomeRefused,
    }
}
