//! `POST validate/{email,msisdn}/requestToken` and `submitToken`, and `GET 3pid/getValidated3pid`.

use serde_json::{Map, Value, json};

use super::{Answer, Call, Refusal, State, args, authorized, client_secret, query, text};
use crate::model::address;

pub(crate) fn request_email_token(world: &mut State, call: &Call<'_>) -> Answer {
    let (server, _) = authorized(world, call)?;
    let body = args(call, &["email", "client_secret", "send_attempt"])?;
    let email = text(&body, "email")?;
    let attempt = send_attempt(&body)?;
    let secret = client_secret(text(&body, "client_secret")?)?;
    if !address::is_email(email) {
        return Err(Refusal::bad_request("M_INVALID_EMAIL", "Invalid email address"));
    }
    let sid =
        server.sessions.send_token(&server.name, "email", address::fold(email), secret, attempt);
    Ok(json!({ "sid": sid }))
}

pub(crate) fn request_msisdn_token(world: &mut State, call: &Call<'_>) -> Answer {
    let (server, _) = authorized(world, call)?;
    let body = args(call, &["phone_number", "country", "client_secret", "send_attempt"])?;
    let (number, country) = (text(&body, "phone_number")?, text(&body, "country")?);
    let attempt = send_attempt(&body)?;
    let secret = client_secret(text(&body, "client_secret")?)?;
    let msisdn = address::msisdn(number, country)
        .ok_or_else(|| Refusal::bad_request("M_INVALID_PHONE_NUMBER", "Invalid phone number"))?;
    let sid = server.sessions.send_token(&server.name, "msisdn", msisdn.clone(), secret, attempt);
    Ok(json!({ "success": true, "sid": sid, "msisdn": msisdn, "intl_fmt": format!("+{msisdn}") }))
}

pub(crate) fn submit_email_token(world: &mut State, call: &Call<'_>) -> Answer {
    submit_token(world, call, "email")
}

pub(crate) fn submit_msisdn_token(world: &mut State, call: &Call<'_>) -> Answer {
    submit_token(world, call, "msisdn")
}

/// Responds with 200 even to a failure, as real servers do.
fn submit_token(world: &mut State, call: &Call<'_>, medium: &str) -> Answer {
    let (server, _) = authorized(world, call)?;
    let body = args(call, &["token", "sid", "client_secret"])?;
    let secret = client_secret(text(&body, "client_secret")?)?;
    let failure =
        |errcode, error| Ok(json!({ "success": false, "errcode": errcode, "error": error }));
    let Some(session) = server.sessions.get_mut(text(&body, "sid")?) else {
        return failure("M_INVALID_PARAM", "The token doesn't match");
    };
    if session.client_secret != secret || session.medium != medium {
        let error = "Client secret does not match the one given when requesting the token";
        return failure("M_INVALID_PARAM", error);
    }
    if text(&body, "token")? != session.token {
        return failure("M_NO_VALID_SESSION", "No session could be found with this sid");
    }
    session.is_validated = true;
    Ok(json!({ "success": true }))
}

pub(crate) fn get_validated(world: &mut State, call: &Call<'_>) -> Answer {
    let (server, _) = authorized(world, call)?;
    let [sid, secret] = query(call, ["sid", "client_secret"])?;
    let session = server.sessions.validated(sid, client_secret(secret)?)?;
    Ok(json!({
        "medium": session.medium,
        "address": session.address,
        "validated_at": session.validated_at,
    }))
}

fn send_attempt(body: &Map<String, Value>) -> Result<u64, Refusal> {
    let attempt = &body["send_attempt"];
    // A form sends it as text.
    let in_form = || attempt.as_str().and_then(|text| text.parse().ok());
    attempt.as_u64().or_else(in_form).ok_or_else(|| {
        let error = format!("send_attempt should be an integer (got {attempt}");
        Refusal::bad_request("M_INVALID_PARAM", &error)
    })
}
