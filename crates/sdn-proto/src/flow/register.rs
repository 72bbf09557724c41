//! Registers with an identity server.
//!
//! ```text
//! Discover ─► WhoAmI ─► RequestOpenId ─► Register ─► CheckAccount ─► Done
//!    │          ▲                                      │ terms ▲
//!    │          │ rejected                             ▼       │
//!    └─────► CheckToken ─► Done       ┌───────────► GetTerms   │
//!               │ terms               │                │       │
//!               └─────────────────────┘                ▼       │
//!                                       Done(PendingTerms) ┄► AcceptTerms
//! ```
//!
//! `Discover` follows redirects. It is skipped if the caller names the identity server, `WhoAmI` if
//! the user ID is known, and `CheckToken` if the caller has no token. After a rate limit within the
//! budget, the flow waits in the same state. Any other failed call leads to `Done` with its error.

use std::mem;
use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};

use super::discover::{self, Question};
use super::rate_limit::RateLimit;
use super::{DiscoverError, Flow, IdentityServerAt, PendingTerms, Stage, Step};
use crate::client::{OpenIdToken, RequestOpenIdToken, WhoAmI};
use crate::error::{ApiError, CallError, ErrorCode, InvalidInput, Rule, TransportError};
use crate::id::{ServerName, UserId};
use crate::identity::{self, AcceptTerms, GetAccount, GetTerms, Terms, UnreadableTerms};
use crate::identity_server::{IdentityServer, IdentitySession};
use crate::node::Session;
use crate::outgoing::Outgoing;
use crate::secret::IdAccessToken;

/// Registers with an identity server, starting from a node's access token.
///
/// It finds the identity server, registers there with an OpenID token from the node, and returns
/// the terms of service that have to be accepted. With [an identity server
/// token](Self::with_id_access_token) it asks whether the server accepts the token, and registers
/// only if not.
///
/// Use it before a [`Lookup`](crate::identity::Lookup), or before an acceptance that [the server
/// signs](super::AcceptFlow::signed_by_server). [`InviteFlow`](super::InviteFlow) registers by
/// itself.
///
/// ```
/// use sdn_proto::flow::{Flow, RegisterFlow, Step};
/// use sdn_proto::{AccessToken, IdentityServer, Node, ServerName};
///
/// let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
/// let mut flow = RegisterFlow::new(session, ServerName::new("id.example")?);
/// // Your HTTP stack returns these responses, or `Client::run` of a transport does it all.
/// for (path, response) in [
///     ("/_api/client/v3/account/whoami", r#"{"user_id":"@alice:node.example"}"#),
///     (
///         "/_api/client/v3/user/%40alice%3Anode.example/openid/request_token",
///         r#"{"access_token":"oid","token_type":"Bearer","matrix_server_name":"node.example","expires_in":3600}"#,
///     ),
///     ("/_api/identity/v2/account/register", r#"{"token":"id_secret"}"#),
///     ("/_api/identity/v2/account", r#"{"user_id":"@alice:node.example"}"#),
/// ] {
///     let Step::Send(outgoing) = flow.step() else { panic!() };
///     assert_eq!(outgoing.request().uri().path(), path);
///     flow.received(Ok(http::Response::new(response.into())));
/// }
/// let Step::Done(Ok(registered)) = flow.step() else { panic!() };
/// assert_eq!(registered.id_server.as_str(), "id.example");
/// assert_eq!(registered.id_session.server(), &IdentityServer::new("https://id.example")?);
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
#[derive(Debug, Clone)]
pub struct RegisterFlow {
    session: Session,
    at: IdentityServerAt,
    user_id: Option<UserId>,
    id_access_token: Option<IdAccessToken>,
    /// Whether the caller's token is used without a check at the identity server.
    trusts_token: bool,
    /// Whether the flow may still request the terms. Nothing else leads back to an earlier state.
    may_ask_terms: bool,
    /// Also the budget of a flow that contains this one.
    pub(super) rate_limit: RateLimit,
    state: State,
}

/// An identity server that accepts the user.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Registered {
    /// The session at the identity server, to send calls with.
    pub id_session: IdentitySession,
    /// The name by which the node knows the identity server.
    pub id_server: ServerName,
    /// The token by itself. Keep it for the next time.
    pub id_access_token: IdAccessToken,
}

/// The error of a registration with an identity server.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum RegisterError {
    /// Discovering the identity server failed.
    NotDiscovered(DiscoverError),
    /// The domain's discovery document names no identity server.
    NoIdentityServer,
    /// The domain's discovery document names an identity server that cannot or must not be used.
    BadIdentityServer(InvalidInput),
    /// A call failed.
    Failed(Stage, CallError),
    /// The identity server has terms that the person has to accept first.
    Terms(PendingTerms<RegisterFlow>),
    /// The identity server has terms without a readable text, so nobody can accept them.
    UnreadableTerms(UnreadableTerms),
}

/// The known place of an identity server.
#[derive(Debug, Clone)]
struct Place {
    name: ServerName,
    base: IdentityServer,
}

impl Place {
    fn at(&self) -> IdentityServerAt {
        IdentityServerAt::Server { name: self.name.clone(), base: self.base.clone() }
    }

    fn registered(&self, token: IdAccessToken) -> Registered {
        Registered {
            id_session: self.base.session(token.clone()),
            id_server: self.name.clone(),
            id_access_token: token,
        }
    }
}

#[derive(Debug, Clone)]
enum State {
    Discover(Question),
    CheckToken(Place, Registered),
    WhoAmI(Place),
    RequestOpenId(Place, UserId),
    Register(Place, OpenIdToken),
    CheckAccount(Registered),
    GetTerms(Registered),
    AcceptTerms(Registered, Vec<String>),
    Done(Box<Result<Registered, RegisterError>>),
}

fn done(outcome: Result<Registered, RegisterError>) -> State {
    State::Done(Box::new(outcome))
}

fn failed(stage: Stage, error: CallError) -> State {
    done(Err(RegisterError::Failed(stage, error)))
}

/// Returns whether the identity server rejected the token.
pub(super) fn rejects_token(error: &ApiError) -> bool {
    error.status() == StatusCode::UNAUTHORIZED
        || matches!(
            error.code(),
            Some(ErrorCode::Unauthorized | ErrorCode::UnknownToken | ErrorCode::MissingToken)
        )
}

impl RegisterFlow {
    /// Registers the session's user with an identity server, which is `at` a name or base URL, or
    /// is discovered.
    pub fn new(session: Session, at: impl Into<IdentityServerAt>) -> Self {
        let dialect = session.node().dialect();
        let (at, state) = match at.into() {
            IdentityServerAt::Server { name, base } => {
                let place = Place { name, base: base.with_dialect(dialect) };
                (place.at(), State::WhoAmI(place))
            }
            IdentityServerAt::Discover(domain) => {
                let domain = domain.with_dialect(dialect);
                (IdentityServerAt::Discover(domain.clone()), State::Discover(Question::new(domain)))
            }
        };
        Self {
            session,
            at,
            user_id: None,
            id_access_token: None,
            trusts_token: false,
            may_ask_terms: true,
            rate_limit: RateLimit::new(Duration::ZERO),
            state,
        }
    }

    /// Uses this identity server token if the identity server accepts it.
    #[must_use]
    pub fn with_id_access_token(mut self, token: IdAccessToken) -> Self {
        self.id_access_token = Some(token);
        self.restart();
        self
    }

    /// Sets the session's user ID, so that `whoami` is not called.
    #[must_use]
    pub fn with_user_id(mut self, user_id: UserId) -> Self {
        self.user_id = Some(user_id);
        self.restart();
        self
    }

    /// Waits up to `budget` in all if a server limits the rate. The default is not to wait.
    #[must_use]
    pub fn with_wait_budget(self, budget: Duration) -> Self {
        Self { rate_limit: RateLimit::new(budget), ..self }
    }

    /// Uses the caller's token without a check at the identity server.
    pub(super) fn with_trusted_token(mut self) -> Self {
        self.trusts_token = true;
        self.restart();
        self
    }

    /// Returns the identity server token that the flow has: the caller's, or that of its
    /// registration.
    ///
    /// Keep it even if the flow failed, so that the next one does not register again. Drive
    /// `&mut flow`, then call this.
    pub fn id_access_token(&self) -> Option<&IdAccessToken> {
        self.id_access_token.as_ref()
    }

    /// Returns the session's user ID, if the flow knows it.
    pub(super) fn user_id(&self) -> Option<&UserId> {
        self.user_id.as_ref()
    }

    /// Returns how the flow ended, if it has.
    pub(super) fn outcome(&self) -> Option<&Result<Registered, RegisterError>> {
        match &self.state {
            State::Done(outcome) => Some(outcome),
            _ => None,
        }
    }

    /// Drops the token and registers again.
    pub(super) fn register_again(&mut self) {
        self.id_access_token = None;
        self.restart();
    }

    /// Continues with the terms, unless the flow has already requested them.
    pub(super) fn ask_terms(&mut self, registered: Registered) -> bool {
        let may_ask = mem::take(&mut self.may_ask_terms);
        if may_ask {
            self.state = State::GetTerms(registered);
        }
        may_ask
    }

    /// Continues with the URLs that the person accepts.
    pub(super) fn accept_terms(mut self, urls: Vec<String>) -> Self {
        if let State::AcceptTerms(_, accepted) = &mut self.state {
            *accepted = urls;
        }
        self
    }

    fn restart(&mut self) {
        self.state = match &self.at {
            IdentityServerAt::Discover(domain) => State::Discover(Question::new(domain.clone())),
            IdentityServerAt::Server { name, base } => {
                self.located(Place { name: name.clone(), base: base.clone() })
            }
        };
    }

    fn located(&self, place: Place) -> State {
        match &self.id_access_token {
            Some(token) if self.trusts_token => done(Ok(place.registered(token.clone()))),
            Some(token) => State::CheckToken(place.clone(), place.registered(token.clone())),
            None => self.identified(place),
        }
    }

    fn identified(&self, place: Place) -> State {
        match &self.user_id {
            Some(user_id) => State::RequestOpenId(place, user_id.clone()),
            None => State::WhoAmI(place),
        }
    }

    fn discovered(&mut self, found: Option<Result<IdentityServer, InvalidInput>>) -> State {
        let base = match found {
            None => return done(Err(RegisterError::NoIdentityServer)),
            Some(Err(invalid)) => return done(Err(RegisterError::BadIdentityServer(invalid))),
            Some(Ok(base)) => base,
        };
        let Some(name) = base.id_server() else {
            let invalid = InvalidInput::new(IdentityServer::FIELD, Rule::HasPath);
            return done(Err(RegisterError::BadIdentityServer(invalid)));
        };
        let place = Place { name, base };
        self.at = place.at();
        self.located(place)
    }

    /// Sets the state after an error of `GetAccount`.
    fn account_failed(&mut self, registered: Registered, error: CallError) -> State {
        match error.api_error().and_then(ApiError::code) {
            Some(ErrorCode::TermsNotSigned) if mem::take(&mut self.may_ask_terms) => {
                State::GetTerms(registered)
            }
            Some(ErrorCode::TermsNotSigned) => failed(Stage::Terms, error),
            _ => failed(Stage::Account, error),
        }
    }

    /// Returns the state after the response, or `None` if the flow waits.
    fn next(
        &mut self,
        sent: &Outgoing,
        response: &Result<Response<Bytes>, TransportError>,
    ) -> Option<State> {
        let rate_limit = &mut self.rate_limit;
        Some(match &self.state {
            State::Discover(question) => match question.received(response, rate_limit)? {
                discover::State::Ask(next) => State::Discover(next),
                discover::State::Done(Ok(found)) => self.discovered(found.identity_server()),
                discover::State::Done(Err(error)) => done(Err(RegisterError::NotDiscovered(error))),
            },
            State::CheckToken(place, at) => match rate_limit.read::<GetAccount>(sent, response)? {
                Ok(_) => done(Ok(at.clone())),
                Err(error) if error.api_error().is_some_and(rejects_token) => {
                    let place = place.clone();
                    self.id_access_token = None;
                    self.identified(place)
                }
                Err(error) => self.account_failed(at.clone(), error),
            },
            State::WhoAmI(place) => match rate_limit.read::<WhoAmI>(sent, response)? {
                Ok(me) => {
                    self.user_id = Some(me.user_id.clone());
                    State::RequestOpenId(place.clone(), me.user_id)
                }
                Err(error) => failed(Stage::WhoAmI, error),
            },
            State::RequestOpenId(place, _) => {
                match rate_limit.read::<RequestOpenIdToken>(sent, response)? {
                    Ok(token) => State::Register(place.clone(), token),
                    Err(error) => failed(Stage::OpenId, error),
                }
            }
            State::Register(place, _) => {
                match rate_limit.read::<identity::Register>(sent, response)? {
                    Ok(token) => {
                        self.id_access_token = Some(token.clone());
                        State::CheckAccount(place.registered(token))
                    }
                    Err(error) => failed(Stage::Register, error),
                }
            }
            State::CheckAccount(at) => match rate_limit.read::<GetAccount>(sent, response)? {
                Ok(_) => done(Ok(at.clone())),
                Err(error) => self.account_failed(at.clone(), error),
            },
            State::GetTerms(at) => match rate_limit.read::<GetTerms>(sent, response)? {
                Ok(terms) => match terms.urls("") {
                    Ok(_) => self.terms_pending(at.clone(), terms),
                    Err(error) => done(Err(RegisterError::UnreadableTerms(error))),
                },
                Err(error) => failed(Stage::Terms, error),
            },
            State::AcceptTerms(at, _) => match rate_limit.read::<AcceptTerms>(sent, response)? {
                Ok(()) => State::CheckAccount(at.clone()),
                Err(error) => failed(Stage::Terms, error),
            },
            State::Done(_) => return None,
        })
    }

    /// Ends with the terms, and with the flow that continues after the person accepts them.
    fn terms_pending(&self, registered: Registered, terms: Terms) -> State {
        let next = Self {
            session: self.session.clone(),
            at: self.at.clone(),
            user_id: self.user_id.clone(),
            id_access_token: self.id_access_token.clone(),
            trusts_token: self.trusts_token,
            may_ask_terms: self.may_ask_terms,
            rate_limit: self.rate_limit.clone(),
            state: State::AcceptTerms(registered, Vec::new()),
        };
        done(Err(RegisterError::Terms(PendingTerms::new(terms, next))))
    }
}

impl PendingTerms<RegisterFlow> {
    /// Continues with the policies that the person accepts: the URL of one language of each.
    pub fn accept(self, urls: Vec<String>) -> RegisterFlow {
        self.into_parts().1.accept_terms(urls)
    }
}

impl Flow for RegisterFlow {
    type Outcome = Result<Registered, RegisterError>;

    fn step(&self) -> Step<Self::Outcome> {
        if let Some(delay) = self.rate_limit.delay() {
            return Step::Wait(delay);
        }
        Step::Send(match &self.state {
            State::Discover(question) => question.outgoing(),
            State::WhoAmI(_) => Outgoing::new(&WhoAmI::new(), &self.session),
            State::RequestOpenId(_, user_id) => {
                Outgoing::new(&RequestOpenIdToken::new(user_id.clone()), &self.session)
            }
            State::Register(place, token) => {
                Outgoing::new(&identity::Register::new(token.clone()), &place.base)
            }
            State::CheckToken(_, at) | State::CheckAccount(at) => {
                Outgoing::new(&GetAccount::new(), &at.id_session)
            }
            State::GetTerms(at) => Outgoing::new(&GetTerms::new(), at.id_session.server()),
            State::AcceptTerms(at, urls) => {
                Outgoing::new(&AcceptTerms::new(urls.clone()), &at.id_session)
            }
            State::Done(outcome) => return Step::Done((**outcome).clone()),
        })
    }

    fn received(&mut self, response: Result<Response<Bytes>, TransportError>) {
        let Step::Send(sent) = self.step() else { return };
        if let Some(next) = self.next(&sent, &response) {
            self.state = next;
        }
    }

    fn waited(&mut self) {
        self.rate_limit.waited();
    }
}
