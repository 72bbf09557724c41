//! What an invitation does next, and what each answer leads to.

use std::mem;
use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};

use super::diagnosis::{Diagnose, Next};
use super::{Arrival, Diagnosis, Invite, InviteFailure, Invited, Stage};
use crate::call::Call;
use crate::client::{
    Discover, GetInvites, InviteBy3pid, Invites, OpenIdToken, RequestOpenIdToken, WhoAmI,
};
use crate::error::{Delivery, ErrorCode};
use crate::flow::rate_limit::is_rate_limit;
use crate::flow::{CallFailure, Flow, Outgoing, Step};
use crate::id::UserId;
use crate::identity::{AcceptTerms, GetAccount, GetTerms, Register, Terms};
use crate::identity_server::{IdentityServer, IdentitySession};

#[derive(Debug, Clone)]
pub(super) enum State {
    Discover,
    WhoAmI,
    RequestOpenId(UserId),
    Register(OpenIdToken),
    CheckAccount,
    GetTerms,
    AskTerms(Terms),
    AcceptTerms(Vec<String>),
    LookBefore,
    Invite,
    Wait(Duration),
    Diagnose(Diagnose),
    LookAfter,
    Done(Box<Result<Invited, InviteFailure>>),
}

impl Invite {
    pub(super) fn started(mut self) -> Self {
        self.state = match (&self.id_server, &self.domain) {
            (None, None) => done(Err(InviteFailure::NoIdentityServer)),
            (None, Some(_)) => State::Discover,
            (Some(_), _) => self.with_server(),
        };
        self
    }

    fn with_server(&self) -> State {
        if self.id_access_token.is_some() && !self.looks {
            State::Invite
        } else {
            self.identified()
        }
    }

    /// Who the user is has to be known to register, and to tell the user's invitations from others'.
    fn identified(&self) -> State {
        match (&self.user_id, &self.id_access_token) {
            (None, _) => State::WhoAmI,
            (Some(user_id), None) => State::RequestOpenId(user_id.clone()),
            (Some(_), Some(_)) => self.ready(),
        }
    }

    fn ready(&self) -> State {
        if self.looks && self.before.is_none() { State::LookBefore } else { State::Invite }
    }

    fn id_session(&self) -> Option<IdentitySession> {
        let (_, server) = self.id_server.as_ref()?;
        Some(server.session(self.id_access_token.clone()?))
    }

    fn invited(&self) -> State {
        match (&self.id_access_token, &self.id_server) {
            (Some(token), Some((id_server, _))) => {
                done(Ok(Invited { id_access_token: token.clone(), id_server: id_server.clone() }))
            }
            _ => unreachable!("an invitation needs both"),
        }
    }

    fn register_again(&mut self) -> Option<State> {
        mem::take(&mut self.may_register_again).then(|| {
            self.id_access_token = None;
            self.identified()
        })
    }

    fn ask_terms(&mut self) -> Option<State> {
        mem::take(&mut self.may_ask_terms).then_some(State::GetTerms)
    }
}

fn done(outcome: Result<Invited, InviteFailure>) -> State {
    State::Done(Box::new(outcome))
}

fn stopped(stage: Stage, failure: CallFailure) -> State {
    done(Err(InviteFailure::Before(stage, failure)))
}

impl Invite {
    fn discovered(&mut self, response: &Response<Bytes>) -> State {
        let discovery = match Discover::parse_response(response) {
            Ok(discovery) => discovery,
            Err(error) if error.status() == StatusCode::NOT_FOUND => {
                return done(Err(InviteFailure::NoIdentityServer));
            }
            Err(error) => return stopped(Stage::Discover, CallFailure::Api(error)),
        };
        let found = discovery.identity_server().and_then(Result::ok);
        let name = found.as_ref().and_then(IdentityServer::id_server);
        match (name, found) {
            (Some(name), Some(server)) => {
                let dialect = self.session.node().dialect();
                self.id_server = Some((name, server.with_dialect(dialect)));
                self.with_server()
            }
            _ => done(Err(InviteFailure::NoIdentityServer)),
        }
    }

    fn registered(&mut self, response: &Response<Bytes>) -> State {
        match Register::parse_response(response) {
            Ok(token) => {
                self.id_access_token = Some(token);
                State::CheckAccount
            }
            Err(error) => stopped(Stage::Register, CallFailure::Api(error)),
        }
    }

    fn account_checked(&mut self, response: &Response<Bytes>) -> State {
        match GetAccount::parse_response(response) {
            Ok(_) => self.ready(),
            Err(error) if error.code() == Some(&ErrorCode::TermsNotSigned) => {
                let failure = CallFailure::Api(error);
                self.ask_terms().unwrap_or_else(|| stopped(Stage::Terms, failure))
            }
            Err(error) => stopped(Stage::Account, CallFailure::Api(error)),
        }
    }

    fn answered(&mut self, response: &Response<Bytes>) -> State {
        let error = match InviteBy3pid::parse_response(response) {
            Ok(()) => return self.invited(),
            Err(error) => error,
        };
        if let Some(delay) = self.rate_limit.wait(&error, response) {
            return State::Wait(delay);
        }
        if is_rate_limit(&error) {
            return done(Err(InviteFailure::RateLimited(error)));
        }
        let is_unexplained = error.status() == StatusCode::INTERNAL_SERVER_ERROR
            && error.code() == Some(&ErrorCode::Unknown);
        if is_unexplained {
            State::Diagnose(Diagnose::new(error))
        } else {
            done(Err(InviteFailure::Refused(error)))
        }
    }

    fn diagnosed(&mut self, next: Next) -> State {
        match next {
            Next::Ask(diagnose) => State::Diagnose(diagnose),
            // In these two cases the identity server has done nothing, so that the invitation can be sent once more.
            Next::Found(error, diagnosis) => match &diagnosis {
                Diagnosis::TokenRejected(_) => self.register_again(),
                Diagnosis::TermsNotSigned => self.ask_terms(),
                _ => None,
            }
            .unwrap_or_else(|| done(Err(InviteFailure::Diagnosed(error, diagnosis)))),
        }
    }

    fn looked_after(&self, response: &Response<Bytes>) -> State {
        let arrival = match (GetInvites::parse_response(response), &self.before, &self.user_id) {
            (Ok(after), Some(before), Some(user_id)) => arrival(before, &after, user_id),
            _ => Arrival::Unknown,
        };
        done(Err(InviteFailure::Unknown(arrival)))
    }

    fn invitation(&self) -> Option<InviteBy3pid> {
        let (id_server, _) = self.id_server.as_ref()?;
        Some(InviteBy3pid::new(
            self.room_id.clone(),
            self.third_party_id.clone(),
            id_server.clone(),
            self.id_access_token.clone()?,
        ))
    }
}

/// One invitation more by the user than before can only be this one, unless the user has invited elsewhere meanwhile.
fn arrival(before: &Invites, after: &Invites, user_id: &UserId) -> Arrival {
    let pending = after.pending.iter().filter(|invite| {
        invite.sender == *user_id && before.pending.iter().all(|known| known.token != invite.token)
    });
    let invited = after
        .invited
        .iter()
        .filter(|invite| invite.sender == *user_id && !before.invited.contains(invite));
    match pending.count() + invited.count() {
        0 => Arrival::NotSeen,
        1 => Arrival::Arrived,
        _ => Arrival::Unknown,
    }
}

impl Flow for Invite {
    type Outcome = Result<Invited, InviteFailure>;

    fn step(&self) -> Step<Self::Outcome> {
        match &self.state {
            State::AskTerms(terms) => return Step::AcceptTerms(terms.clone()),
            State::Wait(delay) => return Step::Wait(*delay),
            State::Done(outcome) => return Step::Done((**outcome).clone()),
            _ => {}
        }
        match self.outgoing() {
            Some(outgoing) => Step::Send(outgoing),
            None => unreachable!("a state is entered only when what it sends is known"),
        }
    }

    fn response(&mut self, response: &Response<Bytes>) {
        self.state = match self.state.clone() {
            State::Discover => self.discovered(response),
            State::WhoAmI => match WhoAmI::parse_response(response) {
                Ok(me) => {
                    self.user_id = Some(me.user_id);
                    self.identified()
                }
                Err(error) => stopped(Stage::WhoAmI, CallFailure::Api(error)),
            },
            State::RequestOpenId(_) => match RequestOpenIdToken::parse_response(response) {
                Ok(token) => State::Register(token),
                Err(error) => stopped(Stage::OpenId, CallFailure::Api(error)),
            },
            State::Register(_) => self.registered(response),
            State::CheckAccount => self.account_checked(response),
            State::GetTerms => match GetTerms::parse_response(response) {
                Ok(terms) => State::AskTerms(terms),
                Err(error) => stopped(Stage::Terms, CallFailure::Api(error)),
            },
            State::AcceptTerms(_) => match AcceptTerms::parse_response(response) {
                Ok(()) => State::CheckAccount,
                Err(error) => stopped(Stage::Terms, CallFailure::Api(error)),
            },
            State::LookBefore => match GetInvites::parse_response(response) {
                Ok(invites) => {
                    self.before = Some(invites);
                    State::Invite
                }
                Err(error) => stopped(Stage::Look, CallFailure::Api(error)),
            },
            State::Invite => self.answered(response),
            State::Diagnose(diagnose) => {
                let next = diagnose.response(response, &self.third_party_id, self.probes);
                self.diagnosed(next)
            }
            State::LookAfter => self.looked_after(response),
            state @ (State::AskTerms(_) | State::Wait(_) | State::Done(_)) => state,
        };
    }

    fn failed(&mut self, delivery: Delivery) {
        let stop = |stage| stopped(stage, CallFailure::NoAnswer(delivery));
        self.state = match self.state.clone() {
            State::Discover => stop(Stage::Discover),
            State::WhoAmI => stop(Stage::WhoAmI),
            State::RequestOpenId(_) => stop(Stage::OpenId),
            State::Register(_) => stop(Stage::Register),
            State::CheckAccount => stop(Stage::Account),
            State::GetTerms | State::AcceptTerms(_) => stop(Stage::Terms),
            State::LookBefore => stop(Stage::Look),
            State::Invite if delivery == Delivery::NotSent => done(Err(InviteFailure::NotSent)),
            State::Invite if self.before.is_some() => State::LookAfter,
            State::Invite | State::LookAfter => done(Err(InviteFailure::Unknown(Arrival::Unknown))),
            State::Diagnose(diagnose) => {
                let next = diagnose.failed(delivery);
                self.diagnosed(next)
            }
            state @ (State::AskTerms(_) | State::Wait(_) | State::Done(_)) => state,
        };
    }

    fn waited(&mut self) {
        if let State::Wait(_) = self.state {
            self.state = State::Invite;
        }
    }

    fn accept(&mut self, urls: Vec<String>) {
        if let State::AskTerms(_) = self.state {
            self.state = State::AcceptTerms(urls);
        }
    }

    fn decline(&mut self) {
        if let State::AskTerms(_) = self.state {
            self.state = done(Err(InviteFailure::TermsDeclined));
        }
    }
}

impl Invite {
    fn outgoing(&self) -> Option<Outgoing> {
        let session = &self.session;
        let server = self.id_server.as_ref().map(|(_, server)| server);
        Some(match &self.state {
            State::Discover => Outgoing::new(&Discover::new(), self.domain.as_ref()?),
            State::WhoAmI => Outgoing::new(&WhoAmI::new(), session),
            State::RequestOpenId(user_id) => {
                Outgoing::new(&RequestOpenIdToken::new(user_id.clone()), session)
            }
            State::Register(token) => Outgoing::new(&Register::new(token.clone()), server?),
            State::CheckAccount => Outgoing::new(&GetAccount::new(), &self.id_session()?),
            State::GetTerms => Outgoing::new(&GetTerms::new(), server?),
            State::AcceptTerms(urls) => {
                Outgoing::new(&AcceptTerms::new(urls.clone()), &self.id_session()?)
            }
            State::LookBefore | State::LookAfter => {
                Outgoing::new(&GetInvites::new(self.room_id.clone()), session)
            }
            State::Invite => Outgoing::new(&self.invitation()?, session),
            State::Diagnose(diagnose) => {
                diagnose.outgoing(&self.id_session()?, &self.third_party_id, &self.room_id)
            }
            State::AskTerms(_) | State::Wait(_) | State::Done(_) => return None,
        })
    }
}
