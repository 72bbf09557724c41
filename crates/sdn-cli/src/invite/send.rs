//! Inviting one after the other, and telling what became of each.

use std::time::{Duration, SystemTime};
use std::{io, mem};

use sdn_proto::flow::{Invite, Outgoing, Step};
use sdn_proto::{IdAccessToken, IdentityServer, ServerName, ThirdPartyId, UserId, path_template};

use super::journal::{Journal, Past};
use super::outcome::{Kind, Outcome, Stop};
use super::plan::Plan;
use super::tally::Tally;
use crate::args::InviteArgs;
use crate::drive::{Driver, block_on};
use crate::exit::Exit;
use crate::identity;
use crate::interrupt::Interrupt;
use crate::invitee::Invitee;
use crate::output::{Output, printable, tell};
use crate::progress::Progress;
use crate::terms::Decider;

pub(super) fn all(mut plan: Plan, args: &InviteArgs, output: &mut Output) -> Exit {
    let mut log = Log::default();
    if let Some(path) = &plan.journal {
        let name = printable(&path.to_string_lossy());
        match Journal::open(path, &plan.room_id) {
            Ok(journal) => log.journal = Some(journal),
            Err(problem) => {
                tell(format_args!("sdn: nothing was sent, for the journal {name}: {problem}"));
                return Exit::BadInput;
            }
        }
        if let Err(error) = log.decide(&plan) {
            tell(format_args!("sdn: nothing was sent, for the journal {name}: {error}"));
            return Exit::BadInput;
        }
    }
    let total = plan.invitees.len();
    let mut tally = Tally::default();
    plan.invitees.retain(|(text, invitee)| match log.past(invitee) {
        Some(past) => {
            tally.add_past(past, text);
            false
        }
        None => true,
    });
    let done = total - plan.invitees.len();
    if done > 0 {
        let left = total - done;
        tell(format_args!("sdn: {done} of {total} are in the journal already; {left} are left"));
    }

    let mut driver =
        Driver::new(plan.connection.client.clone(), Decider::new(args.identity.accept_terms));
    let is_list = args.list.from.is_some();
    if is_list {
        driver.progress = Progress::of_list(done, total);
    }
    let farewell = match plan.journal {
        Some(_) => "sdn: interrupted; the same command goes on from here",
        None => "sdn: interrupted",
    };
    log.interrupt = Interrupt::listen(driver.progress.clone(), farewell);
    let mut inviter = Inviter {
        driver,
        log,
        token: plan.identity.as_ref().and_then(|identity| identity.token.clone()),
        looks: args.look,
        id_server: None,
        plan,
    };
    block_on(async {
        let ended = inviter.invite_all(args.json, &mut tally, output).await;
        inviter.driver.progress.clear();
        if is_list || inviter.log.journal.is_some() {
            tally.tell(total);
        }
        tally.tell_open(inviter.log.journal.is_some());
        if ended == Err(Exit::Interrupted) {
            tell(farewell);
        }
        ended.err().unwrap_or(tally.exit)
    })
}

/// The journal, if there is one, and Ctrl-C: what has to know when an invitation is under way.
#[derive(Debug, Default)]
struct Log {
    journal: Option<Journal>,
    interrupt: Interrupt,
    is_under_way: bool,
}

impl Log {
    fn past(&self, invitee: &Invitee) -> Option<Past> {
        self.journal.as_ref()?.past(invitee)
    }

    fn decide(&mut self, plan: &Plan) -> io::Result<()> {
        let Some(journal) = &mut self.journal else { return Ok(()) };
        for which in &plan.settle {
            let count = journal.settle(which, &plan.invitees)?;
            tell(format_args!("sdn: {count} settled"));
        }
        for which in &plan.retry {
            let count = journal.retry(which, &plan.invitees);
            tell(format_args!("sdn: {count} to be invited again"));
        }
        Ok(())
    }

    fn sending(&mut self, text: &str) -> io::Result<()> {
        self.is_under_way = true;
        self.interrupt.set_busy(true);
        self.journal.as_mut().map_or(Ok(()), |journal| journal.sending(text))
    }

    /// How that ended, if it was begun.
    fn sent(&mut self, text: &str, kind: Kind, status: Option<u16>) -> io::Result<()> {
        let was_under_way = mem::take(&mut self.is_under_way);
        match &mut self.journal {
            Some(journal) if was_under_way => journal.sent(text, kind, status),
            _ => Ok(()),
        }
    }

    /// The invitation that may have been begun certainly led to nothing; now comes something that may take long.
    fn put_off(&mut self, text: &str) -> io::Result<()> {
        let noted = self.sent(text, Kind::NotSent, None);
        self.interrupt.set_busy(false);
        noted
    }

    fn sync(&self) -> io::Result<()> {
        self.journal.as_ref().map_or(Ok(()), Journal::sync)
    }
}

struct Inviter {
    plan: Plan,
    driver: Driver,
    log: Log,
    looks: bool,
    /// Where the identity server is, once that is known.
    id_server: Option<(ServerName, IdentityServer)>,
    /// The identity server's token: the one given, or the last registration's.
    token: Option<IdAccessToken>,
}

impl Inviter {
    /// Invites them all, or says why that ended early.
    async fn invite_all(
        &mut self,
        is_json: bool,
        tally: &mut Tally,
        output: &mut Output,
    ) -> Result<(), Exit> {
        let (mut all_stopped, mut third_parties_stopped) = (None, None);
        for (text, invitee) in self.plan.invitees.clone() {
            if self.log.interrupt.is_asked() {
                self.log.sync().map_err(|error| not_noted(&error))?;
                return Err(Exit::Interrupted);
            }
            let outcome = match (&invitee, all_stopped, third_parties_stopped) {
                (_, Some(why), _) | (Invitee::ThirdParty(_), None, Some(why)) => {
                    Ok(Outcome::not_tried(why))
                }
                (Invitee::ThirdParty(id), None, None) => self.invite(&text, id).await,
                (Invitee::User(user_id), None, _) => self.invite_user(&text, user_id).await,
            };
            let outcome = outcome.map_err(|error| not_noted(&error))?;
            tally.add(outcome.kind, &text);
            match outcome.stop() {
                Some(Stop::All(why)) => all_stopped = all_stopped.or(Some(why)),
                Some(Stop::ThirdParties(why)) => third_parties_stopped = Some(why),
                None => {}
            }
            // What was done is told even if it could not be noted, and noted even if it cannot be told.
            let noted = self.log.sent(&text, outcome.kind, outcome.status);
            let told = self.driver.progress.aside(|| report(&text, &outcome, is_json, output));
            noted.map_err(|error| not_noted(&error))?;
            told.map_err(|error| {
                tell(format_args!(
                    "sdn: cannot write the outcome, so nothing more is sent: {error}"
                ));
                Exit::SomeUnknown
            })?;
            self.log.interrupt.set_busy(false);
            self.driver.progress.advance();
        }
        self.log.sync().map_err(|error| not_noted(&error))
    }

    async fn invite(&mut self, text: &str, id: &ThirdPartyId) -> io::Result<Outcome> {
        let (name, server) = match self.id_server().await {
            Ok(found) => found,
            Err(problem) => return Ok(Outcome::no_identity_server(problem)),
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
        let log = &mut self.log;
        let watch = |step: &Step<_>| match step {
            Step::Send(outgoing) if is_invitation(outgoing) => log.sending(text),
            Step::Wait(_) | Step::AcceptTerms(_) => log.put_off(text),
            _ => Ok(()),
        };
        let result = self.driver.run_watched(&mut flow, watch).await?;
        self.token = flow.id_access_token().cloned();
        Ok(Outcome::of_flow(&result, &self.driver))
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
    async fn invite_user(&mut self, text: &str, user_id: &UserId) -> io::Result<Outcome> {
        let call = self.plan.invite_user(user_id);
        let mut budget = self.plan.wait;
        loop {
            self.log.sending(text)?;
            let result = self.driver.client.send(&self.plan.connection.session, &call).await;
            let limit = result.as_ref().err().and_then(|error| error.api());
            let limit = limit.filter(|error| error.status().as_u16() == 429);
            let delay = limit.map(|error| match error.retry_after() {
                Some(after) => after.delay_from(SystemTime::now()).max(MIN_DELAY),
                None => DEFAULT_DELAY,
            });
            match delay.and_then(|delay| Some((delay, budget.checked_sub(delay)?))) {
                Some((delay, left)) => {
                    self.log.put_off(text)?;
                    self.driver.progress.count_down(delay).await;
                    budget = left;
                }
                None => return Ok(Outcome::of(result)),
            }
        }
    }
}

fn is_invitation(outgoing: &Outgoing) -> bool {
    path_template(outgoing.request().uri().path()).ends_with("/rooms/{}/invite")
}

fn not_noted(error: &io::Error) -> Exit {
    tell(format_args!("sdn: cannot write the journal, so nothing more is sent: {error}"));
    Exit::SomeUnknown
}

/// Without it a node that says "at once" again and again would be asked for ever.
const MIN_DELAY: Duration = Duration::from_secs(1);

/// If the node does not say how long, as long as flows wait then.
const DEFAULT_DELAY: Duration = Duration::from_secs(5);

fn report(invitee: &str, outcome: &Outcome, is_json: bool, output: &mut Output) -> io::Result<()> {
    let line = if is_json { outcome.json(invitee) } else { outcome.line(invitee, output) };
    output.line(&line)
}
