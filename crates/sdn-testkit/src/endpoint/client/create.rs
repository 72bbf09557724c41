//! `POST createRoom`, and `POST sendmessbywallet/{address}`, which creates a room for two.

use serde_json::{Map, Value, json};

use super::{Answer, Call, Refusal, State, user};
use crate::model::invitation::{Inviter, ThirdParty};
use crate::model::wallet;

/// Creates a room. The room remains even if an invitation to it is refused.
pub(crate) fn room(world: &mut State, call: &Call<'_>) -> Answer {
    let sender = &user(world, call)?;
    let body = call.request.object()?;
    let alias = alias(world, call, &body)?;
    let users = list(&body, "invite", Value::as_str)?;
    let third_parties = list(&body, "invite_3pid", Value::as_object)?;
    let room_id = &world.create_room(sender);
    describe(world, sender, room_id, &body)?;
    world.aliases.extend(alias.map(|alias| (alias, room_id.clone())));

    let inviter = Inviter { node: call.server, prefix: call.prefix, sender, room_id };
    for user in users {
        world.count_invitation(call.server)?;
        inviter.invite_user(world, user, None)?;
    }
    for members in third_parties {
        let family = world.nodes[call.server].family;
        let invitee = ThirdParty::read(family, members)?.ok_or_else(|| wrong("invite_3pid"))?;
        world.count_invitation(call.server)?;
        inviter.invite_third_party(world, &invitee)?;
    }
    Ok(json!({ "room_id": room_id }))
}

/// Creates a room for the caller and the owner of a wallet, who may never have logged in.
pub(crate) fn for_wallet(world: &mut State, call: &Call<'_>) -> Answer {
    let [address] = call.params();
    let sender = &user(world, call)?;
    let digits = wallet::parse_address(address)
        .ok_or_else(|| Refusal::bad_request("M_INVALID_PARAM", "The address is not valid"))?;
    world.count_invitation(call.server)?;
    let room_id = &world.create_room(sender);
    let inviter = Inviter { node: call.server, prefix: call.prefix, sender, room_id };
    inviter.invite_user(world, &wallet::user_id(&digits), None)?;
    Ok(json!({ "room_id": room_id }))
}

/// Appends the state events that the body asks for.
fn describe(
    world: &mut State,
    sender: &str,
    room_id: &str,
    body: &Map<String, Value>,
) -> Result<(), Refusal> {
    let text = |name: &str| body.get(name).filter(|value| value.is_string());
    let is_public = text("preset")
        .or(text("visibility"))
        .is_some_and(|value| value == "public_chat" || value == "public");
    let join_rule = if is_public { "public" } else { "invite" };
    let events = [
        ("m.room.join_rules", Some(json!({ "join_rule": join_rule }))),
        ("m.room.name", text("name").map(|name| json!({ "name": name }))),
        ("m.room.topic", text("topic").map(|topic| json!({ "topic": topic }))),
    ];
    let room = world.rooms.get_mut(room_id).ok_or_else(Refusal::internal)?;
    for (kind, content) in events {
        if let Some(content) = content {
            room.set_state(sender, kind, "", content)?;
        }
    }
    Ok(())
}

/// Returns the requested alias of the room, which must be free.
fn alias(
    world: &State,
    call: &Call<'_>,
    body: &Map<String, Value>,
) -> Result<Option<String>, Refusal> {
    let Some(name) = body.get("room_alias_name").and_then(Value::as_str) else { return Ok(None) };
    let alias = format!("#{name}:{}", world.nodes[call.server].name);
    if world.aliases.contains_key(&alias) {
        return Err(Refusal::bad_request("M_ROOM_IN_USE", "Room alias already taken"));
    }
    Ok(Some(alias))
}

/// Returns the items of an optional list.
fn list<'a, T: ?Sized>(
    body: &'a Map<String, Value>,
    name: &str,
    item: fn(&'a Value) -> Option<&'a T>,
) -> Result<Vec<&'a T>, Refusal> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(items)) => {
            items.iter().map(item).collect::<Option<_>>().ok_or_else(|| wrong(name))
        }
        Some(_) => Err(wrong(name)),
    }
}

fn wrong(name: &str) -> Refusal {
    Refusal::bad_request("M_BAD_JSON", &format!("'{name}' is not valid"))
}
