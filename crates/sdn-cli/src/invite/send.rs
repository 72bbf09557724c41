//! Inviting one after the other, and telling what became of each.

use std::time::SystemTime;
use std::{io, mem};

use sdn_proto::flow::{Invite, Outgoing, Step};
use sdn_proto::retry::Patience;
use sdn_proto::{IdAccessToken, IdentityServer, ServerName, ThirdPartyId, UserId, path_template};

use super::outcome::{Kind, Outcome, Stop};
use super::plan::Plan;
use super::tally::Tally;
use crate::args::InviteArgs;
use crate::drive::{Driver, block_on};
use crate::exit::Exit;
use crate::identity;
use crate::interrupt::Interrupt;
use crate::invitee::Invitee;
use crate::journal::file::{Journal, Past, Word};
use crate::output::{Output, printable, tell};
use crate::progress::Progress;
use crate::terms::Decider;

pub(super) fn all(mut plan: Plan, args: &InviteArgs, output: &mut Output) -> Result<Exit, Exit> {
    let mut log = Log::default();
    if let Some(path) = &plan.journal {
        let name = printable(&path.to_string_lossy());
        match Journal::open(path, &plan.room_id) {
            Ok(journal) => log.journal = Some(journal),
            Err(problem) => {
                tell(format_args!("sdn: nothing was sent, for the journal {name}: {problem}"));
                return Err(Exit::BadInput);
            }
        }
    }
    let total = plan.invitees.len();
    let mut tally = Tally::default();
    plan.invitees.retain(|(text, invitee)| match log.past(invitee) {
        None | Some(Past::ToInvite) => true,
        Some(past) => {
            tally.add_past(past, text);
            false
        }
    });
    if let Some(journal) = &log.journal {
        tally.count_others(journal);
    }
    let done = total - plan.invitees.len();
    if done > 0 {
        let left = total - done;
        tell(format_args!("sdn: {done} of {total} are in the journal already; {left} to go"));
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
        tally.tell_open(inviter.plan.journal.as_deref());
        if ended == Err(Exit::Interrupted) {
            tell(farewell);
        }
        Ok(ended.err().unwrap_or(tally.exit))
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

    fn sending(&mut self, text: &str) -> Result<(), Exit> {
        // First this and then the question: so one Ctrl-C is either heeded here or finds it busy.
        self.interrupt.set_busy(true);
        self.go_on()?;
        self.is_under_way = true;
        self.noted(|journal| journal.sending(text))
    }

    /// How that ended, if it was begun.
    fn sent(&mut self, text: &str, word: Word, status: Option<u16>) -> Result<(), Exit> {
        if mem::take(&mut self.is_under_way) {
            self.noted(|journal| journal.note(text, word, status))?;
        }
        Ok(())
    }

    /// The invitation that may have been begun certainly led to nothing; now comes something that may take long.
    fn put_off(&mut self, text: &str) -> Result<(), Exit> {
        self.sent(text, Word::NotSent, None)?;
        self.interrupt.set_busy(false);
        self.go_on()
    }

    /// Ends the run if somebody has asked for that.
    fn go_on(&mut self) -> Result<(), Exit> {
        if self.interrupt.is_asked() {
            self.sync()?;
            return Err(Exit::Interrupted);
        }
        Ok(())
    }

    fn sync(&mut self) -> Result<(), Exit> {
        self.noted(|journal| journal.sync())
    }

    fn noted(&mut self, note: impl FnOnce(&mut Journal) -> io::Result<()>) -> Result<(), Exit> {
        self.journal.as_mut().map_or(Ok(()), note).map_err(|error| {
            tell(format_args!("sdn: cannot write the journal, so nothing more is sent: {error}"));
            Exit::SomeUnknown
        })
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
        let mut streak = Streak::default();
        for (text, invitee) in self.plan.invitees.clone() {
            self.log.go_on()?;
            let outcome = match (&invitee, all_stopped, third_parties_stopped) {
                (_, Some(why), _) | (Invitee::ThirdParty(_), None, Some(why)) => {
                    Ok(Outcome::not_tried(why))
                }
                (Invitee::ThirdParty(id), None, None) => self.invite(&text, id).await,
                (Invitee::User(user_id), None, _) => self.invite_user(&text, user_id).await,
            }?;
            tally.add(outcome.kind, outcome.word(), &text);
            match outcome.stop {
                Some(Stop::All(why)) => all_stopped = all_stopped.or(Some(why)),
                Some(Stop::ThirdParties(why)) => third_parties_stopped = Some(why),
                None => {}
            }
            // What was done is told even if it could not be noted, and noted even if it cannot be told.
            let noted = self.log.sent(&text, outcome.word(), outcome.status);
            let told = match output.is_terminal() {
                true => self.driver.progress.aside(|| report(&text, &outcome, is_json, output)),
                // Whoever reads may be slow, and Ctrl-C needs the bar meanwhile.
                false => report(&text, &outcome, is_json, output),
            };
            all_stopped = all_stopped.or(streak.add(outcome));
            noted?;
            told.map_err(|error| {
                tell(format_args!(
                    "sdn: cannot write the outcome, so nothing more is sent: {error}"
                ));
                Exit::SomeUnknown
            })?;
            self.log.interrupt.set_busy(false);
            self.driver.progress.advance();
        }
        self.log.sync()
    }

    async fn invite(&mut self, text: &str, id: &ThirdPartyId) -> Result<Outcome, Exit> {
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
        Ok(Outcome::of_flow(&result, id, &self.driver))
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
    async fn invite_user(&mut self, text: &str, user_id: &UserId) -> Result<Outcome, Exit> {
        let call = self.plan.invite_user(user_id);
        let mut patience = Patience::new(self.plan.wait);
        loop {
            self.log.sending(text)?;
            let result = self.driver.client.send(&self.plan.connection.session, &call).await;
            let error = result.as_ref().err().and_then(|error| error.api());
            let wait = error.and_then(|error| patience.wait(error, SystemTime::now(), 0.0));
            let Some(wait) = wait else { return Ok(Outcome::of(result)) };
            self.log.put_off(text)?;
            self.driver.progress.count_down(wait).await;
        }
    }
}

fn is_invitation(outgoing: &Outgoing) -> bool {
    path_template(outgoing.request().uri().path()).ends_with("/rooms/{}/invite")
}

/// How often the node has failed in the same way, one time after the other. It may be sending a mail each time.
#[derive(Debug, Default)]
struct Streak {
    last: Option<Outcome>,
    length: usize,
}

impl Streak {
    /// Counts an outcome, and says whether to stop, and why.
    fn add(&mut self, outcome: Outcome) -> Option<&'static str> {
        if outcome.kind == Kind::NotSent {
            return None;
        }
        let is_like = self.last.as_ref().is_some_and(|last| last.is_like(&outcome));
        self.length = if is_like { self.length + 1 } else { 1 };
        let why = match outcome.kind {
            Kind::Unknown => "not tried, for the outcome of the five before it is unknown",
            _ => "not tried, for the five before it were refused in the same words",
        };
        self.last = Some(outcome);
        (self.length == 5).then_some(why)
    }
}

fn report(invitee: &str, outcome: &Outcome, is_json: bool, output: &mut Output) -> io::Result<()> {
    let line = if is_json { outcome.json(invitee) } else { outcome.line(invitee) };
    output.line(&line)
}
