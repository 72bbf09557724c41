//! `GET rooms/{roomId}/state`, and `GET` and `PUT rooms/{roomId}/state/{eventType}/{stateKey}`.

use http::StatusCode;
use serde_json::{Value, json};

use super::{Answer, Call, Refusal, State, user};
use crate::model::event::Event;
use crate::model::keys;
use crate::model::room::{Room, not_in_room};

pub(crate) fn all(world: &mut State, call: &Call<'_>) -> Answer {
    let [room_id] = call.params();
    let room = joined_room(world, call, room_id)?;
    let event = |(index, event): (usize, &Event)| {
        json!({
            "type": event.kind,
            "state_key": event.state_key,
            "sender": event.sender,
            "content": event.content,
            "room_id": room_id,
            "event_id": event_id(room_id, index),
            "origin_server_ts": index,
        })
    };
    Ok(Value::Array(room.state().into_iter().map(event).collect()))
}

pub(crate) fn one(world: &mut State, call: &Call<'_>) -> Answer {
    let [room_id, kind, state_key] = call.params();
    joined_room(world, call, room_id)?
        .content(kind, state_key)
        .cloned()
        .ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "M_NOT_FOUND", "Event not found."))
}

/// Sets state, as revoking a third-party invitation does.
///
/// Real nodes have more rules for other events.
pub(crate) fn put(world: &mut State, call: &Call<'_>) -> Answer {
    let [room_id, kind, state_key] = call.params();
    let user = user(world, call)?;
    let content = Value::Object(call.request.object()?);
    let room = world.rooms.get_mut(room_id).ok_or_else(|| not_in_room(&user, room_id))?;
    let index = room.set_state(&user, kind, state_key, content)?;
    Ok(json!({ "event_id": event_id(room_id, index) }))
}

fn event_id(room_id: &str, index: usize) -> String {
    format!("${}", keys::token(&format!("event {index} of {room_id}")))
}

/// Returns the room, if the caller is a member of it.
fn joined_room<'a>(world: &'a State, call: &Call<'_>, room_id: &str) -> Result<&'a Room, Refusal> {
    let user = user(world, call)?;
    let room = world.rooms.get(room_id).filter(|room| room.is_joined(&user));
    room.ok_or_else(|| not_in_room(&user, room_id))
}
