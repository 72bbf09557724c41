//! `POST rooms/{roomId}/join`, `POST join/{roomIdOrAlias}`, `POST rooms/{roomId}/leave` and `GET
//! joined_rooms`.

use http::StatusCode;
use serde_json::json;

use super::{Answer, Call, Refusal, State, reason, user};
use crate::model::room::not_in_room;

/// Joins. A `third_party_signed` first becomes an invitation.
pub(crate) fn join(world: &mut State, call: &Call<'_>) -> Answer {
    let [room_id] = call.params();
    join_room(world, call, room_id)
}

/// Joins by room ID or alias.
pub(crate) fn join_by_id_or_alias(world: &mut State, call: &Call<'_>) -> Answer {
    let [room] = call.params();
    match room.chars().next() {
        Some('!') => join_room(world, call, room),
        Some('#') => {
            user(world, call)?;
            let room_id = world.resolve_alias(room)?.to_owned();
            join_room(world, call, &room_id)
        }
        _ => {
            user(world, call)?;
            let error = format!("{room} was not legal room ID or room alias");
            Err(Refusal::bad_request("M_UNKNOWN", &error))
        }
    }
}

fn join_room(world: &mut State, call: &Call<'_>, room_id: &str) -> Answer {
    let user = user(world, call)?;
    let body = call.request.object()?;
    let room = world.rooms.get_mut(room_id).ok_or_else(|| {
        let error =
            "Can't join remote room because no servers that are in the room have been provided.";
        Refusal::new(StatusCode::NOT_FOUND, "M_UNKNOWN", error)
    })?;
    if let Some(signed) = body.get("third_party_signed") {
        // Real nodes do not check that the proof names the inviter, and fail without it.
        let sender = signed["sender"].as_str().ok_or_else(Refusal::internal)?;
        room.accept_third_party(sender, &user, signed)?;
    }
    room.join(&user, reason(&body))?;
    Ok(json!({ "room_id": room_id }))
}

/// Leaves, or declines an invitation.
pub(crate) fn leave(world: &mut State, call: &Call<'_>) -> Answer {
    let [room_id] = call.params();
    let user = user(world, call)?;
    let body = call.request.object()?;
    let room = world.rooms.get_mut(room_id).ok_or_else(|| not_in_room(&user, room_id))?;
    room.leave(&user, reason(&body))?;
    Ok(json!({}))
}

pub(crate) fn joined_rooms(world: &mut State, call: &Call<'_>) -> Answer {
    let user = user(world, call)?;
    let rooms = world.rooms.iter().filter(|(_, room)| room.is_joined(&user));
    Ok(json!({ "joined_rooms": rooms.map(|(id, _)| id).collect::<Vec<_>>() }))
}
