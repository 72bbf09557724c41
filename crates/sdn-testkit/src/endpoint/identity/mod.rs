//! The endpoints of an identity server.

pub(crate) mod account;
pub(crate) mod bind;
pub(crate) mod lookup;
pub(crate) mod pubkey;
pub(crate) mod sign;
pub(crate) mod store;
pub(crate) mod terms;
pub(crate) mod validate;

use http::StatusCode;
use serde_json::{Map, Value};

use super::{Answer, Call, Refusal, State};
use crate::model::identity_server::{IdentityServer, unauthorized};
use crate::model::store::Api;

/// Returns the identity server that the request is for.
fn server<'a>(world: &'a mut State, call: &Call<'_>) -> &'a mut IdentityServer {
    &mut world.identity_servers[call.server]
}

/// Returns the version of the API in the request's path.
fn api(call: &Call<'_>) -> Api {
    match call.request.path.get(2).map(String::as_str) {
        Some("api") => Api::V1,
        _ => Api::V2,
    }
}

/// Returns the server that the request is for and the caller, who must have accepted every policy.
///
/// Version 1 has no tokens, so it does not know the caller.
fn authorized<'a>(
    world: &'a mut State,
    call: &Call<'_>,
) -> Result<(&'a mut IdentityServer, Option<String>), Refusal> {
    let server = server(world, call);
    let user = match api(call) {
        Api::V1 => None,
        Api::V2 => Some(server.authorized(token(call)?)?.to_owned()),
    };
    Ok((server, user))
}

fn token<'a>(call: &Call<'a>) -> Result<&'a str, Refusal> {
    call.request.bearer().map_err(|_| unauthorized())
}

/// Returns the body as an object with all these fields. Version 1 also accepts forms.
fn args(call: &Call<'_>, names: &[&str]) -> Result<Map<String, Value>, Refusal> {
    let body = match api(call) {
        Api::V1 if !call.request.is_json() => call.request.form(),
        _ => serde_json::from_slice(call.request.body())
            .map_err(|_| Refusal::bad_request("M_BAD_JSON", "Malformed JSON"))?,
    };
    missing(names.iter().copied().filter(|name| !body.contains_key(*name)).collect())?;
    Ok(body)
}

/// Returns the values of these parameters, all of which the query must have.
fn query<'a, const N: usize>(
    call: &'a Call<'_>,
    names: [&str; N],
) -> Result<[&'a str; N], Refusal> {
    missing(names.into_iter().filter(|name| call.request.query(name).is_none()).collect())?;
    Ok(names.map(|name| call.request.query(name).unwrap_or_default()))
}

fn missing(names: Vec<&str>) -> Result<(), Refusal> {
    if names.is_empty() {
        return Ok(());
    }
    let error = format!("Missing parameters: {}", names.join(","));
    Err(Refusal::bad_request("M_MISSING_PARAMS", &error))
}

/// Returns a field as text. Real servers do not check its type, and fail if it is wrong.
fn text<'a>(body: &'a Map<String, Value>, name: &str) -> Result<&'a str, Refusal> {
    body.get(name).and_then(Value::as_str).ok_or_else(internal)
}

/// Checks the form of a client secret: `[0-9a-zA-Z.=_-]{1,255}`.
fn client_secret(text: &str) -> Result<&str, Refusal> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".=_-".contains(&byte);
    if (1..=255).contains(&text.len()) && text.bytes().all(is_allowed) {
        return Ok(text);
    }
    Err(Refusal::bad_request("M_INVALID_PARAM", "Invalid client_secret provided"))
}

fn internal() -> Refusal {
    Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "M_UNKNOWN", "Internal Server Error")
}
