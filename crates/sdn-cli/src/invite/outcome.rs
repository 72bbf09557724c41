//! What became of one invitation, and how that is told.

use std::error::Error;
use std::time::{Duration, SystemTime};

use sdn_proto::{ApiError, ApiErrorKind, CallError, Delivery, TransportError};
use serde_json::{Map, Value};

use crate::exit::Exit;
use crate::output::{Colour, Output, json_line, printable};

/// What became of one invitation.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) kind: Kind,
    /// One line, fit for a terminal.
    text: Option<String>,
    status: Option<u16>,
    errcode: Option<String>,
    /// The server's own words, or ours if it said nothing.
    message: Option<String>,
    retry_after: Option<Duration>,
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

    fn name(self) -> &'static str {
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
    pub(super) fn of<T: TransportError>(result: Result<(), CallError<T>>) -> Self {
        match result {
            Ok(()) => Self { status: Some(200), ..Self::new(Kind::Invited, None) },
            Err(CallError::Api(error)) => Self::of_answer(&error),
            Err(error) => {
                let kind = match error.delivery() {
                    Delivery::NotSent => Kind::NotSent,
                    _ => Kind::Unknown,
                };
                Self::new(kind, Some(with_sources(&error)))
            }
        }
    }

    /// An invitation that was not tried, and why.
    pub(super) fn not_tried(why: &str) -> Self {
        Self::new(Kind::NotSent, Some(why.to_owned()))
    }

    /// Why the invitations after this one need not be tried, if they need not: it would go for them as for this one.
    pub(super) fn why_stop(&self) -> Option<&'static str> {
        match self.kind {
            Kind::NotSent => Some("not tried, for the one before could not be sent"),
            Kind::Refused if self.status == Some(429) => {
                Some("not tried, for the node limits the rate")
            }
            _ => None,
        }
    }

    /// Whether the node failed without saying why.
    pub(super) fn is_unknown_failure(&self) -> bool {
        self.status == Some(500) && self.errcode.as_deref() == Some("M_UNKNOWN")
    }

    fn of_answer(error: &ApiError) -> Self {
        let text = error.to_string();
        Self {
            kind: kind_of_answer(error),
            status: Some(error.status().as_u16()),
            errcode: error.code().map(|code| code.as_str().to_owned()),
            message: Some(error.message().unwrap_or(&text).to_owned()),
            retry_after: error.retry_after().map(|after| after.delay_from(SystemTime::now())),
            text: Some(text),
        }
    }

    fn new(kind: Kind, text: Option<String>) -> Self {
        let message = text.clone();
        Self { kind, text, status: None, errcode: None, message, retry_after: None }
    }

    /// One line for people.
    pub(super) fn line(&self, invitee: &str, output: &Output) -> String {
        let word = format!("{:<8}", self.kind.name().replace('_', " "));
        let word = output.paint(self.kind.colour(), &word);
        let invitee = printable(invitee);
        match &self.text {
            Some(text) => format!("{word}  {invitee}  {text}"),
            None => format!("{word}  {invitee}"),
        }
    }

    /// One line of JSON: `invitee` and `outcome`, and of the others those that there are.
    pub(super) fn json(&self, invitee: &str) -> String {
        let milliseconds = |delay: Duration| u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        let members = [
            ("invitee", Some(invitee.into())),
            ("outcome", Some(self.kind.name().into())),
            ("status", self.status.map(Value::from)),
            ("errcode", self.errcode.as_deref().map(Value::from)),
            ("message", self.message.as_deref().map(Value::from)),
            ("retry_after_ms", self.retry_after.map(milliseconds).map(Value::from)),
        ];
        let present = members.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
        json_line(&Value::Object(present.collect::<Map<_, _>>()))
    }
}

/// An answer that is none of the node's own leaves it open what the node did, unless the status says that it was not
/// asked: a redirect or a client error. A proxy's 504, for instance, may follow a mail.
fn kind_of_answer(error: &ApiError) -> Kind {
    let status = error.status();
    if error.kind() == ApiErrorKind::Refused || status.is_redirection() || status.is_client_error()
    {
        Kind::Refused
    } else {
        Kind::Unknown
    }
}

/// The error and what caused it, in one line.
fn with_sources(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    printable(&text)
}
