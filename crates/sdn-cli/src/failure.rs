//! Telling people why a call within a flow failed, and what to do.

use sdn_proto::flow::{CallFailure, Stage};
use sdn_proto::{ApiError, Delivery, ErrorCode};

use crate::drive::Driver;

/// What failed at the node, why, and what to do.
pub(crate) fn told(failure: &CallFailure, driver: &Driver) -> String {
    match failure {
        CallFailure::Api(error) if error.delivery() == Delivery::Answered => {
            with_advice(format!("the node refused: {error}"), advice(error))
        }
        _ => driver.explained(format_args!("the node: {failure}")),
    }
}

pub(crate) fn with_advice(text: String, advice: Option<&str>) -> String {
    match advice {
        Some(advice) => format!("{text}; {advice}"),
        None => text,
    }
}

/// What to do about some answers of a server.
pub(crate) fn advice(error: &ApiError) -> Option<&'static str> {
    match error.code() {
        Some(ErrorCode::UnknownToken | ErrorCode::MissingToken) => {
            Some("log in again and set SDN_ACCESS_TOKEN anew")
        }
        Some(ErrorCode::Unrecognized) | None if error.status().as_u16() == 404 => {
            Some("check the URL, and whether the server speaks Matrix: then give --matrix")
        }
        _ => None,
    }
}

/// The same for an answer on the way to an invitation: an identity server that rejects a token means its own.
pub(crate) fn advice_at(stage: Stage, error: &ApiError) -> Option<&'static str> {
    let is_of_node = matches!(stage, Stage::WhoAmI | Stage::OpenId | Stage::Look);
    advice(error).filter(|_| is_of_node || error.status().as_u16() == 404)
}
