//! `POST sign-ed25519`: signs an acceptance with the key from an invitation's mail.

use http::StatusCode;
use serde_json::json;

use super::{Answer, Call, Refusal, State, args, authorized, internal, text};
use crate::model::signed::{Key, decode_base64};

pub(crate) fn post(world: &mut State, call: &Call<'_>) -> Answer {
    let (server, _) = authorized(world, call)?;
    let body = args(call, &["private_key", "token", "mxid"])?;
    let token = text(&body, "token")?;
    let Some(mail) = server.mails.iter().find(|mail| mail.token == token) else {
        let error = "Didn't recognize token";
        return Err(Refusal::new(StatusCode::NOT_FOUND, "M_UNRECOGNIZED", error));
    };
    let key = decode_base64(text(&body, "private_key")?).and_then(|seed| Key::from_seed(&seed));
    let mut signed = json!({ "mxid": body["mxid"], "sender": mail.sender, "token": token });
    key.ok_or_else(internal)?.sign(&server.name, &mut signed);
    Ok(signed)
}
