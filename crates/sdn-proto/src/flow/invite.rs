//! Invites by third-party identifier.
//!
//! ```text
//! Register ───────────────────► Invite ──────────────────► Done
//!   ▲  │ with a room check       ▲ │ unknown, with a         ▲
//!   │  │                         │ │ room check              │
//!   │  └─► WhoAmI ─► LookBefore ─┘ ├─► LookAfter ────────────┤
//!   │                              │ failed without a reason │
//!   │                              └─► Diagnose ─────────────┘
//!   │ token rejected, or terms (once each) │
//!   └──────────────────────────────────────┘
//! ```
//!
//! `WhoAmI` is skipped if the user ID is known. After a rate limit within the budget, the flow
//! waits in the same state. Any other failed call leads to `Done` with its error.

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};

use super::diagnosis::{Diagnose, Diagnosis};
use super::{
    DiscoverError, Flow, IdentityServerAt, PendingTerms, RegisterError, RegisterFlow, Registered,
    Stage, Step,
};
use crate::client::{GetInvites, InviteBy3pid, Invites, WhoAmI};
use crate::error::{ApiError, CallError, Delivery, ErrorCode, InvalidInput, TransportError};
use crate::id::{RoomId, ServerName, UserId};
use crate::identity::UnreadableTerms;
use crate::node::Session;
use crate::outgoing::Outgoing;
use crate::retry::is_rate_limit;
use crate::secret::IdAccessToken;
use crate::threepid::ThirdPartyId;

/// Invites the owner of an e-mail address or phone number, starting from a node's access token.
///
/// It registers with an identity server as [`RegisterFlow`] does, invites, and waits within a
/// budget if a server limits the rate. If it has an identity server token, it starts at the
/// invitation. It then registers only if the identity server rejects that token, and only once.
///
/// Nodes report nearly every problem at the identity server without a reason. Then the flow asks
/// the identity server, and returns a [`Diagnosis`]. A node that does not trust the identity server
/// says so, and the flow does not ask the identity server.
///
/// An invitation that may have arrived is never sent again. With
/// [`with_room_check`](Self::with_room_check) the flow reads from the room whether it did.
///
/// ```
/// use sdn_proto::flow::{Flow, InviteFlow, Step};
/// use sdn_proto::{AccessToken, Node, RoomId, ServerName, ThirdPartyId};
///
/// let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
/// let room_id = RoomId::new("!a:node.example")?;
/// let bob = ThirdPartyId::email("bob@example.com")?;
/// let flow = InviteFlow::new(session, room_id, bob, ServerName::new("id.example")?);
/// let Step::Send(outgoing) = flow.step() else { panic!() };
/// assert_eq!(outgoing.request().uri().path(), "/_api/client/v3/account/whoami");
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
#[derive(Debug, Clone)]
pub struct InviteFlow {
    session: Session,
    room_id: RoomId,
    third_party_id: ThirdPartyId,
    /// Also contains the flow's token and its budget.
    register: RegisterFlow,
    checks_room: bool,
    probes: bool,
    may_register_again: bool,
    state: State,
}

/// An invitation that the node has accepted.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Invited {
    /// The identity server's token that was used. Keep it for the next invitation.
    pub id_access_token: IdAccessToken,
    /// The identity server that was used.
    pub id_server: ServerName,
}

/// The error of an invitation that failed or may have failed. `Display` says what to do next.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum InviteError {
    /// Discovering the identity server failed; nobody was invited.
    NotDiscovered(DiscoverError),
    /// The domain's discovery document names no identity server.
    NoIdentityServer,
    /// The domain's discovery document names an identity server that cannot or must not be used.
    BadIdentityServer(InvalidInput),
    /// A call before the invitation failed; nobody was invited.
    Before(Stage, CallError),
    /// The identity server has terms that the person has to accept first; nobody was invited.
    Terms(PendingTerms<InviteFlow>),
    /// The identity server has terms without a readable text, so nobody can accept them; nobody was
    /// invited.
    UnreadableTerms(UnreadableTerms),
    /// The node refused the invitation.
    Refused(ApiError),
    /// The node limits the rate, and the wait would exceed the budget.
    RateLimited(ApiError),
    /// The node does not trust the identity server, or failed without a reason and the flow asked
    /// the identity server.
    Diagnosed(ApiError, Diagnosis),
    /// The invitation was not sent; nobody was invited.
    NotSent(TransportError),
    /// No response shows whether the node received the invitation.
    Unknown(Arrival, CallError),
}

/// Whether an invitation without a response arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Arrival {
    /// It arrived: the room shows one new invitation by the user.
    Arrived,
    /// The room shows no new invitation by the user. The node may still be working on it.
    NotSeen,
    /// The flow did not check the room, or could not decide.
    Unknown,
}

/// The room's invitations before the flow's invitation, and the user who invites.
#[derive(Debug)]
struct Before {
    invites: Invites,
    user_id: UserId,
}

/// Everything that the invitation needs. `before` is present if the flow has checked the room.
#[derive(Debug, Clone)]
struct Ready {
    registered: Registered,
    before: Option<Arc<Before>>,
}

#[derive(Debug, Clone)]
enum State {
    /// Runs the registration. After a diagnosis, the room may have been checked already.
    Register(Option<Arc<Before>>),
    WhoAmI(Registered),
    LookBefore(Registered, UserId),
    Invite(Ready),
    Diagnose(Ready, Diagnose),
    LookAfter(Arc<Before>, CallError),
    Done(Box<Result<Invited, InviteError>>),
}

fn done(outcome: Result<Invited, InviteError>) -> State {
    State::Done(Box::new(outcome))
}

impl InviteFlow {
    /// Invites the owner of `third_party_id` to `room_id`. The identity server is `at` a name or
    /// base URL, or is discovered.
    pub fn new(
        session: Session,
        room_id: RoomId,
        third_party_id: ThirdPartyId,
        at: impl Into<IdentityServerAt>,
    ) -> Self {
        Self {
            register: RegisterFlow::new(session.clone(), at).with_trusted_token(),
            session,
            room_id,
            third_party_id,
            checks_room: false,
            probes: false,
            may_register_again: true,
            state: State::Register(None),
        }
    }

    /// Uses this identity server token while the identity server accepts it.
    #[must_use]
    pub fn with_id_access_token(mut self, token: IdAccessToken) -> Self {
        self.register = self.register.with_id_access_token(token);
        self.restart()
    }

    /// Sets the session's user ID, so that `whoami` is not called.
    #[must_use]
    pub fn with_user_id(mut self, user_id: UserId) -> Self {
        self.register = self.register.with_user_id(user_id);
        self.restart()
    }

    /// Waits up to `budget` in all if a server limits the rate. The default is not to wait.
    #[must_use]
    pub fn with_wait_budget(mut self, budget: Duration) -> Self {
        self.register = self.register.with_wait_budget(budget);
        self
    }

    /// Reads the room's state before the invitation and, if it is unknown whether the invitation
    /// arrived, again after it.
    ///
    /// This costs one more request, whose response is large in a large room.
    #[must_use]
    pub fn with_room_check(mut self) -> Self {
        self.checks_room = true;
        self.restart()
    }

    /// Allows the diagnosis to store the invitation at the identity server, to learn why the node
    /// could not.
    ///
    /// Only this distinguishes a refused address or a rate limit from other failures. **If it
    /// succeeds, the identity server sends a mail without an invitation to the room.**
    #[must_use]
    pub fn with_probe(mut self) -> Self {
        self.probes = true;
        self
    }

    /// Returns the identity server token that the flow has: the caller's, or that of its last
    /// registration.
    ///
    /// Keep it even if nobody was invited, so that the next invitation does not register again.
    /// Drive `&mut flow`, then call this.
    pub fn id_access_token(&self) -> Option<&IdAccessToken> {
        self.register.id_access_token()
    }

    fn restart(mut self) -> Self {
        self.state = self.after_register(None);
        self
    }

    /// Returns the state after the registration, or of the registration if that has not ended.
    fn after_register(&self, before: Option<Arc<Before>>) -> State {
        match self.register.outcome() {
            None => State::Register(before),
            Some(Ok(registered)) => self.registered(registered.clone(), before),
            Some(Err(RegisterError::NotDiscovered(error))) => {
                done(Err(InviteError::NotDiscovered(error.clone())))
            }
            Some(Err(RegisterError::NoIdentityServer)) => done(Err(InviteError::NoIdentityServer)),
            Some(Err(RegisterError::BadIdentityServer(invalid))) => {
                done(Err(InviteError::BadIdentityServer(*invalid)))
            }
            Some(Err(RegisterError::Failed(stage, error))) => {
                done(Err(InviteError::Before(*stage, error.clone())))
            }
            Some(Err(RegisterError::UnreadableTerms(error))) => {
                done(Err(InviteError::UnreadableTerms(error.clone())))
            }
            Some(Err(RegisterError::Terms(pending))) => {
                let (terms, register) = pending.clone().into_parts();
                let next = Self {
                    session: self.session.clone(),
                    room_id: self.room_id.clone(),
                    third_party_id: self.third_party_id.clone(),
                    register,
                    checks_room: self.checks_room,
                    probes: self.probes,
                    may_register_again: self.may_register_again,
                    state: State::Register(before),
                };
                done(Err(InviteError::Terms(PendingTerms::new(terms, next))))
            }
        }
    }

    fn registered(&self, registered: Registered, before: Option<Arc<Before>>) -> State {
        match self.register.user_id() {
            _ if before.is_some() || !self.checks_room => {
                State::Invite(Ready { registered, before })
            }
            Some(user_id) => State::LookBefore(registered, user_id.clone()),
            None => State::WhoAmI(registered),
        }
    }

    fn step_of(&self, state: &State) -> Step<Result<Invited, InviteError>> {
        let room_state = || Outgoing::new(&GetInvites::new(self.room_id.clone()), &self.session);
        Step::Send(match state {
            State::Register(before) => match self.register.step() {
                Step::Send(outgoing) => outgoing,
                Step::Wait(delay) => return Step::Wait(delay),
                Step::Done(_) => return self.step_of(&self.after_register(before.clone())),
            },
            State::WhoAmI(_) => Outgoing::new(&WhoAmI::new(), &self.session),
            State::LookBefore(..) | State::LookAfter(..) => room_state(),
            State::Invite(ready) => Outgoing::new(&self.invite(&ready.registered), &self.session),
            State::Diagnose(ready, diagnose) => {
                diagnose.outgoing(&ready.registered.id_session, &self.third_party_id, &self.room_id)
            }
            State::Done(outcome) => return Step::Done((**outcome).clone()),
        })
    }

    fn invite(&self, at: &Registered) -> InviteBy3pid {
        InviteBy3pid::new(
            self.room_id.clone(),
            self.third_party_id.clone(),
            at.id_server.clone(),
            at.id_access_token.clone(),
        )
    }

    /// Returns the state after the response to one of the flow's calls, or `None` if it waits or
    /// asks another question of a diagnosis.
    fn next(
        &mut self,
        sent: &Outgoing,
        response: &Result<Response<Bytes>, TransportError>,
    ) -> Option<State> {
        let rate_limit = &mut self.register.rate_limit;
        Some(match &mut self.state {
            State::WhoAmI(registered) => match rate_limit.read::<WhoAmI>(sent, response)? {
                Ok(me) => State::LookBefore(registered.clone(), me.user_id),
                Err(error) => done(Err(InviteError::Before(Stage::WhoAmI, error))),
            },
            State::LookBefore(registered, user_id) => {
                match rate_limit.read::<GetInvites>(sent, response)? {
                    Ok(invites) => State::Invite(Ready {
                        registered: registered.clone(),
                        before: Some(Arc::new(Before { invites, user_id: user_id.clone() })),
                    }),
                    Err(error) => done(Err(InviteError::Before(Stage::RoomCheck, error))),
                }
            }
            State::Invite(ready) => match rate_limit.read::<InviteBy3pid>(sent, response)? {
                Ok(()) => done(Ok(Invited {
                    id_access_token: ready.registered.id_access_token.clone(),
                    id_server: ready.registered.id_server.clone(),
                })),
                Err(error) => failed(ready.clone(), error),
            },
            State::Diagnose(ready, diagnose) => {
                let id = &self.third_party_id;
                let diagnosis = diagnose.received(sent, response, id, self.probes, rate_limit)?;
                let (ready, error) = (ready.clone(), diagnose.error.clone());
                self.diagnosed(ready, error, diagnosis)
            }
            State::LookAfter(before, error) => {
                let arrival = match rate_limit.read::<GetInvites>(sent, response)? {
                    Ok(after) => arrival(before, &after),
                    Err(_) => Arrival::Unknown,
                };
                done(Err(InviteError::Unknown(arrival, error.clone())))
            }
            State::Register(_) | State::Done(_) => return None,
        })
    }

    /// Returns the state after a diagnosis.
    ///
    /// Two diagnoses lead to another invitation. In both, the identity server has done nothing.
    fn diagnosed(&mut self, ready: Ready, error: ApiError, diagnosis: Diagnosis) -> State {
        let is_fixed = match &diagnosis {
            Diagnosis::TokenRejected(_) if mem::take(&mut self.may_register_again) => {
                self.register.register_again();
                true
            }
            Diagnosis::TermsNotSigned => self.register.ask_terms(ready.registered),
            _ => false,
        };
        if is_fixed {
            self.after_register(ready.before)
        } else {
            done(Err(InviteError::Diagnosed(error, diagnosis)))
        }
    }
}

/// Returns the state after a failed invitation.
fn failed(ready: Ready, error: CallError) -> State {
    match (error.delivery(), error) {
        (Delivery::Unknown, error) => match ready.before {
            Some(before) => State::LookAfter(before, error),
            None => done(Err(InviteError::Unknown(Arrival::Unknown, error))),
        },
        (_, CallError::Transport(error)) => done(Err(InviteError::NotSent(error))),
        (_, CallError::Api(error)) if is_rate_limit(&error) => {
            done(Err(InviteError::RateLimited(error)))
        }
        (_, CallError::Api(error)) if is_unexplained(&error) => {
            State::Diagnose(ready, Diagnose::new(error))
        }
        (_, CallError::Api(error)) if error.code() == Some(&ErrorCode::ServerNotTrusted) => {
            done(Err(InviteError::Diagnosed(error, Diagnosis::ServerNotTrusted)))
        }
        (_, CallError::Api(error)) => done(Err(InviteError::Refused(error))),
    }
}

/// Returns whether the node failed without a reason.
fn is_unexplained(error: &ApiError) -> bool {
    error.status() == StatusCode::INTERNAL_SERVER_ERROR && error.code() == Some(&ErrorCode::Unknown)
}

/// One more invitation by the user than before is this one, unless another client of the user has
/// invited meanwhile.
fn arrival(before: &Before, after: &Invites) -> Arrival {
    let Before { invites: before, user_id } = before;
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

impl PendingTerms<InviteFlow> {
    /// Continues with the policies that the person accepts: the URL of one language of each.
    pub fn accept(self, urls: Vec<String>) -> InviteFlow {
        let (_, mut flow) = self.into_parts();
        flow.register = flow.register.accept_terms(urls);
        flow
    }
}

impl Flow for InviteFlow {
    type Outcome = Result<Invited, InviteError>;

    fn step(&self) -> Step<Self::Outcome> {
        if let Some(delay) = self.register.rate_limit.delay() {
            return Step::Wait(delay);
        }
        self.step_of(&self.state)
    }

    fn received(&mut self, response: Result<Response<Bytes>, TransportError>) {
        let Step::Send(sent) = self.step() else { return };
        if let State::Register(before) = &mut self.state {
            let before = before.take();
            self.register.received(response);
            self.state = self.after_register(before);
        } else if let Some(next) = self.next(&sent, &response) {
            self.state = next;
        }
    }

    fn waited(&mut self) {
        self.register.waited();
    }
}
