//! The endpoints of a node for its users.

pub(crate) mod account;
pub(crate) mod create;
pub(crate) mod directory;
pub(crate) mod invite;
pub(crate) mod kick;
pub(crate) mod login;
pub(crate) mod membership;
pub(crate) mod state;
pub(crate) mod wallet;

use http::StatusCode;
use serde_json::{Map, Value};

use super::{Answer, Call, Refusal, State};
use crate::model::node::{Device, Family};

/// Returns the user ID of the caller.
fn user(world: &State, call: &Call<'_>) -> Result<String, Refusal> {
    device(world, call).map(|device| device.user.clone())
}

/// Returns the device that the caller's token was issued to.
fn device<'a>(world: &'a State, call: &Call<'_>) -> Result<&'a Device, Refusal> {
    let refuse = |code, error| Refusal::new(StatusCode::UNAUTHORIZED, code, error);
    let node = &world.nodes[call.server];
    let token = match node.family {
        Family::Synapse => call.request.bearer(),
        Family::Sdn => call.request.token(),
    };
    let token = token.map_err(|error| refuse("M_MISSING_TOKEN", error))?;
    node.tokens.get(token).ok_or_else(|| match node.family {
        Family::Synapse => {
            refuse("M_UNKNOWN_TOKEN", "Invalid access token passed.").with("soft_logout", false)
        }
        Family::Sdn => refuse("M_UNKNOWN_TOKEN", "Unknown token"),
    })
}

/// Returns the user ID in a body.
fn user_id(family: Family, body: &Map<String, Value>) -> Result<&str, Refusal> {
    match family {
        Family::Synapse => user_id_as_synapse(body),
        Family::Sdn => user_id_as_sdn(body),
    }
}

fn user_id_as_synapse(body: &Map<String, Value>) -> Result<&str, Refusal> {
    let missing = || Refusal::bad_request("M_MISSING_PARAM", "Missing params: ['user_id']");
    let user = body.get("user_id").ok_or_else(missing)?;
    let user = user.as_str().ok_or_else(Refusal::internal)?;
    if !user.starts_with('@') {
        let error = "Expected UserID string to start with '@'";
        return Err(Refusal::bad_request("M_INVALID_PARAM", error));
    }
    if !user.contains(':') {
        let error = "Expected UserID of the form '@localname:domain'";
        return Err(Refusal::bad_request("M_INVALID_PARAM", error));
    }
    Ok(user)
}

fn user_id_as_sdn(body: &Map<String, Value>) -> Result<&str, Refusal> {
    let user = body.get("user_id").and_then(Value::as_str).unwrap_or_default();
    if user.is_empty() {
        return Err(Refusal::bad_request("M_BAD_JSON", "missing user_id"));
    }
    if !(user.starts_with('@') && user.contains(':')) {
        return Err(Refusal::bad_request("M_INVALID_PARAM", "UserID is invalid"));
    }
    Ok(user)
}

/// Returns the reason in a body, if it is text.
fn reason(body: &Map<String, Value>) -> Option<Value> {
    body.get("reason").filter(|reason| reason.is_string()).cloned()
}
