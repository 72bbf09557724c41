//! `POST account/register`, `GET account` and `POST account/logout`.

use http::StatusCode;
use serde_json::json;

use super::{Answer, Call, Refusal, State, args, authorized, server, text, token};
use crate::model::identity_server::unauthorized;

/// The name that the SDKs of SDN use for `matrix_server_name` in OpenID tokens.
const SDN_SERVER_NAMES: [&str; 2] = ["sdn_server_name", "sendingnetwork_server_name"];

/// Registers the user that a node's OpenID token was issued to.
pub(crate) fn register(world: &mut State, call: &Call<'_>) -> Answer {
    let body = args(call, &[])?;
    let has = |member: &&str| body.contains_key(*member);
    let member = SDN_SERVER_NAMES.into_iter().find(has).unwrap_or("matrix_server_name");
    let body = args(call, &[member, "access_token"])?;
    let (name, open_id_token) = (text(&body, member)?, text(&body, "access_token")?);
    if name.is_empty() || name.contains(|c: char| c.is_whitespace() || "/?#@".contains(c)) {
        let error = format!("{member} must be a valid Matrix server name (IP address or hostname)");
        return Err(Refusal::bad_request("M_INVALID_PARAM", &error));
    }
    let failed = |error: &str| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "M_UNKNOWN", error);
    let node = world
        .node_index(name)
        .ok_or_else(|| failed("Unable to contact the Matrix homeserver (DNSLookupError)"))?;
    let user = world.nodes[node]
        .open_id_tokens
        .get(open_id_token)
        .cloned()
        .ok_or_else(|| failed("The Matrix homeserver did not include 'sub' in its response"))?;
    let token = world.new_token("identity");
    server(world, call).tokens.insert(token.clone(), user);
    Ok(json!({ "access_token": token, "token": token }))
}

pub(crate) fn get(world: &mut State, call: &Call<'_>) -> Answer {
    let (_, user) = authorized(world, call)?;
    Ok(json!({ "user_id": user.ok_or_else(unauthorized)? }))
}

pub(crate) fn log_out(world: &mut State, call: &Call<'_>) -> Answer {
    server(world, call).tokens.remove(token(call)?).ok_or_else(unauthorized)?;
    Ok(json!({}))
}
