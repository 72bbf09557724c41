//! `GET terms` and `POST terms`.

use serde_json::{Map, Value, json};

use super::{IdentityServer, args, internal, unauthorized};
use crate::answer::{Answer, Refusal};
use crate::request::Parsed;

/// A policy that every user has to accept.
pub(super) struct Policy {
    pub(super) name: String,
    pub(super) url: String,
}

pub(super) fn get(server: &IdentityServer) -> Answer {
    let policy = |Policy { name, url }: &Policy| {
        (name.clone(), json!({ "version": "1.0", "en": { "name": title(name), "url": url } }))
    };
    Ok(json!({ "policies": server.policies.iter().map(policy).collect::<Map<_, _>>() }))
}

pub(super) fn accept(server: &mut IdentityServer, request: &Parsed) -> Answer {
    let token = request.bearer().map_err(|_| unauthorized())?;
    let user = server.owner(token)?.to_owned();
    let body = args(request, &["user_accepts"])?;
    let urls: Vec<&str> = match &body["user_accepts"] {
        // One URL may come without its list.
        Value::String(url) => vec![url],
        Value::Array(urls) => urls.iter().filter_map(Value::as_str).collect(),
        _ => return Err(internal()),
    };
    let is_known = |url: &str| server.policies.iter().any(|policy| policy.url == url);
    let unknown: Vec<_> = urls.iter().copied().filter(|url| !is_known(url)).collect();
    if !unknown.is_empty() {
        let error = format!("Unrecognised URLs: {}", unknown.join(", "));
        return Err(Refusal::bad_request("M_UNKNOWN", &error));
    }
    server.accepted.extend(urls.iter().map(|url| (user.clone(), (*url).to_owned())));
    Ok(json!({}))
}

/// `terms_of_service` as `Terms of service`.
fn title(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}
