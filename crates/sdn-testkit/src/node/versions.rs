//! `GET versions`.

use serde_json::json;

use crate::answer::Answer;

pub(super) fn get() -> Answer {
    Ok(json!({ "versions": ["v1.11", "v1.12"], "unstable_features": {} }))
}
