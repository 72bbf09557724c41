//! `POST store-invite`: stores and mails an invitation, because the identifier is not bound yet.

use http::StatusCode;
use serde_json::json;

use super::{Answer, Call, Refusal, State, api, args, authorized, text};
use crate::model::store::InviteToStore;

pub(crate) fn post(world: &mut State, call: &Call<'_>) -> Answer {
    // Real servers check the body before the token here.
    let body = args(call, &["medium", "address", "room_id", "sender"])?;
    let invite = InviteToStore {
        medium: text(&body, "medium")?,
        address: text(&body, "address")?,
        room_id: text(&body, "room_id")?,
        sender: text(&body, "sender")?,
        prefix: call.prefix,
        api: api(call),
    };
    let (server, user) = authorized(world, call)?;
    if user.is_some_and(|user| user != invite.sender) {
        let error = "'sender' doesn't match";
        return Err(Refusal::new(StatusCode::FORBIDDEN, "M_UNAUTHORIZED", error));
    }
    let stored = server.store_invite(&invite)?;
    Ok(json!({
        "token": stored.token,
        "public_key": stored.public_key,
        "public_keys": stored.public_keys,
        "display_name": stored.display_name,
    }))
}
