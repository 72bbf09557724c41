//! Showing what a call answers, in the names of the protocol.

use std::time::UNIX_EPOCH;

use sdn_proto::Node;
use sdn_proto::client::*;
use sdn_proto::error::InvalidInput;
use sdn_proto::identity::*;
use sdn_proto::signed::{Association, SignedInvite};
use serde_json::{Value, json};

use super::inputs::lookup;

pub(crate) fn discovery(case: &Value, found: &Discovery) -> Value {
    let domain = case.get("node").map_or("https://example.com", |node| node.as_str().unwrap());
    let domain = Node::new(domain).unwrap();
    let show = |base: Option<Result<String, InvalidInput>>| match base {
        Some(Ok(base)) => json!(base),
        Some(Err(error)) => json!({"rule": error.rule().name()}),
        None => Value::Null,
    };
    json!({
        "node": show(found.node(&domain).map(|node| node.map(|node| node.to_string()))),
        "identity_server": show(found.identity_server(&domain).map(|server| server.map(|server| server.to_string()))),
    })
}

pub(crate) fn invites(found: &Invites) -> Value {
    let pending = found.pending.iter();
    let invited = found.invited.iter();
    json!({
        "pending": pending.map(|invite| json!({"token": invite.token, "sender": invite.sender, "content": invite.content})).collect::<Value>(),
        "invited": invited.map(|user| json!({"user_id": user.user_id, "sender": user.sender})).collect::<Value>(),
    })
}

pub(crate) fn versions(found: &Versions) -> Value {
    json!({"versions": found.versions, "unstable_features": found.unstable_features})
}

pub(crate) fn open_id_token(token: &OpenIdToken) -> Value {
    json!({
        "as_it_came": token.expose(),
        "matrix_server_name": token.matrix_server_name(),
        "expires_in": token.expires_in().as_secs(),
    })
}

pub(crate) fn association(found: &Association) -> Value {
    let object = json!(found.object());
    assert_eq!(object["medium"], json!(found.third_party_id().medium()));
    assert_eq!(object["address"], found.third_party_id().address());
    assert_eq!(object["mxid"], found.mxid().as_str());
    assert_eq!(
        object.get("invites").map_or(0, |invites| invites.as_array().unwrap().len()),
        found.invites().len()
    );
    for (index, invite) in found.invites().iter().enumerate() {
        let came = &object["invites"][index];
        for (key, value) in json!(invite).as_object().unwrap() {
            assert_eq!(came[key], *value, "{key} of {came}");
        }
    }
    object
}

pub(crate) fn terms(found: &Terms) -> Value {
    let policies = found.policies.iter().map(|(name, policy)| {
        let mut shown = json!({"version": policy.version});
        for (language, text) in &policy.languages {
            shown[language] = json!({"name": text.name, "url": text.url});
        }
        (name.clone(), shown)
    });
    json!({"policies": policies.collect::<serde_json::Map<_, _>>()})
}

pub(crate) fn validated(found: &Validated3pid) -> Value {
    let milliseconds = found.validated_at.duration_since(UNIX_EPOCH).unwrap().as_millis();
    json!({
        "medium": found.third_party_id.medium(),
        "address": found.third_party_id.address(),
        "validated_at": milliseconds,
    })
}

pub(crate) fn signed(proof: &SignedInvite) -> Value {
    let object = json!(proof.object());
    assert_eq!(object["mxid"], proof.mxid().as_str());
    assert_eq!(object["token"], proof.token().as_str());
    assert_eq!(object["sender"].as_str(), proof.sender().map(|sender| sender.as_str()));
    object
}

pub(crate) fn stored(found: &StoredInvite) -> Value {
    json!({"token": found.token, "public_keys": found.public_keys, "display_name": found.display_name})
}

pub(crate) fn found(case: &Value, mappings: Mappings) -> Value {
    let Ok(lookup) = lookup(case) else { panic!("{case} makes no lookup") };
    let found = lookup.found(&mappings);
    found.map(|(id, user_id)| json!([id.medium(), id.address(), user_id])).collect()
}
