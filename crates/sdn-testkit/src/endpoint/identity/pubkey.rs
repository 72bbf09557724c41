//! `GET pubkey/{keyId}`, `GET pubkey/isvalid` and `GET pubkey/ephemeral/isvalid`.

use http::StatusCode;
use serde_json::json;

use super::{Answer, Call, Refusal, State, query, server};
use crate::model::keys;
use crate::model::signed::KEY_ID;

pub(crate) fn get(world: &mut State, call: &Call<'_>) -> Answer {
    let [key_id] = call.params();
    if key_id != KEY_ID {
        return Err(Refusal::new(
            StatusCode::NOT_FOUND,
            "M_NOT_FOUND",
            "The public key was not found",
        ));
    }
    Ok(json!({ "public_key": keys::long_term_public(&server(world, call).name) }))
}

pub(crate) fn is_valid(world: &mut State, call: &Call<'_>) -> Answer {
    let [key] = query(call, ["public_key"])?;
    Ok(json!({ "valid": keys::long_term_public(&server(world, call).name) == key }))
}

pub(crate) fn is_valid_ephemeral(world: &mut State, call: &Call<'_>) -> Answer {
    let [key] = query(call, ["public_key"])?;
    Ok(json!({ "valid": server(world, call).ephemeral_keys.contains(key) }))
}
