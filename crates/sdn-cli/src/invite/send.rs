//! Inviting one after the other, and telling what became of each.

use std::io;
use std::time::{Duration, SystemTime};

use sdn_proto::flow::Invite;
use sdn_proto::{IdAccessToken, IdentityServer, ServerName, ThirdPartyId, UserId};

use super::outcome::{Outcome, Stop};
use super::plan::Plan;
use crate::args::InviteArgs;
use crate::drive::{Driver, block_on};
use crate::exit::Exit;
use crate::identity;
use crate::invitee::Invitee;
use crate::output::{Output, tell};
use crate::terms::Decider;

pub(super) fn all(plan: Plan, args: &InviteArgs, output: &mut Output) -> Exit {
    let decider = Decider::new(args.identity.accept_terms);
    let mut inviter = Inviter {
        driver: Driver::new(plan.connection.client.clone(), decider),
        token: plan.identity.as_ref().and_then(|identity| identity.token.clone()),
        looks: args.look,
        id_server: None,
        plan,
    };
    block_on(async { inviter.invite_all(args.json, output).await })
}

struct Inviter {
    plan: Plan,
    driver: Driver,
    looks: bool,
    /// Where the identity server is, once that is known.
    id_server: Option<(ServerName, IdentityServer)>,
    /// The identity server's token: the one given, or the last registration's.
    token: Option<IdAccessToken>,
}

impl Inviter {
    async fn invite_all(&mut self, is_json: bool, output: &mut Output) -> Exit {
        let mut exit = Exit::Success;
        let (mut all_stopped, mut third_parties_stopped) = (None, None);
        for (text, invitee) in self.plan.invitees.clone() {
            let outcome = match (&invitee, all_stopped, third_parties_stopped) {
                (_, Some(why), _) | (Invitee::ThirdParty(_), None, Some(why)) => {
                    Outcome::not_tried(why)
                }
                (Invitee::ThirdParty(id), None, None) => self.invite(id).await,
                (Invitee::User(user_id), None, _) => self.invite_user(user_id).await,
            };
            exit = exit.max(outcome.kind.exit());
            match outcome.stop() {
                Some(Stop::All(why)) => all_stopped = all_stopped.or(Some(why)),
                Some(Stop::ThirdParties(why)) => third_parties_stopped = Some(why),
                None => {}
            }
            if let Err(error) = report(&text, &outcome, is_json, output) {
                tell(format_args!(
                    "sdn: cannot write the outcome, so nothing more is sent: {error}"
                ));
                return Exit::SomeUnknown;
            }
        }
        if exit == Exit::SomeUnknown {
            tell(
                "sdn: where the outcome is unknown, look into the room before you invite again: \
                 a second invitation may be a second mail",
            );
        }
        exit
    }

    async fn invite(&mut self, id: &ThirdPartyId) -> Outcome {
        let (name, server) = match self.id_server().await {
            Ok(found) => found,
            Err(problem) => return Outcome::no_identity_server(problem),
        };
        let session = self.plan.connection.session.clone();
        let mut flow = Invite::new(session, self.plan.room_id.clone(), id.clone())
            .at_base(name, server)
            .with_wait_budget(self.plan.wait);
        if self.looks {
            flow = flow.looking();
        }
        if let Some(token) = self.token.take() {
            flow = flow.with_id_access_token(token);
        }
        let result = self.driver.run(&mut flow).await;
        self.token = flow.id_access_token().cloned();
        Outcome::of_flow(&result, &self.driver)
    }

    async fn id_server(&mut self) -> Result<(ServerName, IdentityServer), String> {
        if let Some(known) = &self.id_server {
            return Ok(known.clone());
        }
        let Some(identity) = &self.plan.identity else {
            return Err(identity::NOT_GIVEN.to_owned());
        };
        let found = identity::locate(&identity.place, &self.driver).await?;
        self.id_server = Some(found.clone());
        Ok(found)
    }

    /// Invites by user ID, and waits like a flow if the node limits its rate.
    async fn invite_user(&self, user_id: &UserId) -> Outcome {
        let call = self.plan.invite_user(user_id);
        let mut budget = self.plan.wait;
        loop {
            let result = self.driver.client.send(&self.plan.connection.session, &call).await;
            let limit = result.as_ref().err().and_then(|error| error.api());
            let limit = limit.filter(|error| error.status().as_u16() == 429);
            let delay = limit.map(|error| match error.retry_after() {
                Some(after) => after.delay_from(SystemTime::now()).max(MIN_DELAY),
                None => DEFAULT_DELAY,
            });
            match delay.and_then(|delay| Some((delay, budget.checked_sub(delay)?))) {
                Some((delay, left)) => {
                    self.driver.wait(delay).await;
                    budget = left;
                }
                None => return Outcome::of(result),
            }
        }
    }
}

/// Without it a node that says "at once" again and again would be asked for ever.
const MIN_DELAY: Duration = Duration::from_secs(1);

/// If the node does not say how long, as long as flows wait then.
const DEFAULT_DELAY: Duration = Duration::from_secs(5);

fn report(invitee: &str, outcome: &Outcome, is_json: bool, output: &mut Output) -> io::Result<()> {
    let line = if is_json { outcome.json(invitee) } else { outcome.line(invitee, output) };
    output.line(&line)
}
