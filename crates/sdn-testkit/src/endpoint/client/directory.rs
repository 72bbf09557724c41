//! `GET directory/room/{roomAlias}`.

use serde_json::json;

use super::{Answer, Call, Family, Refusal, State};

/// Returns the ID of the room with an alias. Anybody may ask.
pub(crate) fn room(world: &mut State, call: &Call<'_>) -> Answer {
    let [alias] = call.params();
    let node = &world.nodes[call.server];
    if !(alias.starts_with('#') && alias.contains(':')) {
        return Err(match node.family {
            Family::Synapse => Refusal::bad_request("M_INVALID_PARAM", "Room alias invalid"),
            Family::Sdn => {
                let error = "Room alias must be in the form '#localpart:domain'";
                Refusal::bad_request("M_BAD_JSON", error)
            }
        });
    }
    Ok(json!({ "room_id": world.resolve_alias(alias)?, "servers": [node.name] }))
}
