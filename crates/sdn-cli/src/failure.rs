//! Describes why a call or a flow failed, and what to do.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::Display;

use sdn_proto::flow::Stage;
use sdn_proto::{ApiError, CallError, Delivery, ErrorCode, TransportErrorKind};

use crate::output::printable;

/// Returns what failed at the node, why, and what to do.
pub(crate) fn describe(error: &CallError) -> String {
    let text = match error {
        CallError::Api(error) if error.delivery() == Delivery::Answered => {
            format!("the node refused: {error}")
        }
        _ => format!("the node: {}", with_sources(error)),
    };
    with_advice(text, error.api_error().and_then(advice))
}

/// Returns the error and its causes, in one line.
pub(crate) fn with_sources(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    printable(&text)
}

/// Returns the text, followed by the advice if there is any.
pub(crate) fn with_advice(text: String, advice: Option<impl Display>) -> String {
    match advice {
        // A server's message often ends like a sentence.
        Some(advice) => format!("{}; {advice}", text.trim_end_matches('.')),
        None => text,
    }
}

/// Returns what to do about some responses of the node.
pub(crate) fn advice(error: &ApiError) -> Option<Cow<'static, str>> {
    match error.code() {
        Some(ErrorCode::UnknownToken | ErrorCode::MissingToken) => Some(REJECTED_TOKEN.into()),
        Some(ErrorCode::ConsentNotGiven) => Some(match error.consent_uri() {
            Some(page) => {
                let page = printable(&page);
                format!("agree to the node's terms at {page}, then try again").into()
            }
            None => "agree to the node's terms, then try again".into(),
        }),
        _ => advice_about_url(error, NODE),
    }
}

const REJECTED_TOKEN: &str = "run `sdn login`, or see `sdn help tokens`";

/// A kind of server, and the option that names its URL.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    name: &'static str,
    option: &'static str,
}

pub(crate) const NODE: Kind = Kind { name: "a node", option: "--node" };
pub(crate) const IDENTITY_SERVER: Kind =
    Kind { name: "an identity server", option: "--id-server-url" };

/// Returns what to do about a response which shows that a server's URL is wrong.
pub(crate) fn advice_about_url(error: &ApiError, kind: Kind) -> Option<Cow<'static, str>> {
    let Kind { name, option } = kind;
    if let Some(location) = error.location() {
        let location = printable(location);
        return Some(match (base_of(&location), as_base(&location)) {
            (Some(base), _) => format!("it redirects to {base}; use that as {option}").into(),
            (None, Some(base)) => {
                format!("it redirects to {base}; use that as {option} if it is {name}").into()
            }
            (None, None) => {
                format!("it redirects to {location}, so this is not {name}; check the URL").into()
            }
        });
    }
    match (error.code(), error.status().as_u16()) {
        (None, 200 | 404 | 405) if is_page(error) => {
            Some(format!("this is a web site, not {name}; check the URL, and {MATRIX}").into())
        }
        (Some(ErrorCode::Unrecognized) | None, 404) => {
            Some(format!("check the URL, and {MATRIX}").into())
        }
        _ => None,
    }
}

const MATRIX: &str = "whether the server speaks Matrix: use --matrix only if it does";

/// Returns the base URL of a redirect to the same call at another server.
fn base_of(location: &str) -> Option<&str> {
    let end = ["/_api/", "/_matrix/"].into_iter().find_map(|api| location.find(api))?;
    // Plain http would reveal the tokens.
    location.starts_with("https://").then(|| &location[..=end])
}

/// Returns a redirect as a base URL, if it can be one. A login page has a query.
fn as_base(location: &str) -> Option<String> {
    let can_be = location.starts_with("https://") && !location.contains(['?', '#']);
    can_be.then(|| format!("{}/", location.trim_end_matches('/')))
}

/// Returns whether the body is HTML.
fn is_page(error: &ApiError) -> bool {
    let start = String::from_utf8_lossy(error.body());
    let start = start.trim_start().to_ascii_lowercase();
    start.starts_with("<!doctype html") || start.starts_with("<html")
}

/// Returns what to do about some failures before an invitation.
///
/// An identity server that rejects a token means its own, so the node's token stays valid.
pub(crate) fn advice_at(stage: Stage, error: &CallError) -> Option<Cow<'static, str>> {
    match (stage, error) {
        (Stage::WhoAmI | Stage::OpenId | Stage::RoomCheck, CallError::Api(error)) => advice(error),
        (Stage::WhoAmI | Stage::OpenId | Stage::RoomCheck, _) => None,
        (_, CallError::Api(error)) => advice_about_url(error, IDENTITY_SERVER),
        (_, CallError::Transport(error)) => {
            (error.kind() == TransportErrorKind::Connect).then(|| CHECK_IDENTITY_SERVER.into())
        }
    }
}

const CHECK_IDENTITY_SERVER: &str =
    "check --id-server, and give --id-server-url if the URL is not https:// and that name";
