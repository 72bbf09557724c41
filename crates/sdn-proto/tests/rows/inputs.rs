//! Making calls of the inputs of a case.

use std::str::FromStr;

use http::Response;
use sdn_proto::client::*;
use sdn_proto::error::InvalidInput;
use sdn_proto::identity::*;
use sdn_proto::secret::{ClientSecret, InvitePrivateKey, ValidationToken};
use sdn_proto::{Call, Medium, ThirdPartyId};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::Refusal;
use crate::common::text;

pub(crate) fn get<T: FromStr<Err = InvalidInput>>(
    case: &Value,
    key: &str,
) -> Result<T, InvalidInput> {
    text(case, key).parse()
}

/// An input that the data gives in the shape the library reads, and that is always valid.
pub(crate) fn read<T: DeserializeOwned>(case: &Value, key: &str) -> T {
    serde_json::from_value(case[key].clone()).unwrap_or_else(|error| panic!("{error}: {case}"))
}

fn optional<'a>(case: &'a Value, key: &str) -> Option<&'a str> {
    case.get(key).map(|value| value.as_str().unwrap())
}

pub(crate) fn client_secret(case: &Value) -> Result<ClientSecret, InvalidInput> {
    ClientSecret::new(text(case, "client_secret"))
}

pub(crate) fn validation_token(case: &Value) -> Result<ValidationToken, InvalidInput> {
    ValidationToken::new(text(case, "token"))
}

pub(crate) fn third_party_id(case: &Value) -> Result<ThirdPartyId, InvalidInput> {
    ThirdPartyId::verbatim(Medium::new(text(case, "medium"))?, text(case, "address"))
}

pub(crate) fn join_room(case: &Value) -> Result<JoinRoom, Refusal> {
    let mut join = JoinRoom::new(get(case, "room_id")?);
    if let Some(reason) = optional(case, "reason") {
        join = join.with_reason(reason);
    }
    if case.get("third_party_signed").is_some() {
        join = join.with_third_party_signed(read(case, "third_party_signed"));
    }
    Ok(join)
}

pub(crate) fn leave_room(case: &Value) -> Result<LeaveRoom, Refusal> {
    let leave = LeaveRoom::new(get(case, "room_id")?);
    Ok(match optional(case, "reason") {
        Some(reason) => leave.with_reason(reason),
        None => leave,
    })
}

/// Who registers got the node's answer first.
pub(crate) fn open_id_answer(case: &Value) -> OpenIdToken {
    let answer = Response::new(text(case, "open_id_token"));
    RequestOpenIdToken::parse_response(&answer).unwrap_or_else(|error| panic!("{error}: {case}"))
}

pub(crate) fn lookup(case: &Value) -> Result<Lookup, Refusal> {
    let mut ids = Vec::new();
    for id in case["third_party_ids"].as_array().unwrap() {
        ids.push(match id.as_str() {
            Some(text) => text.parse()?,
            None => third_party_id(id)?,
        });
    }
    let details = HashDetails::new(read(case, "algorithms"), text(case, "pepper"));
    Ok(if case.get("unhashed") == Some(&json!(true)) {
        Lookup::new_unhashed(ids, &details)?
    } else {
        Lookup::new(ids, &details)?
    })
}

pub(crate) fn request_email_token(case: &Value) -> Result<RequestEmailToken, Refusal> {
    let call = RequestEmailToken::new(
        client_secret(case)?,
        text(case, "email"),
        read(case, "send_attempt"),
    );
    Ok(match optional(case, "next_link") {
        Some(link) => call.with_next_link(link),
        None => call,
    })
}

pub(crate) fn request_msisdn_token(case: &Value) -> Result<RequestMsisdnToken, Refusal> {
    let (country, number) = (text(case, "country"), text(case, "phone_number"));
    let call =
        RequestMsisdnToken::new(client_secret(case)?, country, number, read(case, "send_attempt"));
    Ok(match optional(case, "next_link") {
        Some(link) => call.with_next_link(link),
        None => call,
    })
}

pub(crate) fn sign_invite(case: &Value) -> Result<SignInvite, Refusal> {
    let private_key = InvitePrivateKey::new(text(case, "private_key"))?;
    Ok(SignInvite::new(get(case, "mxid")?, get(case, "token")?, private_key))
}
