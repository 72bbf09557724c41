//! Version 1 of the identity server's API, as an SDN-like node would call it.

mod common;

use bytes::Bytes;
use common::*;
use http::{Method, Request, Response};
use sdn_testkit::Wallet;
use serde_json::json;

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

fn get(setting: &Setting, path: &str) -> Response<Bytes> {
    setting.call(Method::GET, &format!("/_api/identity/api/v1/{path}"), None, "")
}

fn post(setting: &Setting, path: &str, content_type: &str, body: &str) -> Response<Bytes> {
    let request = Request::post(format!("https://{ID_SERVER}/_matrix/identity/api/v1/{path}"))
        .header("content-type", content_type);
    setting.world.handle(request.body(Bytes::from(body.to_owned())).unwrap())
}

#[test]
fn lookup_returns_signed_association() {
    let setting = Setting::sdn();
    let lookup =
        |address: &str| json(&get(&setting, &format!("lookup?medium=email&address={address}")));
    assert_eq!(lookup("bob%2Btea@example.com"), json!({}));
    setting.world.bind(ID_SERVER, "email", "bob+tea@example.com", &bob().user_id());
    let association = lookup("Bob%2BTea@example.com");
    assert_eq!(association["mxid"], bob().user_id());
    assert_eq!(association["address"], "bob+tea@example.com");
    assert_eq!(association["medium"], "email");
    assert_eq!(association["ts"], association["not_before"]);
    assert!(association["not_after"].as_u64() > association["ts"].as_u64());
    assert!(association["signatures"][ID_SERVER]["ed25519:0"].is_string(), "{association}");
    let missing = get(&setting, "lookup?medium=email");
    assert_refused(&missing, 400, "M_MISSING_PARAMS", "Missing parameters: address");
}

#[test]
fn invitation_is_stored_from_a_form() {
    let setting = Setting::sdn();
    let sender = alice().user_id();
    let form = format!(
        "medium=email&address=carol%2Btea%40example.org&room_id={}&sender={}&sender_display_name=Alice+A",
        setting.room.replace(':', "%3A"),
        sender.replace(':', "%3A").replace('@', "%40"),
    );
    let stored = json(&post(&setting, "store-invite", FORM, &form));
    let mail = setting.world.mailbox(ID_SERVER, "carol+tea@example.org").remove(0);
    assert_eq!((&mail.room_id, &mail.sender), (&setting.room, &sender));
    assert_eq!(
        (&stored["token"], &stored["display_name"]),
        (&json!(mail.token), &json!("car...@exa..."))
    );
    let key = stored["public_key"].as_str().unwrap();
    let url = stored["public_keys"][0]["key_validity_url"].as_str().unwrap();
    assert_eq!(url, format!("https://{ID_SERVER}/_matrix/identity/api/v1/pubkey/isvalid"));
    let encoded = key.replace('+', "%2B").replace('/', "%2F");
    for (path, key, is_valid) in [
        ("pubkey/isvalid", &*encoded, true),
        ("pubkey/isvalid", "other", false),
        (
            "pubkey/ephemeral/isvalid",
            stored["public_keys"][1]["public_key"].as_str().unwrap(),
            true,
        ),
    ] {
        let answer = json(&get(&setting, &format!("{path}?public_key={key}")));
        assert_eq!(answer, json!({ "valid": is_valid }), "{path}");
    }
    assert_eq!(json(&get(&setting, "pubkey/ed25519:0"))["public_key"], key);
}

#[test]
fn json_is_accepted_too() {
    let setting = Setting::sdn();
    let body = json!({
        "medium": "email",
        "address": "carol@example.org",
        "room_id": setting.room,
        "sender": alice().user_id(),
    });
    assert_eq!(post(&setting, "store-invite", JSON, &body.to_string()).status(), 200);
    let response = post(&setting, "store-invite", JSON, "medium=email");
    assert_refused(&response, 400, "M_BAD_JSON", "Malformed JSON");
    let response = post(&setting, "store-invite", FORM, "medium=email&sender=%40a%3Ab");
    assert_refused(&response, 400, "M_MISSING_PARAMS", "Missing parameters: address,room_id");
    setting.world.limit_stored_invitations(ID_SERVER, 0);
    assert_eq!(post(&setting, "store-invite", JSON, &body.to_string()).status(), 429);
}

#[test]
fn forms_validate_and_bind_address() {
    let setting = Setting::sdn();
    assert_ok(&setting.invite(&setting.by_email("carol@example.org")));
    let carol = Wallet::new(3).user_id();
    let post = |path: &str, form: &str| json(&post(&setting, path, FORM, form));
    let form = "email=carol%40example.org&client_secret=s&send_attempt=1";
    let sid = post("validate/email/requestToken", form)["sid"].as_str().unwrap().to_owned();
    let token = setting.world.validation_tokens(ID_SERVER, "email", "carol@example.org").remove(0);
    let form = format!("sid={sid}&client_secret=s&token={token}");
    assert_eq!(post("validate/email/submitToken", &form), json!({ "success": true }));
    let validated =
        json(&get(&setting, &format!("3pid/getValidated3pid?sid={sid}&client_secret=s")));
    assert_eq!(validated["address"], "carol@example.org");
    let form = format!("sid={sid}&client_secret=s&mxid={}", carol.replace('@', "%40"));
    assert_eq!(post("3pid/bind", &form)["mxid"], carol);
    let member = setting.events("m.room.member").pop().unwrap();
    assert_eq!((member.state_key, &member.content["membership"]), (Some(carol), &json!("invite")));
}

#[test]
fn version_2_paths_are_missing() {
    let setting = Setting::sdn();
    for path in ["account", "hash_details", "terms"] {
        assert_eq!(get(&setting, path).status(), 404, "{path}");
    }
    for path in ["/_api/identity/v1/lookup", "/_api/identity/api/v2/lookup", "/_api/identity/api"] {
        assert_eq!(setting.call(Method::GET, path, None, "").status(), 404, "{path}");
    }
    assert_ok(&setting.call(Method::GET, "/_api/identity/api/v1", None, ""));
}
