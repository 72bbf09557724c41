//! What became of one invitation, and how that is told.

use std::time::{Duration, SystemTime};

use sdn_hyper::Error;
use sdn_proto::flow::{Arrival, CallFailure, Diagnosis, InviteFailure, Invited, Stage};
use sdn_proto::http::StatusCode;
use sdn_proto::retry::is_rate_limit;
use sdn_proto::{ApiError, CallError, Delivery, ErrorCode, Medium, ThirdPartyId};
use serde_json::Value;

use crate::drive::{Driver, with_sources};
use crate::exit::Exit;
use crate::failure::{advice, advice_at, with_advice};
use crate::identity::DECLINED;
use crate::journal::file::Word;
use crate::output::{Colour, json_object, paint, printable};

/// What became of one invitation.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) kind: Kind,
    /// One line, fit for a terminal.
    text: Option<String>,
    pub(super) status: Option<u16>,
    errcode: Option<String>,
    /// The server's own words, or ours if it said nothing.
    message: Option<String>,
    retry_after: Option<Duration>,
    /// What the identity server says is wrong, in a word.
    diagnosis: Option<&'static str>,
    /// Whom the address belongs to already.
    user_id: Option<String>,
    /// Whether the node says no before it does anything.
    is_undone: bool,
    /// Whether what is wrong is known to be about this invitee.
    is_personal: bool,
    pub(super) stop: Option<Stop>,
}

/// What need not be tried after this, and why: it would go for them as for this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    All(&'static str),
    ThirdParties(&'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Invited,
    Refused,
    NotSent,
    Unknown,
}

impl Kind {
    pub(super) fn exit(self) -> Exit {
        match self {
            Self::Invited => Exit::Success,
            Self::Refused | Self::NotSent => Exit::SomeRefused,
            Self::Unknown => Exit::SomeUnknown,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Refused => "refused",
            Self::NotSent => "not_sent",
            Self::Unknown => "unknown",
        }
    }

    fn colour(self) -> Colour {
        match self {
            Self::Invited => Colour::Green,
            Self::Refused | Self::NotSent => Colour::Red,
            Self::Unknown => Colour::Yellow,
        }
    }
}

impl Outcome {
    /// What became of the invitation of a user by ID.
    pub(super) fn of(result: Result<(), CallError<Error>>) -> Self {
        match result {
            Ok(()) => Self::invited(),
            Err(CallError::Api(error)) => Self::of_answer(&error),
            Err(error) => {
                let text = with_sources(&error);
                match error.delivery() {
                    Delivery::NotSent => Self::not_sent(text),
                    _ => Self::new(Kind::Unknown, Some(text)),
                }
            }
        }
    }

    /// What became of the invitation of an address, and what to do if it failed.
    pub(super) fn of_flow(
        result: &Result<Invited, InviteFailure>,
        id: &ThirdPartyId,
        driver: &Driver,
    ) -> Self {
        let failure = match result {
            Ok(_) => return Self::invited(),
            Err(failure) => failure,
        };
        let text = printable(&driver.explained(failure));
        match failure {
            InviteFailure::Refused(error) | InviteFailure::RateLimited(error) => {
                Self::of_answer(error)
            }
            InviteFailure::Diagnosed(error, diagnosis) => {
                let is_phone = *id.medium() == Medium::MSISDN;
                let is_open = is_phone && matches!(diagnosis, Diagnosis::Unknown);
                let text = with_advice(text, is_open.then_some(UNCLAIMED_PHONE));
                let outcome = Self::of_answer(error).with_diagnosis(text, diagnosis);
                Self { is_personal: outcome.is_personal || is_open, ..outcome }
            }
            InviteFailure::Before(stage, CallFailure::Api(error)) => {
                let text = with_advice(text, advice_at(*stage, error));
                Self { stop: before(*stage), ..Self::of_answer(error).told(Kind::NotSent, text) }
            }
            InviteFailure::Before(stage, _) => {
                Self { stop: before(*stage), ..Self::new(Kind::NotSent, Some(text)) }
            }
            InviteFailure::NoIdentityServer | InviteFailure::BadIdentityServer(_) => {
                Self::no_identity_server(text)
            }
            InviteFailure::TermsDeclined => {
                let stop = Some(Stop::ThirdParties(NO_TERMS));
                Self { stop, ..Self::new(Kind::NotSent, Some(DECLINED.to_owned())) }
            }
            InviteFailure::NotSent => Self::not_sent(text),
            InviteFailure::Unknown(Arrival::Arrived, failure) => {
                let status = match failure {
                    CallFailure::Api(error) => Some(error.status().as_u16()),
                    _ => None,
                };
                Self { status, ..Self::new(Kind::Invited, Some(text)) }
            }
            InviteFailure::Unknown(_, CallFailure::Api(error)) => {
                Self::of_answer(error).told(Kind::Unknown, text)
            }
            _ => Self::new(Kind::Unknown, Some(text)),
        }
    }

    /// An invitation that was not tried, and why.
    pub(super) fn not_tried(why: &str) -> Self {
        Self::new(Kind::NotSent, Some(why.to_owned()))
    }

    /// An invitation for which there is no identity server.
    pub(super) fn no_identity_server(text: String) -> Self {
        let stop = Some(Stop::ThirdParties(NO_IDENTITY_SERVER));
        Self { stop, ..Self::new(Kind::NotSent, Some(text)) }
    }

    /// What the journal says of it.
    pub(super) fn word(&self) -> Word {
        match self.kind {
            Kind::Invited => Word::Invited,
            Kind::Refused if self.is_undone => Word::NotSent,
            Kind::Refused => Word::Refused,
            Kind::NotSent => Word::NotSent,
            Kind::Unknown => Word::Unknown,
        }
    }

    /// Whether the node has failed in the same way: all that is unknown, or a refusal in the same words.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let has_same_words = self.status == other.status && self.message == other.message;
        match (self.kind, other.kind) {
            (Kind::Unknown, Kind::Unknown) => true,
            (Kind::Refused, Kind::Refused) => has_same_words && !self.is_personal,
            _ => false,
        }
    }

    fn invited() -> Self {
        Self { status: Some(200), ..Self::new(Kind::Invited, None) }
    }

    fn not_sent(text: String) -> Self {
        let stop = Some(Stop::All("not tried, for the one before could not be sent"));
        Self { stop, ..Self::new(Kind::NotSent, Some(text)) }
    }

    fn of_answer(error: &ApiError) -> Self {
        let text = error.to_string();
        let is_token_unknown = error.status() == StatusCode::UNAUTHORIZED
            || matches!(error.code(), Some(ErrorCode::UnknownToken | ErrorCode::MissingToken));
        let stop = match is_rate_limit(error) {
            true => Some(Stop::All(LIMITED)),
            false => is_token_unknown.then_some(Stop::All(NO_ACCESS)),
        };
        let message = error.message().unwrap_or(&text).to_owned();
        let kind = match error.delivery() {
            Delivery::Answered => Kind::Refused,
            _ => Kind::Unknown,
        };
        Self {
            status: Some(error.status().as_u16()),
            errcode: error.code().map(|code| code.as_str().to_owned()),
            message: Some(message),
            retry_after: error.retry_after().map(|after| after.delay_from(SystemTime::now())),
            is_undone: stop.is_some(),
            stop,
            ..Self::new(kind, Some(with_advice(text, advice(error))))
        }
    }

    /// The same, told in other words.
    fn told(self, kind: Kind, text: String) -> Self {
        Self { kind, message: Some(text.clone()), text: Some(text), ..self }
    }

    fn with_diagnosis(self, text: String, diagnosis: &Diagnosis) -> Self {
        let kind = self.kind;
        let (word, ends_all) = match diagnosis {
            Diagnosis::TokenRejected(_) => ("token_rejected", true),
            Diagnosis::TermsNotSigned => ("terms_not_signed", true),
            Diagnosis::Unreachable(_) => ("unreachable", true),
            Diagnosis::NotAnIdentityServer(_) => ("not_an_identity_server", true),
            Diagnosis::RateLimited(_) => ("rate_limited", true),
            Diagnosis::AlreadyBound(_) => ("already_bound", false),
            Diagnosis::AddressRefused(_) => ("address_refused", false),
            _ => ("unknown", false),
        };
        let user_id = match diagnosis {
            Diagnosis::AlreadyBound(user_id) => Some(user_id.as_str().to_owned()),
            _ => None,
        };
        let stop = ends_all.then_some(Stop::ThirdParties(NO_IDENTITY_SERVER));
        let is_personal =
            matches!(diagnosis, Diagnosis::AlreadyBound(_) | Diagnosis::AddressRefused(_));
        Self { diagnosis: Some(word), user_id, is_personal, stop, ..self.told(kind, text) }
    }

    fn new(kind: Kind, text: Option<String>) -> Self {
        Self {
            kind,
            message: text.clone(),
            text,
            status: None,
            errcode: None,
            retry_after: None,
            diagnosis: None,
            user_id: None,
            is_undone: false,
            is_personal: false,
            stop: None,
        }
    }

    /// One line for people.
    pub(super) fn line(&self, invitee: &str) -> String {
        let word = format!("{:<8}", self.kind.name().replace('_', " "));
        let word = paint(self.kind.colour(), &word);
        let invitee = printable(invitee);
        match &self.text {
            Some(text) => format!("{word}  {invitee}  {text}"),
            None => format!("{word}  {invitee}"),
        }
    }

    /// One line of JSON: `invitee` and `outcome`, and of the others those that there are.
    pub(super) fn json(&self, invitee: &str) -> String {
        let milliseconds = |delay: Duration| u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        json_object([
            ("invitee", Some(invitee.into())),
            ("outcome", Some(self.kind.name().into())),
            ("status", self.status.map(Value::from)),
            ("errcode", self.errcode.as_deref().map(Value::from)),
            ("message", self.message.as_deref().map(Value::from)),
            ("retry_after_ms", self.retry_after.map(milliseconds).map(Value::from)),
            ("diagnosis", self.diagnosis.map(Value::from)),
            ("user_id", self.user_id.as_deref().map(Value::from)),
        ])
    }
}

const LIMITED: &str = "not tried, for the node limits the rate";
const NO_ACCESS: &str = "not tried, for the node does not take the access token";
const NO_TERMS: &str = "not tried, for the identity server's terms are not accepted";
const NO_IDENTITY_SERVER: &str = "not tried, for the identity server failed the one before";
const NODE_FAILED: &str = "not tried, for the node failed the one before";

const UNCLAIMED_PHONE: &str =
    "many identity servers can invite no phone number that nobody has claimed";

/// What failed before the invitation fails for the others too: at the node for all, elsewhere for addresses.
fn before(stage: Stage) -> Option<Stop> {
    Some(match stage {
        Stage::WhoAmI | Stage::Look => Stop::All(NODE_FAILED),
        // User IDs need no such token.
        Stage::OpenId => Stop::ThirdParties(NODE_FAILED),
        _ => Stop::ThirdParties(NO_IDENTITY_SERVER),
    })
}
