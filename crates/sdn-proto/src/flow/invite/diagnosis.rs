use std::fmt;

use bytes::Bytes;
use http::{Response, StatusCode};

use super::super::rate_limit::is_rate_limit;
use super::super::register::rejects_token;
use super::super::{Flow, Outgoing, read};
use crate::error::{ApiError, ApiErrorKind, Delivery, ErrorCode};
use crate::id::{RoomId, UserId};
use crate::identity::{GetAccount, GetHashDetails, Lookup, StoreInvite};
use crate::identity_server::IdentitySession;
use crate::threepid::ThirdPartyId;

/// What the identity server says of an invitation that the node failed at without saying why.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Diagnosis {
    /// The identity server does not take the token.
    TokenRejected(ApiError),
    /// The user has not accepted the identity server's terms.
    TermsNotSigned,
    /// The identity server cannot be reached from here, or does not answer.
    Unreachable(Delivery),
    /// What answers there is no identity server.
    NotAnIdentityServer(ApiError),
    /// The address is bound to this user already: invite them by user ID.
    AlreadyBound(UserId),
    /// The identity server does not take the address, or cannot send to it.
    AddressRefused(ApiError),
    /// The identity server limits its rate.
    RateLimited(ApiError),
    /// The identity server sees nothing wrong, as far as it says.
    Unknown,
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TokenRejected(error) => {
                write!(f, "the identity server does not take the token; register anew: {error}")
            }
            Self::TermsNotSigned => {
                f.write_str("the identity server's terms have to be accepted first")
            }
            Self::Unreachable(_) => {
                f.write_str("the identity server cannot be reached; check its name")
            }
            Self::NotAnIdentityServer(error) => {
                write!(f, "what answers there is no identity server; check its name: {error}")
            }
            Self::AlreadyBound(user_id) => {
                write!(f, "the address already belongs to {user_id}; invite them by user ID")
            }
            Self::AddressRefused(error) => {
                write!(f, "the identity server does not take the address: {error}")
            }
            Self::RateLimited(error) => {
                write!(f, "the identity server limits its rate; try again later: {error}")
            }
            Self::Unknown => f.write_str("the identity server does not say what is wrong"),
        }
    }
}

/// Asking the identity server what is wrong: the node's error, and what is asked at the moment.
#[derive(Debug, Clone)]
pub(super) struct Diagnose {
    pub(super) error: ApiError,
    question: Question,
}

#[derive(Debug, Clone)]
enum Question {
    Account,
    /// This and what follows know whose account it is.
    HashDetails(UserId),
    Lookup(UserId, Lookup),
    Store(UserId),
}

/// What an answer leads to.
pub(super) enum Next {
    Ask(Diagnose),
    Found(ApiError, Diagnosis),
}

impl Diagnose {
    pub(super) fn new(error: ApiError) -> Self {
        Self { error, question: Question::Account }
    }

    pub(super) fn outgoing(
        &self,
        session: &IdentitySession,
        third_party_id: &ThirdPartyId,
        room_id: &RoomId,
    ) -> Outgoing {
        match &self.question {
            Question::Account => Outgoing::new(&GetAccount::new(), session),
            Question::HashDetails(_) => Outgoing::new(&GetHashDetails::new(), session),
            Question::Lookup(_, lookup) => Outgoing::new(lookup, session),
            Question::Store(sender) => {
                let (id, room_id) = (third_party_id.clone(), room_id.clone());
                Outgoing::new(&StoreInvite::new(id, room_id, sender.clone()), session)
            }
        }
    }

    /// Reads the response to what the flow has sent.
    pub(super) fn response(
        self,
        flow: &impl Flow,
        response: &Response<Bytes>,
        third_party_id: &ThirdPartyId,
        probes: bool,
    ) -> Next {
        // Once the account is fine, a failed lookup only means that we cannot tell.
        match &self.question {
            Question::Account => match read::<GetAccount>(flow, response) {
                Ok(user_id) => self.ask(Question::HashDetails(user_id)),
                Err(error) => self.found(account_diagnosis(error)),
            },
            Question::HashDetails(sender) => {
                let lookup = read::<GetHashDetails>(flow, response)
                    .ok()
                    .and_then(|details| Lookup::new(vec![as_bound(third_party_id)], &details).ok());
                let sender = sender.clone();
                match lookup {
                    Some(lookup) => self.ask(Question::Lookup(sender, lookup)),
                    None => self.not_bound(sender, probes),
                }
            }
            Question::Lookup(sender, lookup) => {
                let mappings = read::<Lookup>(flow, response).ok();
                let user = mappings.and_then(|found| Some(lookup.found(&found).next()?.1.clone()));
                let sender = sender.clone();
                match user {
                    Some(user_id) => self.found(Diagnosis::AlreadyBound(user_id)),
                    None => self.not_bound(sender, probes),
                }
            }
            Question::Store(_) => match read::<StoreInvite>(flow, response) {
                Ok(_) => self.found(Diagnosis::Unknown),
                Err(error) => self.found(store_diagnosis(error)),
            },
        }
    }

    pub(super) fn failed(self, delivery: Delivery) -> Next {
        match &self.question {
            Question::Account => self.found(Diagnosis::Unreachable(delivery)),
            _ => self.found(Diagnosis::Unknown),
        }
    }

    fn not_bound(self, sender: UserId, probes: bool) -> Next {
        if probes { self.ask(Question::Store(sender)) } else { self.found(Diagnosis::Unknown) }
    }

    fn ask(self, question: Question) -> Next {
        Next::Ask(Self { question, ..self })
    }

    fn found(self, diagnosis: Diagnosis) -> Next {
        Next::Found(self.error, diagnosis)
    }
}

/// The identifier as identity servers keep it: a node fails at a bound address in capitals, since it does not fold it.
fn as_bound(third_party_id: &ThirdPartyId) -> ThirdPartyId {
    let folded = ThirdPartyId::checked(third_party_id.medium().clone(), third_party_id.address());
    folded.unwrap_or_else(|_| third_party_id.clone())
}

fn account_diagnosis(error: ApiError) -> Diagnosis {
    match error.code() {
        Some(ErrorCode::TermsNotSigned) => Diagnosis::TermsNotSigned,
        _ if is_rate_limit(&error) => Diagnosis::RateLimited(error),
        Some(_) if rejects_token(&error) => Diagnosis::TokenRejected(error),
        _ if error.kind() == ApiErrorKind::Malformed || error.status() == StatusCode::NOT_FOUND => {
            Diagnosis::NotAnIdentityServer(error)
        }
        _ => Diagnosis::Unknown,
    }
}

fn store_diagnosis(error: ApiError) -> Diagnosis {
    if let Some(user_id) = StoreInvite::bound_to(&error) {
        return Diagnosis::AlreadyBound(user_id);
    }
    match error.code() {
        _ if is_rate_limit(&error) => Diagnosis::RateLimited(error),
        Some(ErrorCode::TermsNotSigned) => Diagnosis::TermsNotSigned,
        Some(ErrorCode::Unauthorized | ErrorCode::UnknownToken) => Diagnosis::TokenRejected(error),
        // The account was fine a moment ago, so what is refused is the address.
        Some(_) => Diagnosis::AddressRefused(error),
        None => Diagnosis::Unknown,
    }
}
