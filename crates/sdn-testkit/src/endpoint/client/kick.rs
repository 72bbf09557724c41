//! `POST rooms/{roomId}/kick`: removes a member, or withdraws an invitation.

use http::StatusCode;
use serde_json::json;

use super::{Answer, Call, Family, Refusal, State, reason, user, user_id};

pub(crate) fn post(world: &mut State, call: &Call<'_>) -> Answer {
    let [room_id] = call.params();
    let sender = user(world, call)?;
    let body = call.request.object()?;
    let family = world.nodes[call.server].family;
    let user = user_id(family, &body)?;
    let room = world.rooms.get_mut(room_id);
    let room = match family {
        Family::Synapse => {
            let room = room.ok_or_else(|| Refusal::forbidden("Unknown room"))?;
            if !room.is_in(user) {
                return Err(Refusal::forbidden("The target user is not in the room"));
            }
            if !room.is_joined(&sender) {
                return Err(Refusal::forbidden(&format!("{sender} not in room {room_id}.")));
            }
            room
        }
        Family::Sdn => {
            let room = room
                .filter(|room| room.is_joined(&sender))
                .ok_or_else(|| Refusal::forbidden("user does not belong to room"))?;
            if !room.is_in(user) {
                let error = "cannot /kick banned or left users";
                return Err(Refusal::new(StatusCode::FORBIDDEN, "M_UNKNOWN", error));
            }
            room
        }
    };
    room.kick(&sender, user, reason(&body))?;
    Ok(json!({}))
}
