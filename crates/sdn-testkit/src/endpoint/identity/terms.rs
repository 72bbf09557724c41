//! `GET terms` and `POST terms`.

use serde_json::{Map, Value, json};

use super::{Answer, Call, Refusal, State, args, internal, server, token};
use crate::model::identity_server::Policy;

pub(crate) fn get(world: &mut State, call: &Call<'_>) -> Answer {
    let policy = |Policy { name, url }: &Policy| {
        (name.clone(), json!({ "version": "1.0", "en": { "name": title(name), "url": url } }))
    };
    Ok(
        json!({ "policies": server(world, call).policies.iter().map(policy).collect::<Map<_, _>>() }),
    )
}

pub(crate) fn accept(world: &mut State, call: &Call<'_>) -> Answer {
    let server = server(world, call);
    let user = server.owner(token(call)?)?.to_owned();
    let body = args(call, &["user_accepts"])?;
    let urls: Vec<&str> = match &body["user_accepts"] {
        // A single URL may be sent without a list around it.
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
