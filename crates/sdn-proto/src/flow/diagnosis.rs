use std::fmt;

use bytes::Bytes;
use http::{Response, StatusCode};

use super::rate_limit::RateLimit;
use super::register::rejects_token;
use crate::error::{ApiError, ApiErrorKind, CallError, ErrorCode, TransportError};
use crate::id::{RoomId, UserId};
use crate::identity::{GetAccount, GetHashDetails, Lookup, StoreInvite};
use crate::identity_server::IdentitySession;
use crate::outgoing::Outgoing;
use crate::retry::is_rate_limit;
use crate::threepid::ThirdPartyId;

/// The reason why the node failed at an invitation, from its error or, if that has no reason, from
/// the identity server.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Diagnosis {
    /// The node does not trust the identity server (`M_SERVER_NOT_TRUSTED`), which only the node's
    /// operator can change.
    ServerNotTrusted,
    /// The identity server rejects the token.
    TokenRejected(ApiError),
    /// The user has not accepted the identity server's terms.
    TermsNotSigned,
    /// The identity server cannot be reached from here, or does not respond.
    Unreachable(TransportError),
    /// The server with this name is not an identity server.
    NotAnIdentityServer(ApiError),
    /// The address is already bound to this user: invite them by user ID.
    AlreadyBound(UserId),
    /// The identity server rejects the address, or cannot send to it.
    AddressRefused(ApiError),
    /// The identity server limits the rate.
    RateLimited(ApiError),
    /// The identity server reports no problem.
    Unknown,
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ServerNotTrusted => f.write_str(
                "the node does not trust that identity server; only the node's operator can \
                 change that",
            ),
            Self::TokenRejected(error) => {
                write!(f, "the identity server rejects the token; register again: {error}")
            }
            Self::TermsNotSigned => {
                f.write_str("the identity server's terms have to be accepted first")
            }
            Self::Unreachable(error) => {
                write!(f, "the identity server cannot be reached; check its name: {error}")
            }
            Self::NotAnIdentityServer(error) => {
                write!(
                    f,
                    "the server with that name is not an identity server; check its name: {error}"
                )
            }
            Self::AlreadyBound(user_id) => {
                write!(f, "the address already belongs to {user_id}; invite them by user ID")
            }
            Self::AddressRefused(error) => {
                write!(f, "the identity server rejects the address: {error}")
            }
            Self::RateLimited(error) => {
                write!(f, "the identity server limits the rate; try again later: {error}")
            }
            Self::Unknown => f.write_str("the identity server does not say what is wrong"),
        }
    }
}

/// The questions to the identity server after the node's `error`, and the next question.
#[derive(Debug, Clone)]
pub(super) struct Diagnose {
    pub(super) error: ApiError,
    question: Question,
}

#[derive(Debug, Clone)]
enum Question {
    Account,
    /// From this question on, the account's user is known.
    HashDetails(UserId),
    Lookup(UserId, Lookup),
    Store(UserId),
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

    /// Takes the response to a question. Returns the diagnosis, or `None` if there is another
    /// question, or the same one after a wait.
    pub(super) fn received(
        &mut self,
        sent: &Outgoing,
        response: &Result<Response<Bytes>, TransportError>,
        third_party_id: &ThirdPartyId,
        probes: bool,
        rate_limit: &mut RateLimit,
    ) -> Option<Diagnosis> {
        // The account is fine, so a failed lookup only means that the flow cannot decide.
        self.question = match &self.question {
            Question::Account => match rate_limit.read::<GetAccount>(sent, response)? {
                Ok(user_id) => Question::HashDetails(user_id),
                Err(CallError::Api(error)) => return Some(account_diagnosis(error)),
                Err(CallError::Transport(error)) => return Some(Diagnosis::Unreachable(error)),
            },
            Question::HashDetails(sender) => {
                let details = rate_limit.read::<GetHashDetails>(sent, response)?.ok();
                let lookup = details
                    .and_then(|details| Lookup::new(vec![as_bound(third_party_id)], &details).ok());
                match lookup {
                    Some(lookup) => Question::Lookup(sender.clone(), lookup),
                    None if probes => Question::Store(sender.clone()),
                    None => return Some(Diagnosis::Unknown),
                }
            }
            Question::Lookup(sender, lookup) => {
                let mappings = rate_limit.read::<Lookup>(sent, response)?.ok();
                let user = mappings.and_then(|found| Some(lookup.found(&found).next()?.1.clone()));
                match user {
                    Some(user_id) => return Some(Diagnosis::AlreadyBound(user_id)),
                    None if probes => Question::Store(sender.clone()),
                    None => return Some(Diagnosis::Unknown),
                }
            }
            Question::Store(_) => {
                return Some(match rate_limit.read::<StoreInvite>(sent, response)? {
                    Err(CallError::Api(error)) => store_diagnosis(error),
                    _ => Diagnosis::Unknown,
                });
            }
        };
        None
    }
}

/// Returns the identifier as identity servers store it. A node fails at a bound address with
/// capitals, because it does not fold them.
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
        // The account was fine a moment ago, so the identity server refuses the address.
        Some(_) => Diagnosis::AddressRefused(error),
        None => Diagnosis::Unknown,
    }
}
