//! `PUT /{prefix}/federation/v1/3pid/onbind`: an identity server tells a node that a user of it owns an identifier now.

use serde_json::{Value, json};

use crate::answer::{Answer, Refusal};
use crate::world::State;

/// Turns each invitation that waited for the identifier into one of the user.
///
/// Every one is tried; the answer is about the last that failed.
pub(crate) fn onbind(world: &mut State, user: &str, body: &Value) -> Answer {
    let mut answer = Ok(json!({}));
    for invite in body["invites"].as_array().into_iter().flatten() {
        if let Err(refusal) = exchange(world, user, invite) {
            answer = Err(refusal);
        }
    }
    answer
}

fn exchange(world: &mut State, user: &str, invite: &Value) -> Result<(), Refusal> {
    let text = |name: &str| invite[name].as_str().ok_or_else(Refusal::internal);
    let (room_id, sender) = (text("room_id")?, text("sender")?);
    let unknown = || Refusal::forbidden("Unknown room");
    let room = world.rooms.get_mut(room_id).ok_or_else(unknown)?;
    room.accept_third_party(sender, user, &invite["signed"])
}
