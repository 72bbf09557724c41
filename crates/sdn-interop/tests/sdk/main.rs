//! Other clients at the embedded node; `sdk/` has their scripts.
//!
//!     .ci/run sdk

use sdn_testkit::Event;
use serde_json::Value;

mod ethers;
mod matrix;
mod recorded;
mod script;
mod sdn;

/// Returns the event that creates or changes a membership.
fn member(user: &str, sender: &str, content: Value) -> Event {
    Event {
        kind: "m.room.member".to_owned(),
        state_key: Some(user.to_owned()),
        sender: sender.to_owned(),
        content,
    }
}
