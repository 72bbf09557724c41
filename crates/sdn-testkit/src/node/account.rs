//! `GET account/whoami`.

use serde_json::json;

use crate::answer::Answer;

pub(super) fn whoami(user: &str) -> Answer {
    Ok(json!({ "user_id": user, "is_guest": false, "device_id": "TESTKIT" }))
}
