//! `GET pubkey/{keyId}`, `GET pubkey/isvalid` and `GET pubkey/ephemeral/isvalid`.

use http::StatusCode;
use serde_json::json;

use super::{IdentityServer, keys, query};
use crate::answer::{Answer, Refusal};
use crate::request::Parsed;
use crate::signed::KEY_ID;

pub(super) fn get(server: &IdentityServer, key_id: &str) -> Answer {
    if key_id != KEY_ID {
        return Err(Refusal::new(
            StatusCode::NOT_FOUND,
            "M_NOT_FOUND",
            "The public key was not found",
        ));
    }
    Ok(json!({ "public_key": keys::long_term_public(&server.name) }))
}

pub(super) fn is_valid(server: &IdentityServer, request: &Parsed) -> Answer {
    let [key] = query(request, ["public_key"])?;
    Ok(json!({ "valid": keys::long_term_public(&server.name) == key }))
}

pub(super) fn is_valid_ephemeral(server: &IdentityServer, request: &Parsed) -> Answer {
    let [key] = query(request, ["public_key"])?;
    Ok(json!({ "valid": server.ephemeral_keys.contains(key) }))
}
