//! `GET rooms/{roomId}/state`, and `GET` and `PUT rooms/{roomId}/state/{eventType}/{stateKey}`, for members.

use http::StatusCode;
use serde_json::{Value, json};

use crate::answer::{Answer, Refusal};
use crate::request::Parsed;
use crate::room::{Room, not_in_room};
use crate::world::State;

pub(super) fn all(world: &State, user: &str, room_id: &str) -> Answer {
    let room = joined_room(world, user, room_id)?;
    let event = |(index, event): (usize, &crate::Event)| {
        json!({
            "type": event.kind,
            "state_key": event.state_key,
            "sender": event.sender,
            "content": event.content,
            "room_id": room_id,
            "event_id": event_id(index),
            "origin_server_ts": index,
        })
    };
    Ok(Value::Array(room.state().into_iter().map(event).collect()))
}

pub(super) fn one(world: &State, user: &str, room_id: &str, kind: &str, state_key: &str) -> Answer {
    let room = joined_room(world, user, room_id)?;
    room.content(kind, state_key)
        .cloned()
        .ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "M_NOT_FOUND", "Event not found."))
}

/// Sets state, as revoking a third-party invitation does; a real node has more rules for other events.
pub(super) fn put(
    world: &mut State,
    user: &str,
    room_id: &str,
    (kind, state_key): (&str, &str),
    request: &Parsed,
) -> Answer {
    let content = Value::Object(request.object()?);
    let room = world.rooms.get_mut(room_id).ok_or_else(|| not_in_room(user, room_id))?;
    let index = room.set_state(user, kind, state_key, content)?;
    Ok(json!({ "event_id": event_id(index) }))
}

fn event_id(index: usize) -> String {
    format!("$event{index}")
}

fn joined_room<'a>(world: &'a State, user: &str, room_id: &str) -> Result<&'a Room, Refusal> {
    let room = world.rooms.get(room_id).filter(|room| room.is_joined(user));
    room.ok_or_else(|| not_in_room(user, room_id))
}
