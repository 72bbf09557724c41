//! `GET account/whoami` and `POST user/{userId}/openid/request_token`.

use serde_json::json;

use super::{Answer, Call, Family, Refusal, State, device, user};

/// In seconds; tokens never expire, because a world has no clock.
const EXPIRES_IN: u64 = 3600;

pub(crate) fn whoami(world: &mut State, call: &Call<'_>) -> Answer {
    let device = device(world, call)?;
    Ok(json!({ "user_id": device.user, "is_guest": false, "device_id": device.id }))
}

/// Issues a token that proves the user to an identity server, and cannot be used for anything else.
pub(crate) fn request_openid_token(world: &mut State, call: &Call<'_>) -> Answer {
    let [user_id] = call.params();
    let user = user(world, call)?;
    if user != user_id {
        return Err(Refusal::forbidden("Cannot request tokens for other users."));
    }
    call.request.object()?;
    let token = world.new_token_of(call.server, "openid");
    let node = &mut world.nodes[call.server];
    node.open_id_tokens.insert(token.clone(), user);
    let server_name = match node.family {
        Family::Synapse => "matrix_server_name",
        Family::Sdn => "sdn_server_name",
    };
    Ok(json!({
        "access_token": token,
        "token_type": "Bearer",
        server_name: node.name,
        "expires_in": EXPIRES_IN,
    }))
}
