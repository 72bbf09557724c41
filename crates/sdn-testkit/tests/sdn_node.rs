//! The differences of an SDN-like node.

mod common;

use std::time::Duration;

use bytes::Bytes;
use common::*;
use http::{Method, Request};
use sdn_testkit::{Wallet, World};
use serde_json::json;

/// Alice's address without `0x`.
const DIGITS: &str = "7e5f4552091a69125d5dfcb7b8c2659029395bdf";

/// Returns whether it is URL-safe Base64 of this length.
fn is_base64_url(text: &str, length: usize) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    text.len() == length && text.bytes().all(is_allowed)
}

#[test]
fn identifiers_have_real_shapes() {
    let setting = Setting::sdn();
    assert_eq!(alice().user_id(), format!("@sdn_{DIGITS}:{DIGITS}"));
    assert_eq!(alice().user_id().len(), 86);
    assert!(is_base64_url(&setting.token, 43), "{}", setting.token);
    let (name, rest) = setting.room.strip_prefix('!').unwrap().split_once('-').unwrap();
    assert!(name.len() == 16 && name.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{name}");
    assert_eq!((rest, setting.room.len()), (&*alice().user_id(), 104));

    let path = setting.invite_path().replace("/invite", "/state/m.room.topic/");
    let put = setting.call(Method::PUT, &path, Some(&setting.token), "{}");
    let event_id = json(&put)["event_id"].as_str().unwrap().to_owned();
    assert!(is_base64_url(event_id.strip_prefix('$').unwrap(), 43), "{event_id}");
    let again = Setting::sdn();
    assert_eq!((setting.token, setting.room), (again.token, again.room), "nothing is random");
}

#[test]
fn path_versions_are_served_alike() {
    let setting = Setting::sdn();
    for (number, version) in (2..).zip(["r0", "v3", "unstable"]) {
        for prefix in ["_api", "_matrix"] {
            let path = format!("/{prefix}/client/{version}/account/whoami");
            let response = setting.call(Method::GET, &path, Some(&setting.token), "");
            assert_eq!(json(&response)["user_id"], alice().user_id(), "{path}");
        }
        let wallet = Wallet::new(number);
        let path = setting.invite_path().replace("/v3/", &format!("/{version}/"));
        let body = json!({ "user_id": wallet.user_id() }).to_string();
        assert_ok(&setting.call(Method::POST, &path, Some(&setting.token), &body));
    }
    assert_eq!(setting.invitations(), 3);
    for version in ["r1", "v1", "v99"] {
        let path = format!("/_api/client/{version}/account/whoami");
        let response = setting.call(Method::GET, &path, Some(&setting.token), "");
        assert_refused(&response, 404, "M_UNRECOGNIZED", "Unrecognized request");
    }
    let synapse = Setting::new();
    let path = "/_api/client/r0/account/whoami";
    let response = synapse.call(Method::GET, path, Some(&synapse.token), "");
    assert_refused(&response, 404, "M_UNRECOGNIZED", "Unrecognized request");
}

#[test]
fn token_is_in_header_or_query() {
    let setting = Setting::sdn();
    let path = "/_api/client/r0/account/whoami";
    let whoami =
        |query: &str, token| setting.call(Method::GET, &format!("{path}{query}"), token, "");
    let (token, in_query) = (&*setting.token, format!("?access_token={}", setting.token));
    for response in [whoami("", Some(token)), whoami(&in_query, None)] {
        assert_eq!(json(&response)["user_id"], alice().user_id());
    }
    let both = "mixing Authorization headers and access_token query parameters";
    assert_refused(&whoami(&in_query, Some(token)), 401, "M_MISSING_TOKEN", both);
    for query in ["", "?access_token="] {
        let response = whoami(query, None);
        assert_refused(&response, 401, "M_MISSING_TOKEN", "Missing access token");
    }
    for response in [whoami("", Some("nope")), whoami("?access_token=nope", None)] {
        assert_refused(&response, 401, "M_UNKNOWN_TOKEN", "Unknown token");
    }
    let synapse = Setting::new();
    let query = format!("/_api/client/v3/account/whoami?access_token={}", synapse.token);
    let response = synapse.call(Method::GET, &query, None, "");
    assert_refused(&response, 401, "M_MISSING_TOKEN", "Missing access token");
}

#[test]
fn logout_ends_the_token() {
    for (setting, path) in
        [(Setting::sdn(), "/_api/client/r0/logout"), (Setting::new(), "/_api/client/v3/logout")]
    {
        let log_out = || setting.call(Method::POST, path, Some(&setting.token), "{}");
        assert_ok(&log_out());
        assert_eq!(json(&log_out())["errcode"], "M_UNKNOWN_TOKEN");
    }
}

#[test]
fn open_id_has_sdn_server_name() {
    let setting = Setting::sdn();
    let path = format!("/_api/client/v3/user/{}/openid/request_token", alice().user_id());
    let open_id = json(&setting.call(Method::POST, &path, Some(&setting.token), "{}"));
    assert_eq!(open_id["sdn_server_name"], "node.example");
    assert!(open_id.get("matrix_server_name").is_none(), "{open_id}");
    assert!(is_base64_url(open_id["access_token"].as_str().unwrap(), 43), "{open_id}");

    let register = |body: &serde_json::Value| {
        let path = "/_api/identity/v2/account/register";
        setting.call(Method::POST, path, None, &body.to_string())
    };
    let registered = json(&register(&open_id));
    let token = registered["token"].as_str().unwrap();
    let account = setting.call(Method::GET, "/_api/identity/v2/account", Some(token), "");
    assert_eq!(json(&account), json!({ "user_id": alice().user_id() }));

    let token = &open_id["access_token"];
    let other_name = json!({ "sendingnetwork_server_name": "node.example", "access_token": token });
    assert_eq!(register(&other_name).status(), 200);
    let error = "Missing parameters: matrix_server_name";
    let response = register(&json!({ "access_token": token }));
    assert_refused(&response, 400, "M_MISSING_PARAMS", error);
}

#[test]
fn discovery_names_the_node() {
    let setting = Setting::sdn();
    setting.world.set_discovery("node.example", "https://node.example/", None);
    for name in ["sdn", "api", "matrix"] {
        let path = format!("/.well-known/{name}/client");
        let document = json(&setting.call(Method::GET, &path, None, ""));
        assert_eq!(document, json!({ "m.node": { "base_url": "https://node.example/" } }));
    }
    let synapse = Setting::new();
    synapse.world.set_discovery("node.example", "https://node.example/", None);
    let response = synapse.call(Method::GET, "/.well-known/api/client", None, "");
    assert_eq!(response.status(), 404);
}

#[test]
fn versions_follow_dendrite() {
    let setting = Setting::sdn();
    let answer = json(&setting.call(Method::GET, "/_api/client/versions", None, ""));
    let versions = answer["versions"].as_array().unwrap();
    assert!(versions.contains(&json!("r0.5.0")) && !versions.contains(&json!("r0.6.0")));
    assert_eq!(answer["unstable_features"], json!({}));
}

#[test]
fn wallet_is_invited_by_user_id() {
    let setting = Setting::sdn();
    assert_ok(&setting.invite(&json!({ "user_id": bob().user_id(), "reason": "Hello" })));
    let member = setting.events("m.room.member").pop().unwrap();
    assert_eq!(member.state_key, Some(bob().user_id()));
    assert_eq!(member.content, json!({ "membership": "invite", "reason": "Hello" }));
}

#[test]
fn only_trusted_identity_servers_are_asked() {
    let setting = Setting::sdn();
    setting.world.add_identity_server("other.example");
    for id_server in ["other.example", "nowhere.example", "id.example"] {
        let mut body = setting.by_email("carol@example.org");
        body["id_server"] = json!(id_server);
        let error = format!("Untrusted server '{id_server}'");
        assert_refused(&setting.invite(&body), 400, "M_SERVER_NOT_TRUSTED", &error);
    }
    assert!(setting.world.mails("other.example").is_empty());
    setting.world.trust_identity_server("node.example", "OTHER.example");
    let mut body = setting.by_email("carol@example.org");
    body["id_server"] = json!("other.example");
    assert_ok(&setting.invite(&body));
    assert_eq!(setting.world.mails("other.example").len(), 1);
}

#[test]
fn identity_token_is_ignored() {
    for token in [None, Some(json!("nope")), Some(json!(5))] {
        let setting = Setting::sdn();
        let mut body = setting.by_email("carol@example.org");
        match token {
            None => drop(body.as_object_mut().unwrap().remove("id_access_token")),
            Some(token) => body["id_access_token"] = token,
        }
        assert_ok(&setting.invite(&body));
        let event = setting.events("m.room.third_party_invite").pop().unwrap();
        let mail = setting.world.mailbox(ID_SERVER, "carol@example.org").remove(0);
        assert_eq!(event.state_key, Some(mail.token));
        let base = "https://id.example:8090/_api/identity/api/v1/pubkey";
        assert_eq!(event.content["key_validity_url"], format!("{base}/isvalid"));
        let keys = &event.content["public_keys"];
        assert_eq!(keys[1]["key_validity_url"], format!("{base}/ephemeral/isvalid"));
    }
}

#[test]
fn known_address_invites_its_wallet() {
    let setting = Setting::sdn();
    setting.world.bind(ID_SERVER, "email", "bob@example.com", &bob().user_id());
    assert_ok(&setting.invite(&setting.by_email("BOB@example.com")));
    let member = setting.events("m.room.member").pop().unwrap();
    assert_eq!(member.state_key, Some(bob().user_id()));
    assert!(setting.world.mails(ID_SERVER).is_empty());
}

#[test]
fn partial_third_parties_are_bad_json() {
    let setting = Setting::sdn();
    let partial = "'address', 'id_server' and 'medium' must all be supplied";
    for member in ["address", "id_server", "medium"] {
        let mut body = setting.by_email("carol@example.org");
        body[member] = json!("");
        body["user_id"] = json!(bob().user_id());
        assert_refused(&setting.invite(&body), 400, "M_BAD_JSON", partial);
        body.as_object_mut().unwrap().remove(member);
        assert_refused(&setting.invite(&body), 400, "M_BAD_JSON", partial);
        body[member] = json!(5);
        let error = format!("'{member}' must be a string");
        assert_refused(&setting.invite(&body), 400, "M_BAD_JSON", &error);
    }
    for body in [json!({}), json!({ "user_id": "" }), json!({ "user_id": 5 })] {
        assert_refused(&setting.invite(&body), 400, "M_BAD_JSON", "missing user_id");
    }
    let response = setting.invite(&json!({ "user_id": "nonsense" }));
    assert_refused(&response, 400, "M_INVALID_PARAM", "UserID is invalid");
    assert_eq!(setting.invitations(), 0);
}

#[test]
fn identity_server_failures_are_internal_errors() {
    let setting = Setting::sdn();
    setting.world.trust_identity_server("node.example", "nowhere.example");
    for (member, value) in
        [("id_server", "nowhere.example"), ("medium", "msisdn"), ("address", "X <x@example.org>")]
    {
        let mut body = setting.by_email("carol@example.org");
        body[member] = json!(value);
        assert_refused(&setting.invite(&body), 500, "M_UNKNOWN", "Internal server error");
    }
    setting.world.limit_stored_invitations(ID_SERVER, 0);
    let response = setting.invite(&setting.by_email("carol@example.org"));
    assert_refused(&response, 500, "M_UNKNOWN", "Internal server error");
    let response = setting.invite(&json!({ "user_id": "@x:elsewhere.example" }));
    assert_refused(&response, 500, "M_UNKNOWN", "Internal server error");
    assert_eq!(setting.invitations(), 0);
}

#[test]
fn membership_is_checked_after_the_mail() {
    let setting = Setting::sdn();
    let bobs_token = setting.world.add_wallet("node.example", &bob());
    let invite = |body: &serde_json::Value| setting.invite_as(&bobs_token, &body.to_string());
    let response = invite(&setting.by_email("carol@example.org"));
    assert_refused(&response, 500, "M_UNKNOWN", "Internal server error");
    assert_eq!(setting.world.mailbox(ID_SERVER, "carol@example.org").len(), 1);

    setting.world.bind(ID_SERVER, "email", "dave@example.org", &Wallet::new(4).user_id());
    for body in
        [setting.by_email("dave@example.org"), json!({ "user_id": Wallet::new(3).user_id() })]
    {
        assert_refused(&invite(&body), 403, "M_FORBIDDEN", "user does not belong to room");
    }
    let path = "/_api/client/v3/rooms/!nope/invite";
    let body = setting.by_email("erin@example.org").to_string();
    let response = setting.call(Method::POST, path, Some(&bobs_token), &body);
    assert_refused(&response, 404, "M_NOT_FOUND", "room does not exist");
    assert_eq!(setting.world.mailbox(ID_SERVER, "erin@example.org").len(), 1);
    assert_eq!(setting.invitations(), 0);
}

#[test]
fn rate_limit_is_only_in_body() {
    let setting = Setting::sdn();
    setting.world.limit_invitations(1, Duration::from_millis(2_500));
    assert_ok(&setting.invite(&json!({ "user_id": bob().user_id() })));
    for body in [setting.by_email("carol@example.org"), json!({ "user_id": bob().user_id() })] {
        let response = setting.invite(&body);
        let error = "You are sending too many requests too quickly!";
        assert_refused(&response, 429, "M_LIMIT_EXCEEDED", error);
        assert_eq!(json(&response)["retry_after_ms"], 2_500);
        assert!(!response.headers().contains_key("retry-after"));
    }
    assert!(setting.world.mails(ID_SERVER).is_empty());
}

#[test]
fn synapse_like_node_has_no_wallets() {
    let setting = Setting::new();
    let path = format!("/_api/client/v3/address/{}", alice().address());
    let response = setting.call(Method::GET, &path, None, "");
    assert_refused(&response, 404, "M_UNRECOGNIZED", "Unrecognized request");
}

#[test]
fn both_families_share_a_world() {
    let world = World::new();
    let old = world.add_user("@alice:node.example");
    let wallet = world.add_wallet("portal.example", &alice());
    for (host, path, token, user) in [
        (
            "node.example",
            "/_matrix/client/v3/account/whoami",
            old,
            "@alice:node.example".to_owned(),
        ),
        ("portal.example", "/_api/client/unstable/account/whoami", wallet, alice().user_id()),
    ] {
        let request = Request::get(format!("https://{host}{path}"))
            .header("authorization", format!("Bearer {token}"));
        let response = world.handle(request.body(Bytes::new()).unwrap());
        assert_eq!(json(&response)["user_id"], user);
    }
}
