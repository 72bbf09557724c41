//! What a node shows its users.

pub(crate) mod account;
pub(crate) mod invite;
pub(crate) mod login;
pub(crate) mod membership;
pub(crate) mod state;

use http::StatusCode;

use super::{Answer, Call, Refusal, State};
use crate::model::node::Device;

/// Returns the user ID of the caller.
fn user(world: &State, call: &Call<'_>) -> Result<String, Refusal> {
    device(world, call).map(|device| device.user.clone())
}

/// Returns the device that the caller's token was issued to.
fn device<'a>(world: &'a State, call: &Call<'_>) -> Result<&'a Device, Refusal> {
    let missing = |error| Refusal::new(StatusCode::UNAUTHORIZED, "M_MISSING_TOKEN", error);
    let token = call.request.bearer().map_err(missing)?;
    let unknown = || {
        Refusal::new(StatusCode::UNAUTHORIZED, "M_UNKNOWN_TOKEN", "Invalid access token passed.")
            .with("soft_logout", false)
    };
    world.nodes[call.server].tokens.get(token).ok_or_else(unknown)
}
