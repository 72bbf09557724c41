//! `POST rooms/{roomId}/join` and `POST rooms/{roomId}/leave`.

use http::StatusCode;
use serde_json::json;

use crate::answer::{Answer, Refusal};
use crate::request::Parsed;
use crate::room::not_in_room;
use crate::world::State;

/// Joins, after `third_party_signed` has become an invitation if there is one.
pub(super) fn join(world: &mut State, user: &str, room_id: &str, request: &Parsed) -> Answer {
    let body = request.object()?;
    let room = world.rooms.get_mut(room_id).ok_or_else(|| {
        let error =
            "Can't join remote room because no servers that are in the room have been provided.";
        Refusal::new(StatusCode::NOT_FOUND, "M_UNKNOWN", error)
    })?;
    if let Some(signed) = body.get("third_party_signed") {
        // Real nodes stumble over a proof that does not say who invited.
        let sender = signed["sender"].as_str().ok_or_else(Refusal::internal)?;
        room.accept_third_party(sender, user, signed)?;
    }
    room.join(user, body.get("reason").filter(|reason| reason.is_string()).cloned())?;
    Ok(json!({ "room_id": room_id }))
}

/// Leaves, or declines an invitation.
pub(super) fn leave(world: &mut State, user: &str, room_id: &str, request: &Parsed) -> Answer {
    let body = request.object()?;
    let room = world.rooms.get_mut(room_id).ok_or_else(|| not_in_room(user, room_id))?;
    room.leave(user, body.get("reason").filter(|reason| reason.is_string()).cloned())?;
    Ok(json!({}))
}
