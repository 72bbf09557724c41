//! Telling people why a call within a flow failed, and what to do.

use sdn_proto::Delivery;
use sdn_proto::flow::CallFailure;

use crate::drive::Driver;
use crate::identity::advice;

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
