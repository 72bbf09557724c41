//! `GET login`, `POST login` with a password, and `POST logout`.

use serde_json::{Map, Value, json};

use super::{Answer, Call, Refusal, State, device};

const PASSWORD: &str = "m.login.password";

pub(crate) fn flows(_: &mut State, _: &Call<'_>) -> Answer {
    Ok(json!({ "flows": [{ "type": PASSWORD }, { "type": "m.login.application_service" }] }))
}

/// Issues a token to a user who sends their user ID, or its local part, and password.
pub(crate) fn log_in(world: &mut State, call: &Call<'_>) -> Answer {
    let body = call.request.object()?;
    let password = password(&body)?;
    let node = &world.nodes[call.server];
    let user = match user(&body)? {
        user if user.starts_with('@') => user.to_owned(),
        localpart => format!("@{localpart}:{}", node.name),
    };
    if node.passwords.get(&user).is_none_or(|expected| expected != password) {
        return Err(Refusal::forbidden("Invalid username or password"));
    }
    let home_server = node.name.clone();
    let device_id = body.get("device_id").and_then(Value::as_str);
    let access_token = world.log_in(call.server, &user, device_id);
    let device_id = &world.nodes[call.server].tokens[&access_token].id;
    Ok(json!({
        "user_id": user,
        "access_token": access_token,
        "home_server": home_server,
        "device_id": device_id,
    }))
}

fn password(body: &Map<String, Value>) -> Result<&str, Refusal> {
    let bad =
        |name: &str| Refusal::bad_request("M_INVALID_PARAM", &format!("Bad parameter: {name}"));
    let missing = || Refusal::bad_request("M_UNKNOWN", "Missing JSON keys.");
    let kind = body.get("type").ok_or_else(missing)?.as_str().ok_or_else(|| bad("type"))?;
    if kind != PASSWORD {
        let error = format!("Unknown login type {kind}");
        return Err(Refusal::bad_request("M_UNKNOWN", &error));
    }
    body.get("password").and_then(Value::as_str).ok_or_else(|| bad("password"))
}

/// Returns the user's name: from an identifier, or from the older member `user`.
fn user(body: &Map<String, Value>) -> Result<&str, Refusal> {
    if let Some(user) = body.get("user").and_then(Value::as_str).filter(|user| !user.is_empty()) {
        return Ok(user);
    }
    let invalid = || Refusal::bad_request("M_INVALID_PARAM", "Invalid login submission");
    let identifier = body.get("identifier").ok_or_else(invalid)?;
    if identifier["type"] != "m.id.user" {
        return Err(Refusal::bad_request("M_UNKNOWN", "Unknown login identifier type"));
    }
    let missing = || Refusal::bad_request("M_UNKNOWN", "User identifier is missing 'user' key");
    identifier["user"].as_str().ok_or_else(missing)
}

/// Ends all tokens of the caller's device.
pub(crate) fn log_out(world: &mut State, call: &Call<'_>) -> Answer {
    let device = device(world, call)?.clone();
    world.nodes[call.server].tokens.retain(|_, other| *other != device);
    Ok(json!({}))
}
