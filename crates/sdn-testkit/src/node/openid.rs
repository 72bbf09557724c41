//! `POST user/{userId}/openid/request_token`.

use serde_json::json;

use crate::answer::{Answer, Refusal};
use crate::request::Parsed;
use crate::world::State;

/// In seconds; a world has no clock, so its tokens do not run out.
const EXPIRES_IN: u64 = 3600;

/// Makes a token that shows an identity server who the user is, and nothing else.
pub(super) fn post(world: &mut State, node: usize, user: &str, request: &Parsed) -> Answer {
    if world.nodes[node].user(request)? != user {
        return Err(Refusal::forbidden("Cannot request tokens for other users."));
    }
    request.object()?;
    let token = world.new_token("openid");
    let node = &mut world.nodes[node];
    node.open_id_tokens.insert(token.clone(), user.to_owned());
    Ok(json!({
        "access_token": token,
        "token_type": "Bearer",
        "matrix_server_name": node.name,
        "expires_in": EXPIRES_IN,
    }))
}
