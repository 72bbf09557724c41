//! The outcome of one invitation, and how it is printed.

use std::fmt::Display;
use std::time::Duration;

use sdn_proto::flow::{Diagnosis, InviteError, Invited, Stage};
use sdn_proto::retry::is_rate_limit;
use sdn_proto::{ApiError, CallError, Delivery, InviteStatus, Medium, RetryAfter, ThirdPartyId};
use serde_json::Value;

use crate::failure::{advice, advice_at, with_advice, with_sources};
use crate::identity::DECLINED;
use crate::output::{json_object, printable, status_word};
use crate::token::WHERE_FROM;

/// The outcome of one invitation.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) status: InviteStatus,
    /// The status of the HTTP response, if there was one.
    pub(super) http_status: Option<u16>,
    errcode: Option<String>,
    retry_after: Option<Duration>,
    /// One line that is safe for a terminal, unless the node accepted the invitation.
    text: Option<String>,
    /// The server's message, if JSON has that instead of `text`.
    words: Option<String>,
    diagnosis: Option<Diagnosis>,
    /// Whether the failure is known to be about this invitee.
    is_personal: bool,
    pub(super) stop: Option<Stop>,
}

/// The invitees that would fail in the same way, and why they are skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    All(&'static str),
    ThirdParties(&'static str),
}

impl Outcome {
    /// Returns the outcome of an invitation by user ID.
    pub(super) fn of_user(result: &Result<(), CallError>) -> Self {
        match result {
            Ok(()) => Self::invited(),
            Err(CallError::Api(error)) => Self::of_response(error),
            Err(CallError::Transport(error)) => Self {
                stop: (error.delivery() == Delivery::NotSent).then_some(Stop::All(NOT_SENT)),
                ..Self::new(error.delivery().into(), Some(with_sources(error)), None)
            },
        }
    }

    /// Returns the outcome of an invitation by e-mail address or phone number.
    pub(super) fn of_address(result: &Result<Invited, InviteError>, id: &ThirdPartyId) -> Self {
        let error = match result {
            Ok(_) => return Self::invited(),
            Err(InviteError::Refused(error) | InviteError::RateLimited(error)) => {
                return Self::of_response(error);
            }
            Err(error) => error,
        };
        let failed = Self::new(error.into(), Some(with_sources(error)), error.api_error());
        match error {
            InviteError::Before(stage, error) => {
                Self { stop: Some(stop_before(*stage)), ..failed.advised(advice_at(*stage, error)) }
            }
            InviteError::Diagnosed(_, diagnosis) => failed.diagnosed(diagnosis, id),
            InviteError::NotDiscovered(_)
            | InviteError::NoIdentityServer
            | InviteError::BadIdentityServer(_) => {
                Self { stop: Some(Stop::ThirdParties(NO_IDENTITY_SERVER)), ..failed }
            }
            InviteError::Terms(_) => Self {
                text: Some(DECLINED.to_owned()),
                stop: Some(Stop::ThirdParties(NO_TERMS)),
                ..failed
            },
            InviteError::UnreadableTerms(_) => {
                Self { stop: Some(Stop::ThirdParties(UNREADABLE_TERMS)), ..failed }
            }
            InviteError::NotSent(_) => Self { stop: Some(Stop::All(NOT_SENT)), ..failed },
            _ => failed,
        }
    }

    /// Returns the outcome of an invitation that was skipped, and why.
    pub(super) fn skipped(why: &str) -> Self {
        Self::new(InviteStatus::NotSent, Some(why.to_owned()), None)
    }

    /// Returns the outcome of an invitation without a known identity server.
    pub(super) fn no_identity_server(text: String) -> Self {
        let stop = Some(Stop::ThirdParties(NO_IDENTITY_SERVER));
        Self { stop, ..Self::new(InviteStatus::NotSent, Some(text), None) }
    }

    fn invited() -> Self {
        Self { http_status: Some(200), ..Self::new(InviteStatus::Invited, None, None) }
    }

    /// Returns what the node's response to an invitation means.
    fn of_response(error: &ApiError) -> Self {
        let status = InviteStatus::from(error);
        let stop = match status {
            InviteStatus::NotSent if is_rate_limit(error) => Some(Stop::All(LIMITED)),
            InviteStatus::NotSent => Some(Stop::All(NO_ACCESS)),
            _ => None,
        };
        let failed = Self::new(status, Some(error.to_string()), Some(error));
        let words = error.message().map_or_else(|| error.to_string(), str::to_owned);
        Self { words: Some(words), stop, ..failed.advised(advice(error)) }
    }

    fn new(status: InviteStatus, text: Option<String>, response: Option<&ApiError>) -> Self {
        let retry_after = response.and_then(ApiError::retry_after);
        Self {
            status,
            http_status: response.map(|error| error.status().as_u16()),
            errcode: response.and_then(ApiError::code).map(|code| code.as_str().to_owned()),
            // Without the server's clock, a date does not give a delay.
            retry_after: match retry_after {
                Some(RetryAfter::Delay(delay)) => Some(delay),
                _ => None,
            },
            text,
            words: None,
            diagnosis: None,
            is_personal: false,
            stop: None,
        }
    }

    fn advised(self, advice: Option<impl Display>) -> Self {
        Self { text: self.text.map(|text| with_advice(text, advice)), ..self }
    }

    fn diagnosed(self, diagnosis: &Diagnosis, id: &ThirdPartyId) -> Self {
        let is_unclaimed =
            *id.medium() == Medium::MSISDN && matches!(diagnosis, Diagnosis::Unknown);
        let is_about_address =
            matches!(diagnosis, Diagnosis::AlreadyBound(_) | Diagnosis::AddressRefused(_));
        let stop = match diagnosis {
            Diagnosis::Unknown => None,
            Diagnosis::ServerNotTrusted => Some(Stop::ThirdParties(NOT_TRUSTED)),
            _ => (!is_about_address).then_some(Stop::ThirdParties(NO_IDENTITY_SERVER)),
        };
        let advice = match diagnosis {
            Diagnosis::TokenRejected(_) => Some(WHERE_FROM),
            _ => is_unclaimed.then_some(UNCLAIMED_PHONE),
        };
        Self {
            diagnosis: Some(diagnosis.clone()),
            is_personal: is_about_address || is_unclaimed,
            stop,
            ..self.advised(advice)
        }
    }

    /// Returns whether the node failed in the same way: the outcome is unknown, or it refused with
    /// the same message.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let has_same_message =
            self.http_status == other.http_status && self.message() == other.message();
        match (self.status, other.status) {
            (InviteStatus::Unknown, InviteStatus::Unknown) => true,
            (InviteStatus::Refused, InviteStatus::Refused) => has_same_message && !self.is_personal,
            _ => false,
        }
    }

    fn message(&self) -> Option<&str> {
        self.words.as_deref().or(self.text.as_deref())
    }

    /// Returns one line for people.
    pub(super) fn line(&self, invitee: &str) -> String {
        let line = format!("{}  {}", status_word(self.status), printable(invitee));
        match &self.text {
            Some(text) => format!("{line}  {text}"),
            None => line,
        }
    }

    /// Returns one line of JSON: `invitee`, `outcome`, and the other members that have a value.
    pub(super) fn json(&self, invitee: &str) -> String {
        let milliseconds = |delay: Duration| u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        let user_id = match &self.diagnosis {
            Some(Diagnosis::AlreadyBound(user_id)) => Some(user_id.as_str()),
            _ => None,
        };
        json_object([
            ("invitee", Some(invitee.into())),
            ("outcome", Some(self.status.as_str().into())),
            ("status", self.http_status.map(Value::from)),
            ("errcode", self.errcode.as_deref().map(Value::from)),
            ("message", self.message().map(Value::from)),
            ("retry_after_ms", self.retry_after.map(milliseconds).map(Value::from)),
            ("diagnosis", self.diagnosis.as_ref().map(diagnosis_word).map(Value::from)),
            ("user_id", user_id.map(Value::from)),
        ])
    }
}

fn diagnosis_word(diagnosis: &Diagnosis) -> &'static str {
    match diagnosis {
        Diagnosis::ServerNotTrusted => "server_not_trusted",
        Diagnosis::TokenRejected(_) => "token_rejected",
        Diagnosis::TermsNotSigned => "terms_not_signed",
        Diagnosis::Unreachable(_) => "unreachable",
        Diagnosis::NotAnIdentityServer(_) => "not_an_identity_server",
        Diagnosis::RateLimited(_) => "rate_limited",
        Diagnosis::AlreadyBound(_) => "already_bound",
        Diagnosis::AddressRefused(_) => "address_refused",
        _ => "unknown",
    }
}

const NOT_SENT: &str = "skipped: an earlier invitation could not be sent";
const LIMITED: &str = "skipped: the node limits the rate";
const NO_ACCESS: &str = "skipped: the node rejects the access token";
const NO_TERMS: &str = "skipped: the identity server's terms are not accepted";
const UNREADABLE_TERMS: &str = "skipped: the identity server's terms cannot be read";
const NO_IDENTITY_SERVER: &str = "skipped: the identity server failed before";
const NOT_TRUSTED: &str = "skipped: the node does not trust the identity server";
const NODE_FAILED: &str = "skipped: the node failed before";

const UNCLAIMED_PHONE: &str = "many identity servers cannot invite a phone number that nobody has claimed; invite this person \
     by e-mail address or user ID";

/// Returns which invitees are skipped after a call before an invitation failed: all if the node
/// failed, and only addresses otherwise.
fn stop_before(stage: Stage) -> Stop {
    match stage {
        Stage::WhoAmI | Stage::RoomCheck => Stop::All(NODE_FAILED),
        // User IDs need no such token.
        Stage::OpenId => Stop::ThirdParties(NODE_FAILED),
        _ => Stop::ThirdParties(NO_IDENTITY_SERVER),
    }
}
