//! `GET account`.

use serde_json::json;

use super::{IdentityServer, unauthorized};
use crate::answer::Answer;
use crate::request::Parsed;

pub(super) fn get(server: &IdentityServer, request: &Parsed) -> Answer {
    let token = request.bearer().map_err(|_| unauthorized())?;
    Ok(json!({ "user_id": server.owner(token)? }))
}
