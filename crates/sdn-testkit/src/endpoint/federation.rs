//! The endpoints of a node for other servers.

use serde_json::{Value, json};

use super::{Answer, Call, Refusal, State};

/// `PUT federation/v1/3pid/onbind`: an identity server reports that a user now owns an identifier.
pub(crate) fn onbind(world: &mut State, call: &Call<'_>) -> Answer {
    let body = Value::Object(call.request.object()?);
    let user = body["mxid"].as_str().ok_or_else(Refusal::internal)?;
    world.deliver_invites(user, &body["invites"])?;
    Ok(json!({}))
}
