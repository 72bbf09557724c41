//! Describing why a call or a flow failed, and what to do.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::Display;

use sdn_proto::flow::Stage;
use sdn_proto::{ApiError, CallError, Delivery, ErrorCode};

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
        Some(advice) => format!("{text}; {advice}"),
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
        _ => advice_about_url(error).map(Cow::Borrowed),
    }
}

const REJECTED_TOKEN: &str =
    "the token is not valid any more, so log in again; see `sdn help tokens`";

/// Returns what to do about some responses of a server, whichever it is.
pub(crate) fn advice_about_url(error: &ApiError) -> Option<&'static str> {
    match error.code() {
        Some(ErrorCode::Unrecognized) | None if error.status().as_u16() == 404 => {
            Some("check the URL, and whether the server speaks Matrix: then give --matrix")
        }
        _ => None,
    }
}

/// Returns what to do about some responses before an invitation.
///
/// An identity server that rejects a token means its own, so the node's token stays valid.
pub(crate) fn advice_at(stage: Stage, error: &ApiError) -> Option<Cow<'static, str>> {
    match stage {
        Stage::WhoAmI | Stage::OpenId | Stage::RoomCheck => advice(error),
        _ => advice_about_url(error).map(Cow::Borrowed),
    }
}
