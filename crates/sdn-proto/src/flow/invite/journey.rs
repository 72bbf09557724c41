//! What an invitation does next, and what each answer leads to.

use std::mem;
use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};

use super::diagnosis::{Diagnose, Next};
use super::{Arrival, Diagnosis, Invite, InviteFailure, Invited};
use crate::client::{GetInvites, InviteBy3pid, Invites};
use crate::error::{Delivery, ErrorCode};
use crate::flow::rate_limit::is_rate_limit;
use crate::flow::{CallFailure, Flow, Outgoing, Registered, Stage, Step, read};
use crate::id::UserId;

#[derive(Debug, Clone)]
pub(super) enum State {
    /// Getting in at the identity server.
    Register,
    LookBefore,
    Invite,
    Wait(Duration),
    Diagnose(Diagnose),
    /// Looking at the room because the invitation ended in this way.
    LookAfter(CallFailure),
    Done(Box<Result<Invited, InviteFailure>>),
}

fn done(outcome: Result<Invited, InviteFailure>) -> State {
    State::Done(Box::new(outcome))
}

impl Invite {
    pub(super) fn started(mut self) -> Self {
        self.state = self.registering();
        self
    }

    /// Goes on where the registration ends.
    fn registering(&self) -> State {
        match self.register.outcome() {
            None => State::Register,
            Some(Err(failure)) => done(Err(failure.clone().into())),
            Some(Ok(_)) if self.looks && self.before.is_none() => State::LookBefore,
            Some(Ok(_)) => State::Invite,
        }
    }

    fn registered(&self) -> Option<&Registered> {
        self.register.outcome()?.as_ref().ok()
    }

    fn invited(&self) -> State {
        match self.registered() {
            Some(Registered { id_access_token, id_server, .. }) => done(Ok(Invited {
                id_access_token: id_access_token.clone(),
                id_server: id_server.clone(),
            })),
            None => unreachable!("an invitation needs both"),
        }
    }

    fn answered(&mut self, response: &Response<Bytes>) -> State {
        let error = match read::<InviteBy3pid>(self, response) {
            Ok(()) => return self.invited(),
            Err(error) => error,
        };
        if let Some(delay) = self.rate_limit.wait(&error, response) {
            return State::Wait(delay);
        }
        if is_rate_limit(&error) {
            return done(Err(InviteFailure::RateLimited(error)));
        }
        if error.delivery() == Delivery::Unknown {
            return self.in_doubt(CallFailure::Api(error));
        }
        let is_unexplained = error.status() == StatusCode::INTERNAL_SERVER_ERROR
            && error.code() == Some(&ErrorCode::Unknown);
        if is_unexplained {
            State::Diagnose(Diagnose::new(error))
        } else {
            done(Err(InviteFailure::Refused(error)))
        }
    }

    /// The node may have invited.
    fn in_doubt(&self, failure: CallFailure) -> State {
        match self.before {
            Some(_) => State::LookAfter(failure),
            None => done(Err(InviteFailure::Unknown(Arrival::Unknown, failure))),
        }
    }

    fn diagnosed(&mut self, next: Next) -> State {
        match next {
            Next::Ask(diagnose) => State::Diagnose(diagnose),
            Next::Found(error, diagnosis) => {
                // In these two cases the identity server has done nothing, so that the invitation can be sent once more.
                let is_mended = match &diagnosis {
                    Diagnosis::TokenRejected(_) => self.register_again(),
                    Diagnosis::TermsNotSigned => self.register.ask_terms(),
                    _ => false,
                };
                if is_mended {
                    self.registering()
                } else {
                    done(Err(InviteFailure::Diagnosed(error, diagnosis)))
                }
            }
        }
    }

    fn register_again(&mut self) -> bool {
        let may = mem::take(&mut self.may_register_again);
        if may {
            self.register.register_again();
        }
        may
    }

    fn looked_after(&self, response: &Response<Bytes>, failure: CallFailure) -> State {
        let arrival =
            match (read::<GetInvites>(self, response), &self.before, self.register.user_id()) {
                (Ok(after), Some(before), Some(user_id)) => arrival(before, &after, user_id),
                _ => Arrival::Unknown,
            };
        done(Err(InviteFailure::Unknown(arrival, failure)))
    }

    fn invitation(&self) -> Option<InviteBy3pid> {
        let Registered { id_server, id_access_token, .. } = self.registered()?;
        Some(InviteBy3pid::new(
            self.room_id.clone(),
            self.third_party_id.clone(),
            id_server.clone(),
            id_access_token.clone(),
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
            State::Register => match self.register.step() {
                Step::Send(outgoing) => return Step::Send(outgoing),
                Step::Wait(delay) => return Step::Wait(delay),
                Step::AcceptTerms(terms) => return Step::AcceptTerms(terms),
                Step::Done(_) => {}
            },
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
            State::Register => {
                self.register.response(response);
                self.registering()
            }
            State::LookBefore => match read::<GetInvites>(self, response) {
                Ok(invites) => {
                    self.before = Some(invites);
                    State::Invite
                }
                Err(error) => done(Err(not_seen_before(CallFailure::Api(error)))),
            },
            State::Invite => self.answered(response),
            State::Diagnose(diagnose) => {
                let next = diagnose.response(self, response, &self.third_party_id, self.probes);
                self.diagnosed(next)
            }
            State::LookAfter(failure) => self.looked_after(response, failure),
            state @ (State::Wait(_) | State::Done(_)) => state,
        };
    }

    fn failed(&mut self, delivery: Delivery) {
        self.state = match self.state.clone() {
            State::Register => {
                self.register.failed(delivery);
                self.registering()
            }
            State::LookBefore => done(Err(not_seen_before(CallFailure::NoAnswer(delivery)))),
            State::Invite if delivery == Delivery::NotSent => done(Err(InviteFailure::NotSent)),
            State::Invite => self.in_doubt(CallFailure::NoAnswer(delivery)),
            State::LookAfter(failure) => {
                done(Err(InviteFailure::Unknown(Arrival::Unknown, failure)))
            }
            State::Diagnose(diagnose) => {
                let next = diagnose.failed(delivery);
                self.diagnosed(next)
            }
            state @ (State::Wait(_) | State::Done(_)) => state,
        };
    }

    fn waited(&mut self) {
        if let State::Wait(_) = self.state {
            self.state = State::Invite;
        }
    }

    fn accept(&mut self, urls: Vec<String>) {
        if let State::Register = self.state {
            self.register.accept(urls);
            self.state = self.registering();
        }
    }

    fn decline(&mut self) {
        if let State::Register = self.state {
            self.register.decline();
            self.state = self.registering();
        }
    }
}

fn not_seen_before(failure: CallFailure) -> InviteFailure {
    InviteFailure::Before(Stage::Look, failure)
}

impl Invite {
    fn outgoing(&self) -> Option<Outgoing> {
        let session = self.register.session();
        Some(match &self.state {
            State::LookBefore | State::LookAfter(_) => {
                Outgoing::new(&GetInvites::new(self.room_id.clone()), session)
            }
            State::Invite => Outgoing::new(&self.invitation()?, session),
            State::Diagnose(diagnose) => diagnose.outgoing(
                &self.registered()?.id_session,
                &self.third_party_id,
                &self.room_id,
            ),
            State::Register | State::Wait(_) | State::Done(_) => return None,
        })
    }
}
