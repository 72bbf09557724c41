//! `POST account/register`, `GET account` and `POST account/logout`.

use http::StatusCode;
use serde_json::json;

use super::{IdentityServer, args, text, unauthorized};
use crate::answer::{Answer, Refusal};
use crate::request::Parsed;
use crate::world::State;

/// Takes a node's OpenID token for who the user is, as the node itself says.
pub(super) fn register(world: &mut State, server: usize, request: &Parsed) -> Answer {
    let body = args(request, &["matrix_server_name", "access_token"])?;
    let (name, open_id_token) = (text(&body, "matrix_server_name")?, text(&body, "access_token")?);
    if name.is_empty() || name.contains(|c: char| c.is_whitespace() || "/?#@".contains(c)) {
        let error =
            "matrix_server_name must be a valid Matrix server name (IP address or hostname)";
        return Err(Refusal::bad_request("M_INVALID_PARAM", error));
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
    world.identity_servers[server].register(&token, &user);
    Ok(json!({ "access_token": token, "token": token }))
}

pub(super) fn get(server: &IdentityServer, request: &Parsed) -> Answer {
    Ok(json!({ "user_id": server.user(request)? }))
}

pub(super) fn log_out(server: &mut IdentityServer, request: &Parsed) -> Answer {
    let token = request.bearer().map_err(|_| unauthorized())?;
    server.tokens.remove(token).ok_or_else(unauthorized)?;
    Ok(json!({}))
}
