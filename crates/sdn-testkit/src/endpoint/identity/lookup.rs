//! `GET hash_details` and `POST lookup`, and the `GET lookup` of version 1.

use base64::Engine;
use ring::digest::{SHA256, digest};
use serde_json::{Map, Value, json};

use super::{Answer, Call, Refusal, State, args, authorized, query, server, text};
use crate::model::signed::BASE64_URL;
use crate::model::{address, keys};

/// The time from which a binding is valid, for version 1. It is fixed, because a world has no clock.
const BOUND_AT_MS: u64 = 1_700_000_000_000;

/// The largest number of addresses in a request.
const MAX_ADDRESSES: usize = 10_000;

pub(crate) fn hash_details(world: &mut State, call: &Call<'_>) -> Answer {
    let (server, _) = authorized(world, call)?;
    Ok(json!({ "algorithms": ["sha256", "none"], "lookup_pepper": server.pepper }))
}

pub(crate) fn lookup(world: &mut State, call: &Call<'_>) -> Answer {
    let (server, _) = authorized(world, call)?;
    let body = args(call, &["addresses", "algorithm", "pepper"])?;
    let invalid = |error| Refusal::bad_request("M_INVALID_PARAM", error);
    let addresses =
        body["addresses"].as_array().ok_or_else(|| invalid("addresses must be a list"))?;
    let algorithm = text(&body, "algorithm")?;
    let form: fn(&str, &str) -> String = match algorithm {
        "sha256" => |identifier, pepper| {
            BASE64_URL.encode(digest(&SHA256, format!("{identifier} {pepper}").as_bytes()))
        },
        "none" => |identifier, _| identifier.to_owned(),
        _ => return Err(invalid("algorithm is not supported")),
    };
    if addresses.len() > MAX_ADDRESSES {
        let error = "More than the maximum amount of addresses provided";
        return Err(Refusal::bad_request("M_TOO_LARGE", error));
    }
    if text(&body, "pepper")? != server.pepper {
        let error = format!("pepper does not match '{}'", server.pepper);
        return Err(Refusal::bad_request("M_INVALID_PEPPER", &error)
            .with("algorithm", algorithm)
            .with("lookup_pepper", &*server.pepper));
    }
    let mappings: Map<String, Value> = server
        .bindings
        .iter()
        .map(|((medium, address), user)| {
            (form(&format!("{address} {medium}"), &server.pepper), user.as_str().into())
        })
        .filter(|(form, _)| addresses.iter().any(|asked| asked == form.as_str()))
        .collect();
    Ok(json!({ "mappings": mappings }))
}

/// Returns a signed association, or an empty object.
pub(crate) fn lookup_one(world: &mut State, call: &Call<'_>) -> Answer {
    let [medium, address] = query(call, ["medium", "address"])?;
    let server = server(world, call);
    let Some(user) = server.lookup_folded(medium, address) else { return Ok(json!({})) };
    let address = address::fold(address);
    let mut association = keys::association(medium, &address, user, BOUND_AT_MS);
    keys::long_term(&server.name).sign(&server.name, &mut association);
    Ok(association)
}
