//! Sending the invitations, one after the other, and telling what became of each.

use std::io;

use sdn_hyper::Client;
use sdn_proto::Session;

use super::outcome::Outcome;
use super::plan::{Invitation, InviteCall, Plan};
use crate::exit::Exit;
use crate::output::{Output, tell};

pub(super) fn all(plan: Plan, is_json: bool, output: &mut Output) -> Exit {
    let Plan { session, invitations, client, .. } = plan;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime {
        Ok(runtime) => {
            runtime.block_on(send_all(&invitations, &session, &client.build(), is_json, output))
        }
        Err(error) => {
            tell(format_args!("sdn: nothing was sent: {error}"));
            Exit::SomeRefused
        }
    }
}

async fn send_all(
    invitations: &[Invitation],
    session: &Session,
    client: &Client,
    is_json: bool,
    output: &mut Output,
) -> Exit {
    let mut exit = Exit::Success;
    let mut stopped_by = None;
    let mut is_identity_server_suspect = false;
    for invitation in invitations {
        let outcome = match stopped_by {
            None => send(session, client, &invitation.call).await,
            Some(why) => Outcome::not_tried(why),
        };
        exit = exit.max(outcome.kind.exit());
        stopped_by = stopped_by.or_else(|| outcome.why_stop());
        is_identity_server_suspect |=
            outcome.is_unknown_failure() && matches!(invitation.call, InviteCall::ThirdParty(_));
        if let Err(error) = report(&invitation.invitee, &outcome, is_json, output) {
            tell(format_args!("sdn: cannot write the outcome, so nothing more is sent: {error}"));
            return Exit::SomeUnknown;
        }
    }
    if is_identity_server_suspect {
        tell(
            "sdn: a node mostly answers 500 M_UNKNOWN when the identity server refuses or fails: \
             check its name, its token, and whether its terms were accepted",
        );
    }
    if exit == Exit::SomeUnknown {
        tell(
            "sdn: where the outcome is unknown, look into the room before you invite again: \
             a second invitation may be a second mail",
        );
    }
    exit
}

async fn send(session: &Session, client: &Client, call: &InviteCall) -> Outcome {
    Outcome::of(match call {
        InviteCall::ThirdParty(call) => client.send(session, call).await,
        InviteCall::User(call) => client.send(session, call).await,
    })
}

fn report(invitee: &str, outcome: &Outcome, is_json: bool, output: &mut Output) -> io::Result<()> {
    let line = if is_json { outcome.json(invitee) } else { outcome.line(invitee, output) };
    output.line(&line)
}
