//! What a node shows its users.

pub(crate) mod account;
pub(crate) mod invite;
pub(crate) mod login;
pub(crate) mod membership;
pub(crate) mod state;
pub(crate) mod wallet;

use http::StatusCode;

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
