//! What a registration does next, and what each answer leads to.

use std::mem;

use bytes::Bytes;
use http::{Response, StatusCode};

use super::{Register, RegisterFailure, Registered, Stage};
use crate::client::{Discover, OpenIdToken, RequestOpenIdToken, WhoAmI};
use crate::error::{ApiError, Delivery, ErrorCode, InvalidInput, Rule};
use crate::flow::{CallFailure, Flow, Outgoing, Step, read};
use crate::id::{ServerName, UserId};
use crate::identity::{self, AcceptTerms, GetAccount, GetTerms, Terms};
use crate::identity_server::{IdentityServer, IdentitySession};

#[derive(Debug, Clone)]
pub(super) enum State {
    Discover,
    WhoAmI,
    RequestOpenId(UserId),
    Register(OpenIdToken),
    /// Like `CheckAccount`, with a token that was given and may be an old one.
    CheckToken,
    CheckAccount,
    GetTerms,
    AskTerms(Terms),
    AcceptTerms(Vec<String>),
    Done(Box<Result<Registered, RegisterFailure>>),
}

/// Whether an identity server takes the token for none of its own.
pub(in crate::flow) fn rejects_token(error: &ApiError) -> bool {
    error.status() == StatusCode::UNAUTHORIZED
        || matches!(
            error.code(),
            Some(ErrorCode::Unauthorized | ErrorCode::UnknownToken | ErrorCode::MissingToken)
        )
}

fn failed(failure: RegisterFailure) -> State {
    State::Done(Box::new(Err(failure)))
}

fn stopped(stage: Stage, failure: CallFailure) -> State {
    failed(RegisterFailure::Failed(stage, failure))
}

impl Register {
    pub(super) fn started(mut self) -> Self {
        self.state = match (&self.id_server, &self.domain) {
            (None, None) => failed(RegisterFailure::NoIdentityServer),
            (None, Some(_)) => State::Discover,
            (Some(_), _) => self.with_server(),
        };
        self
    }

    pub(super) fn set_id_server(&mut self, id_server: ServerName, server: IdentityServer) {
        let dialect = self.session.node().dialect();
        self.id_server = Some((id_server, server.with_dialect(dialect)));
    }

    fn with_server(&self) -> State {
        match &self.id_access_token {
            Some(_) if !self.trusts_token => State::CheckToken,
            Some(_) if !self.identifies => self.registered(),
            _ => self.identified(),
        }
    }

    fn identified(&self) -> State {
        match (&self.user_id, &self.id_access_token) {
            (None, _) => State::WhoAmI,
            (Some(user_id), None) => State::RequestOpenId(user_id.clone()),
            (Some(_), Some(_)) => self.registered(),
        }
    }

    fn registered(&self) -> State {
        match (&self.id_server, &self.id_access_token) {
            (Some((id_server, server)), Some(token)) => State::Done(Box::new(Ok(Registered {
                id_session: server.session(token.clone()),
                id_server: id_server.clone(),
                id_access_token: token.clone(),
            }))),
            _ => unreachable!("a registration needs both"),
        }
    }

    fn id_session(&self) -> Option<IdentitySession> {
        let (_, server) = self.id_server.as_ref()?;
        Some(server.session(self.id_access_token.clone()?))
    }

    /// How it ended, if it has.
    pub(in crate::flow) fn outcome(&self) -> Option<&Result<Registered, RegisterFailure>> {
        match &self.state {
            State::Done(outcome) => Some(outcome),
            _ => None,
        }
    }

    /// Forgets the token and gets another.
    pub(in crate::flow) fn register_again(&mut self) {
        self.state = self.anew();
    }

    /// Goes on with the terms, unless that was done before.
    pub(in crate::flow) fn ask_terms(&mut self) -> bool {
        let next = self.terms();
        let is_asked = next.is_some();
        if let Some(next) = next {
            self.state = next;
        }
        is_asked
    }

    fn anew(&mut self) -> State {
        self.id_access_token = None;
        self.identified()
    }

    fn terms(&mut self) -> Option<State> {
        mem::take(&mut self.may_ask_terms).then_some(State::GetTerms)
    }

    fn discovered(&mut self, response: &Response<Bytes>) -> State {
        let discovery = match read::<Discover>(self, response) {
            Ok(discovery) => discovery,
            Err(error) if error.status() == StatusCode::NOT_FOUND => {
                return failed(RegisterFailure::NoIdentityServer);
            }
            Err(error) => return stopped(Stage::Discover, CallFailure::Api(error)),
        };
        let found = self.domain.as_ref().and_then(|domain| discovery.identity_server(domain));
        match found {
            None => failed(RegisterFailure::NoIdentityServer),
            Some(Err(invalid)) => failed(RegisterFailure::BadIdentityServer(invalid)),
            Some(Ok(server)) => match server.id_server() {
                Some(name) => {
                    self.set_id_server(name, server);
                    self.with_server()
                }
                None => {
                    let invalid = InvalidInput::new(IdentityServer::FIELD, Rule::HasPath);
                    failed(RegisterFailure::BadIdentityServer(invalid))
                }
            },
        }
    }

    fn account_checked(&mut self, response: &Response<Bytes>) -> State {
        match read::<GetAccount>(self, response) {
            Ok(_) => self.registered(),
            Err(error) if error.code() == Some(&ErrorCode::TermsNotSigned) => {
                let failure = CallFailure::Api(error);
                self.terms().unwrap_or_else(|| stopped(Stage::Terms, failure))
            }
            Err(error) if matches!(self.state, State::CheckToken) && rejects_token(&error) => {
                self.anew()
            }
            Err(error) => stopped(Stage::Account, CallFailure::Api(error)),
        }
    }

    fn outgoing(&self) -> Option<Outgoing> {
        let server = self.id_server.as_ref().map(|(_, server)| server);
        Some(match &self.state {
            State::Discover => Outgoing::new(&Discover::new(), self.domain.as_ref()?),
            State::WhoAmI => Outgoing::new(&WhoAmI::new(), &self.session),
            State::RequestOpenId(user_id) => {
                Outgoing::new(&RequestOpenIdToken::new(user_id.clone()), &self.session)
            }
            State::Register(token) => {
                Outgoing::new(&identity::Register::new(token.clone()), server?)
            }
            State::CheckToken | State::CheckAccount => {
                Outgoing::new(&GetAccount::new(), &self.id_session()?)
            }
            State::GetTerms => Outgoing::new(&GetTerms::new(), server?),
            State::AcceptTerms(urls) => {
                Outgoing::new(&AcceptTerms::new(urls.clone()), &self.id_session()?)
            }
            State::AskTerms(_) | State::Done(_) => return None,
        })
    }
}

impl Flow for Register {
    type Outcome = Result<Registered, RegisterFailure>;

    fn step(&self) -> Step<Self::Outcome> {
        match &self.state {
            State::AskTerms(terms) => return Step::AcceptTerms(terms.clone()),
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
            State::WhoAmI => match read::<WhoAmI>(self, response) {
                Ok(me) => {
                    self.user_id = Some(me.user_id);
                    self.identified()
                }
                Err(error) => stopped(Stage::WhoAmI, CallFailure::Api(error)),
            },
            State::RequestOpenId(_) => match read::<RequestOpenIdToken>(self, response) {
                Ok(token) => State::Register(token),
                Err(error) => stopped(Stage::OpenId, CallFailure::Api(error)),
            },
            State::Register(_) => match read::<identity::Register>(self, response) {
                Ok(token) => {
                    self.id_access_token = Some(token);
                    State::CheckAccount
                }
                Err(error) => stopped(Stage::Register, CallFailure::Api(error)),
            },
            State::CheckToken | State::CheckAccount => self.account_checked(response),
            State::GetTerms => match read::<GetTerms>(self, response) {
                Ok(terms) => State::AskTerms(terms),
                Err(error) => stopped(Stage::Terms, CallFailure::Api(error)),
            },
            State::AcceptTerms(_) => match read::<AcceptTerms>(self, response) {
                Ok(()) => State::CheckAccount,
                Err(error) => stopped(Stage::Terms, CallFailure::Api(error)),
            },
            state @ (State::AskTerms(_) | State::Done(_)) => state,
        };
    }

    fn failed(&mut self, delivery: Delivery) {
        let stage = match &self.state {
            State::Discover => Stage::Discover,
            State::WhoAmI => Stage::WhoAmI,
            State::RequestOpenId(_) => Stage::OpenId,
            State::Register(_) => Stage::Register,
            State::CheckToken | State::CheckAccount => Stage::Account,
            State::GetTerms | State::AcceptTerms(_) => Stage::Terms,
            State::AskTerms(_) | State::Done(_) => return,
        };
        self.state = stopped(stage, CallFailure::NoAnswer(delivery));
    }

    fn waited(&mut self) {}

    fn accept(&mut self, urls: Vec<String>) {
        if let State::AskTerms(_) = self.state {
            self.state = State::AcceptTerms(urls);
        }
    }

    fn decline(&mut self) {
        if let State::AskTerms(_) = self.state {
            self.state = failed(RegisterFailure::TermsDeclined);
        }
    }
}
