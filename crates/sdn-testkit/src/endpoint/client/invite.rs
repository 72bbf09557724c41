//! `POST rooms/{roomId}/invite`, by third-party identifier and by user ID.
//!
//! The order of the checks is that of real nodes, and so are its surprises: an invitation to a room
//! that the sender is not in is refused only after the identity server has mailed the invitee.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{Answer, Call, Refusal, State, user};
use crate::model::room::not_in_room;
use crate::model::store::InviteToStore;

pub(crate) fn post(world: &mut State, call: &Call<'_>) -> Answer {
    let [room_id] = call.params();
    let sender = user(world, call)?;
    let body = call.request.object()?;
    if body.contains_key("medium") && body.contains_key("address") {
        if !(body.contains_key("id_server") && body.contains_key("id_access_token")) {
            let error = "`id_server` and `id_access_token` are required when doing 3pid invite";
            return Err(Refusal::bad_request("M_MISSING_PARAM", error));
        }
        world.count_invitation()?;
        by_3pid(world, &sender, room_id, call.prefix, &body)?;
    } else {
        let user = user_id(&body)?;
        world.count_invitation()?;
        let reason = body.get("reason").filter(|reason| reason.is_string()).cloned();
        by_user_id(world, &sender, room_id, user, reason)?;
    }
    Ok(json!({}))
}

fn by_3pid(
    world: &mut State,
    sender: &str,
    room_id: &str,
    prefix: &str,
    body: &Map<String, Value>,
) -> Result<(), Refusal> {
    // Real nodes do not check the type of a value, and fail if it is wrong.
    let text = |name: &str| body.get(name).and_then(Value::as_str).ok_or_else(Refusal::internal);
    let (id_server, id_token) = (text("id_server")?, text("id_access_token")?);
    let (medium, address) = (text("medium")?, text("address")?);

    let server = world.find_identity_server(id_server).ok_or_else(Refusal::internal)?;
    let caller = server.authorized(id_token).map_err(|_| Refusal::internal())?.to_owned();
    if let Some(user) = server.lookup(medium, address).map(str::to_owned) {
        return by_user_id(world, sender, room_id, &user, None);
    }
    let invite = InviteToStore { medium, address, room_id, sender, prefix };
    let stored = server.store_invite(&caller, &invite).map_err(|_| Refusal::internal())?;
    let content = json!({
        "display_name": stored.display_name,
        "key_validity_url": format!("https://{id_server}/{prefix}/identity/v2/pubkey/isvalid"),
        "public_key": stored.public_key,
        "public_keys": stored.public_keys,
    });
    let room = world.rooms.get_mut(room_id).ok_or_else(|| not_in_room(sender, room_id))?;
    room.invite_third_party(sender, &stored.token, content)
}

fn by_user_id(
    world: &mut State,
    sender: &str,
    room_id: &str,
    user: &str,
    reason: Option<Value>,
) -> Result<(), Refusal> {
    let reachable = domain(user).is_some_and(|domain| world.node_index(domain).is_some());
    let room = world.rooms.get_mut(room_id).ok_or_else(|| Refusal::forbidden("Unknown room"))?;
    room.check_invite(sender, user)?;
    if !reachable {
        let error = format!("Can't connect to server {}", domain(user).unwrap_or_default());
        return Err(Refusal::new(StatusCode::BAD_GATEWAY, "M_UNKNOWN", &error));
    }
    room.invite(sender, user, reason);
    Ok(())
}

fn user_id(body: &Map<String, Value>) -> Result<&str, Refusal> {
    let missing = || Refusal::bad_request("M_MISSING_PARAM", "Missing params: ['user_id']");
    let user = body.get("user_id").ok_or_else(missing)?;
    let user = user.as_str().ok_or_else(Refusal::internal)?;
    if !user.starts_with('@') {
        let error = "Expected UserID string to start with '@'";
        return Err(Refusal::bad_request("M_INVALID_PARAM", error));
    }
    if domain(user).is_none() {
        let error = "Expected UserID of the form '@localname:domain'";
        return Err(Refusal::bad_request("M_INVALID_PARAM", error));
    }
    Ok(user)
}

fn domain(user: &str) -> Option<&str> {
    user.split_once(':').map(|(_, domain)| domain)
}
