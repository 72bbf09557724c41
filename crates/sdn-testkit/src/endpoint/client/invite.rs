//! `POST rooms/{roomId}/invite`, by third-party identifier and by user ID.

use serde_json::{Map, Value, json};

use super::{Answer, Call, Family, Refusal, State, user};
use crate::model::invitation::{Inviter, ThirdParty};

pub(crate) fn post(world: &mut State, call: &Call<'_>) -> Answer {
    let [room_id] = call.params();
    let sender = &user(world, call)?;
    let body = call.request.object()?;
    let inviter = Inviter { node: call.server, prefix: call.prefix, sender, room_id };
    let family = world.nodes[call.server].family;
    if let Some(invitee) = ThirdParty::read(family, &body)? {
        world.count_invitation(call.server)?;
        inviter.invite_third_party(world, &invitee)?;
    } else {
        let user = match family {
            Family::Synapse => user_id_as_synapse(&body)?,
            Family::Sdn => user_id_as_sdn(&body)?,
        };
        world.count_invitation(call.server)?;
        let reason = body.get("reason").filter(|reason| reason.is_string()).cloned();
        inviter.invite_user(world, user, reason)?;
    }
    Ok(json!({}))
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
