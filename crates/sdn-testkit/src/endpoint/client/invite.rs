//! `POST rooms/{roomId}/invite`, by third-party identifier and by user ID.

use serde_json::json;

use super::{Answer, Call, State, reason, user, user_id};
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
        let user = user_id(family, &body)?;
        world.count_invitation(call.server)?;
        inviter.invite_user(world, user, reason(&body))?;
    }
    Ok(json!({}))
}
