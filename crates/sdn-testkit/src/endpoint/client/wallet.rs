//! `GET address/{address}`, `POST did/pre_login1` and `POST did/login`: logging in with a wallet.

use serde_json::{Map, Value, json};

use super::{Answer, Call, Refusal, State};
use crate::model::login::Login;
use crate::model::wallet;

/// Lists the DIDs of a wallet. A wallet that nobody has logged in with has none.
pub(crate) fn dids(world: &mut State, call: &Call<'_>) -> Answer {
    let [address] = call.params();
    let logins = &world.nodes[call.server].logins;
    Ok(json!({ "data": logins.did(&parse_address(address)?).into_iter().collect::<Vec<_>>() }))
}

/// Creates a challenge for a DID, or for the address of a wallet without one.
pub(crate) fn pre_login(world: &mut State, call: &Call<'_>) -> Answer {
    let body = call.request.object()?;
    let node = &mut world.nodes[call.server];
    let challenge = match (text(&body, "did")?, text(&body, "address")?) {
        ("", "") => return Err(bad_json("'did' or 'address' must be supplied")),
        ("", address) => node.logins.challenge_address(&node.name, &parse_address(address)?),
        (did, _) => node.logins.challenge_did(&node.name, did)?,
    };
    Ok(json!({
        "did": challenge.did,
        "message": challenge.message,
        "updated": challenge.updated,
        "random_server": challenge.random_server,
    }))
}

/// Logs in a wallet that has signed its challenge.
pub(crate) fn log_in(world: &mut State, call: &Call<'_>) -> Answer {
    let body = call.request.object()?;
    if text(&body, "type")? != "m.login.did.identity" {
        return Err(Refusal::bad_request("M_UNKNOWN", "The login type is not known"));
    }
    let identifier = body
        .get("identifier")
        .and_then(Value::as_object)
        .ok_or_else(|| bad_json("'identifier' must be supplied"))?;
    // Some SDKs send it at the top level.
    let app_token = match text(identifier, "app_token")? {
        "" => text(&body, "app_token")?,
        token => token,
    };
    let address = world.nodes[call.server].logins.log_in(&Login {
        did: text(identifier, "did")?,
        address: text(identifier, "address")?,
        message: text(identifier, "message")?,
        updated: text(&body, "updated")?,
        random_server: text(&body, "random_server")?,
        token: text(identifier, "token")?,
        app_token,
    })?;
    let user = wallet::user_id(&address);
    let device_id = Some(text(&body, "device_id")?).filter(|id| !id.is_empty());
    let token = world.log_in(call.server, &user, device_id);
    let device_id = &world.nodes[call.server].tokens[&token].id;
    Ok(json!({ "access_token": token, "user_id": user, "device_id": device_id }))
}

fn parse_address(text: &str) -> Result<String, Refusal> {
    wallet::parse_address(text)
        .ok_or_else(|| Refusal::bad_request("M_INVALID_PARAM", "The address is not valid"))
}

/// Returns a text member. A missing member counts as empty.
fn text<'a>(body: &'a Map<String, Value>, name: &str) -> Result<&'a str, Refusal> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(""),
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(bad_json(&format!("'{name}' must be a string"))),
    }
}

fn bad_json(error: &str) -> Refusal {
    Refusal::bad_request("M_BAD_JSON", error)
}
