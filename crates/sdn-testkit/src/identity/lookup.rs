//! `GET hash_details` and `POST lookup`.

use base64::Engine;
use ring::digest::{SHA256, digest};
use serde_json::{Map, Value, json};

use super::{IdentityServer, args, text};
use crate::answer::{Answer, Refusal};
use crate::request::Parsed;
use crate::signed::BASE64_URL;

/// More at once are refused.
const MAX_ADDRESSES: usize = 10_000;

pub(super) fn hash_details(server: &IdentityServer, request: &Parsed) -> Answer {
    server.user(request)?;
    Ok(json!({ "algorithms": ["sha256", "none"], "lookup_pepper": server.pepper }))
}

pub(super) fn lookup(server: &IdentityServer, request: &Parsed) -> Answer {
    server.user(request)?;
    let body = args(request, &["addresses", "algorithm", "pepper"])?;
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
        return Err(invalid_pepper(&server.pepper, algorithm));
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

fn invalid_pepper(pepper: &str, algorithm: &str) -> Refusal {
    Refusal::Error {
        status: http::StatusCode::BAD_REQUEST,
        body: json!({
            "errcode": "M_INVALID_PEPPER",
            "error": format!("pepper does not match '{pepper}'"),
            "algorithm": algorithm,
            "lookup_pepper": pepper,
        }),
        retry_after: None,
    }
}
