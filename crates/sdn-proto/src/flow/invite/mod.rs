mod diagnosis;
mod failure;

use std::mem;
use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};

use self::diagnosis::Diagnose;
pub use self::diagnosis::Diagnosis;
pub use self::failure::{Arrival, InviteFailure, Stage};
use super::rate_limit::{RateLimit, is_rate_limit};
use super::{CallFailure, Flow, Outgoing, Step};
use crate::call::Call;
use crate::client::{
    Discover, GetInvites, InviteBy3pid, Invites, OpenIdToken, RequestOpenIdToken, WhoAmI,
};
use crate::error::{Delivery, ErrorCode};
use crate::id::{RoomId, ServerName, UserId};
use crate::identity::{AcceptTerms, GetAccount, GetTerms, Register, Terms};
use crate::identity_server::{IdentityServer, IdentitySession};
use crate::node::{Node, Session};
use crate::secret::IdAccessToken;
use crate::threepid::ThirdPartyId;

/// Invites somebody by e-mail address or phone number, from a node's access token alone.
///
/// It finds the identity server if none is given, gets a token there, asks about its terms, invites, and waits within a
/// budget if the node limits its rate. What it is given it does not ask for: with an identity server token it starts at
/// the invitation, and if the identity server has forgotten that token gets another one, once.
///
/// When the node fails without saying why, as nodes do for nearly everything that goes wrong at the identity server, the
/// flow asks the identity server and says what it found: [`Diagnosis`].
///
/// An invitation that may have arrived is never sent again. With [`looking`](Self::looking) the flow finds out from the room
/// whether it did.
///
/// ```
/// use sdn_proto::flow::{Flow, Invite, Step};
/// use sdn_proto::{AccessToken, IdentityServer, Node, RoomId, ServerName, ThirdPartyId};
///
/// let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
/// let mut flow = Invite::new(session, RoomId::new("!a:node.example")?, ThirdPartyId::email("bob@example.com")?)
///     .at(ServerName::new("id.example")?);
/// let Step::Send(outgoing) = flow.step() else { panic!() };
/// assert_eq!(outgoing.request().uri().path(), "/_api/client/v3/account/whoami");
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
#[derive(Debug, Clone)]
pub struct Invite {
    session: Session,
    room_id: RoomId,
    third_party_id: ThirdPartyId,
    domain: Option<Node>,
    id_server: Option<(ServerName, IdentityServer)>,
    user_id: Option<UserId>,
    id_access_token: Option<IdAccessToken>,
    rate_limit: RateLimit,
    looks: bool,
    probes: bool,
    /// The invitations that were there before, if the flow looks.
    before: Option<Invites>,
    /// Whether the flow may still register anew, and ask about terms: nothing else leads back to an earlier step.
    may_register_again: bool,
    may_ask_terms: bool,
    state: State,
}

#[derive(Debug, Clone)]
enum State {
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

/// An invitation that the node has accepted.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Invited {
    /// The identity server's token that was used; keep it for the next invitation.
    pub id_access_token: IdAccessToken,
    /// The identity server that was used.
    pub id_server: ServerName,
}

impl Invite {
    /// Invites whoever owns `third_party_id` to `room_id`.
    ///
    /// Say where the identity server is with [`at`](Self::at), or where to find out with
    /// [`discovering`](Self::discovering).
    pub fn new(session: Session, room_id: RoomId, third_party_id: ThirdPartyId) -> Self {
        let flow = Self {
            session,
            room_id,
            third_party_id,
            domain: None,
            id_server: None,
            user_id: None,
            id_access_token: None,
            rate_limit: RateLimit::new(Duration::ZERO),
            looks: false,
            probes: false,
            before: None,
            may_register_again: true,
            may_ask_terms: true,
            state: State::Discover,
        };
        flow.started()
    }

    /// Uses this identity server, over `https` and in the node's dialect.
    #[must_use]
    pub fn at(self, id_server: ServerName) -> Self {
        let server = IdentityServer::at(&id_server);
        self.at_base(id_server, server)
    }

    /// Uses this identity server, which the node knows as `id_server` and we reach at `server`, in the node's dialect.
    #[must_use]
    pub fn at_base(mut self, id_server: ServerName, server: IdentityServer) -> Self {
        let dialect = self.session.node().dialect();
        self.id_server = Some((id_server, server.with_dialect(dialect)));
        self.started()
    }

    /// Asks this domain, `https://{domain}`, where its identity server is, unless one is given.
    #[must_use]
    pub fn discovering(mut self, domain: Node) -> Self {
        self.domain = Some(domain.with_dialect(self.session.node().dialect()));
        self.started()
    }

    /// Uses this identity server token as long as the identity server takes it.
    #[must_use]
    pub fn with_id_access_token(mut self, token: IdAccessToken) -> Self {
        self.id_access_token = Some(token);
        self.started()
    }

    /// Spares the question who the session's user is.
    #[must_use]
    pub fn with_user_id(mut self, user_id: UserId) -> Self {
        self.user_id = Some(user_id);
        self.started()
    }

    /// Waits for so long in all if the node limits its rate; without this not at all.
    #[must_use]
    pub fn with_wait_budget(mut self, budget: Duration) -> Self {
        self.rate_limit = RateLimit::new(budget);
        self
    }

    /// Looks at the room's state before the invitation and, if it is not known whether that arrived, once more.
    ///
    /// Costs one more request, whose answer is large in a large room.
    #[must_use]
    pub fn looking(mut self) -> Self {
        self.looks = true;
        self.started()
    }

    /// Lets the diagnosis have the identity server store the invitation itself, to learn why the node could not.
    ///
    /// Only so can a refused address or a rate limit be told from other failures. **If it succeeds, a mail is sent that leads
    /// to no invitation.**
    #[must_use]
    pub fn probing(mut self) -> Self {
        self.probes = true;
        self
    }

    fn started(mut self) -> Self {
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

    fn diagnosed(&mut self, next: diagnosis::Next) -> State {
        match next {
            diagnosis::Next::Ask(diagnose) => State::Diagnose(diagnose),
            // In these two cases the identity server has done nothing, so that the invitation can be sent once more.
            diagnosis::Next::Found(error, diagnosis) => match &diagnosis {
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
