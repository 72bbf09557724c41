//! Sends the invitations one after the other, and reports each.

use std::io;

use sdn_proto::flow::{IdentityServerAt, InviteError, InviteFlow, Step};
use sdn_proto::{IdAccessToken, InviteBy3pid, InviteStatus, RoomId, ThirdPartyId, UserId};

use super::log::Log;
use super::outcome::Outcome;
use super::plan::Plan;
use super::skips::Skips;
use super::tally::Tally;
use crate::args::InviteArgs;
use crate::drive::{Driver, Sending, block_on};
use crate::exit::Exit;
use crate::identity;
use crate::interrupt::Interrupt;
use crate::invitee::Invitee;
use crate::journal::file::Journal;
use crate::output::{Output, report};
use crate::progress::Progress;
use crate::terms::Decider;

/// Invites everybody in the plan to a room. The tally already contains the invitees that the journal excludes.
pub(crate) fn all(
    plan: Plan,
    room_id: RoomId,
    journal: Option<Journal>,
    mut tally: Tally,
    args: &InviteArgs,
    output: &mut Output,
) -> Result<Exit, Exit> {
    let is_list = args.list.from.is_some();
    let progress = match (args.quiet, is_list) {
        (true, _) => Progress::quiet(),
        (false, true) => tally.progress(),
        (false, false) => Progress::default(),
    };
    let farewell = match plan.journal {
        Some(_) => "sdn: interrupted; the same command continues from here",
        None => "sdn: interrupted",
    };
    let log = Log::new(journal, Interrupt::listen(progress.clone(), farewell));
    let mut inviter = Inviter::new(plan, room_id, args, progress, log);
    block_on(async {
        let ended = inviter.invite_all(args, &mut tally, output).await;
        inviter.driver.progress.clear();
        let journal = inviter.plan.journal.as_deref();
        if (is_list || journal.is_some()) && !args.quiet {
            tally.print_counts();
        }
        tally.print_unresolved(journal);
        if ended == Err(Exit::Interrupted) {
            report(farewell);
        }
        ended.map(|()| tally.exit())
    })
}

struct Inviter {
    plan: Plan,
    room_id: RoomId,
    driver: Driver,
    log: Log,
    checks_room: bool,
    /// The identity server, once it is known.
    at: Option<IdentityServerAt>,
    /// The identity server's token: the given one, or that of the last registration.
    token: Option<IdAccessToken>,
}

impl Inviter {
    fn new(plan: Plan, room_id: RoomId, args: &InviteArgs, progress: Progress, log: Log) -> Self {
        let decider = Decider::new(args.identity.accept_terms);
        let driver = Driver { progress, decider, ..plan.connection.driver() };
        let token = plan.identity.as_ref().and_then(|identity| identity.token.clone());
        Self { plan, room_id, driver, log, checks_room: args.look, at: None, token }
    }

    /// Invites all invitees of the plan. An error ends that early.
    async fn invite_all(
        &mut self,
        args: &InviteArgs,
        tally: &mut Tally,
        output: &mut Output,
    ) -> Result<(), Exit> {
        let mut skips = Skips::default();
        for (text, invitee) in self.plan.invitees.clone() {
            self.log.check_interrupt()?;
            let why = skips.why(&invitee).or_else(|| self.plan.why_absent(&text));
            let outcome = match (&invitee, why) {
                (_, Some(why)) => Outcome::skipped(why),
                (Invitee::ThirdParty(id), None) => self.invite_address(&invitee, &text, id).await?,
                (Invitee::User(user_id), None) => {
                    self.invite_user(&invitee, &text, user_id).await?
                }
            };
            tally.add(outcome.status, &text);
            // The outcome is printed even if it cannot be recorded, and recorded even if it cannot be
            // printed.
            let recorded = self.log.ended(&invitee, &text, outcome.status, outcome.http_status);
            let is_shown = !args.quiet || outcome.status != InviteStatus::Invited;
            let printed =
                if is_shown { self.print(&text, &outcome, args.json, output) } else { Ok(()) };
            skips.add(outcome);
            recorded?;
            printed.map_err(|error| {
                let problem = "cannot write the outcome, so nothing more is sent";
                Exit::SomeUnknown.reporting(format_args!("{problem}: {error}"))
            })?;
            self.log.set_idle();
            self.driver.progress.advance();
        }
        self.log.sync()
    }

    fn print(
        &self,
        invitee: &str,
        outcome: &Outcome,
        is_json: bool,
        output: &mut Output,
    ) -> io::Result<()> {
        let line = if is_json { outcome.json(invitee) } else { outcome.line(invitee) };
        match output.is_terminal() {
            true => self.driver.progress.aside(|| output.line(&line)),
            // The reader may be slow, and a handler of Ctrl-C must be able to clear the bar meanwhile.
            false => output.line(&line),
        }
    }

    /// Invites by e-mail address or phone number.
    async fn invite_address(
        &mut self,
        invitee: &Invitee,
        text: &str,
        id: &ThirdPartyId,
    ) -> Result<Outcome, Exit> {
        let mut flow = match self.locate().await {
            Ok(at) => self.flow(id, at),
            Err(problem) => return Ok(Outcome::no_identity_server(problem)),
        };
        let result = loop {
            let log = &mut self.log;
            let mut is_limited_invitation = false;
            let watch = |step: &Step<_>| match step {
                Step::Send(outgoing) => {
                    is_limited_invitation = outgoing.is::<InviteBy3pid>();
                    if is_limited_invitation { log.sending(invitee, text) } else { Ok(()) }
                }
                // Other calls follow a refused invitation, or one with an unknown outcome.
                Step::Wait(_) if is_limited_invitation => log.record_not_sent(invitee, text),
                Step::Wait(_) => log.waiting(),
                Step::Done(_) => Ok(()),
            };
            let result = self.driver.run_watched(&mut flow, watch).await?;
            let Err(InviteError::Terms(pending)) = result else { break result };
            self.log.record_not_sent(invitee, text)?;
            match self.driver.ask(pending.terms()) {
                Some(urls) => flow = pending.accept(urls),
                None => break Err(InviteError::Terms(pending)),
            }
        };
        self.token = flow.id_access_token().cloned();
        Ok(Outcome::of_address(&result, id))
    }

    fn flow(&mut self, id: &ThirdPartyId, at: IdentityServerAt) -> InviteFlow {
        let session = self.plan.connection.session.clone();
        let mut flow = InviteFlow::new(session, self.room_id.clone(), id.clone(), at)
            .with_wait_budget(self.driver.wait);
        if self.checks_room {
            flow = flow.with_room_check();
        }
        match self.token.take() {
            Some(token) => flow.with_id_access_token(token),
            None => flow,
        }
    }

    /// Asks the domain for the identity server, once.
    async fn locate(&mut self) -> Result<IdentityServerAt, String> {
        if let Some(known) = &self.at {
            return Ok(known.clone());
        }
        let identity = self.plan.identity.as_ref().ok_or(identity::NOT_GIVEN)?;
        let (name, base) = identity::locate(&identity.at, &self.driver).await?;
        Ok(self.at.insert(IdentityServerAt::Server { name, base }).clone())
    }

    /// Invites by user ID. Sends the invitation again after a rate limit.
    async fn invite_user(
        &mut self,
        invitee: &Invitee,
        text: &str,
        user_id: &UserId,
    ) -> Result<Outcome, Exit> {
        let call = self.plan.invite_user(&self.room_id, user_id);
        let (session, log) = (&self.plan.connection.session, &mut self.log);
        let watch = |step| match step {
            Sending::Send => log.sending(invitee, text),
            Sending::Wait => log.record_not_sent(invitee, text),
        };
        let result = self.driver.send_watched(session, &call, watch).await?;
        Ok(Outcome::of_user(&result))
    }
}
