//! `GET pubkey/{keyId}`, `GET pubkey/isvalid` and `GET pubkey/ephemeral/isvalid`.

use http::StatusCode;
use serde_json::json;

use super::{IdentityServer, keys};
use crate::answer::{Answer, Refusal};
use crate::request::Parsed;

pub(super) fn get(server: &IdentityServer, key_id: &str) -> Answer {
    if key_id != keys::LONG_TERM_KEY_ID {
        return Err(Refusal::new(
            StatusCode::NOT_FOUND,
            "M_NOT_FOUND",
            "The public key was not found",
        ));
    }
    Ok(json!({ "public_key": keys::long_term(&server.name).public }))
}

pub(super) fn is_valid(server: &IdentityServer, request: &Parsed) -> Answer {
    let key = public_key(request)?;
    Ok(json!({ "valid": keys::long_term(&server.name).public == key }))
}

pub(super) fn is_valid_ephemeral(server: &IdentityServer, request: &Parsed) -> Answer {
    let key = public_key(request)?;
    Ok(json!({ "valid": server.ephemeral_keys.contains(key) }))
}

fn public_key(request: &Parsed) -> Result<&str, Refusal> {
    request
        .query("public_key")
        .ok_or_else(|| Refusal::bad_request("M_MISSING_PARAMS", "Missing parameters: public_key"))
}
