//! The calls of the identity server, with the errors of real servers.

mod common;

use bytes::Bytes;
use common::*;
use http::{Method, Response};
use serde_json::{Value, json};

const TERMS: &str = "https://id.example/terms";

/// Calls the identity server as Alice.
fn call(setting: &Setting, method: Method, path: &str, body: &Value) -> Response<Bytes> {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let path = format!("/_api/identity/v2/{path}");
    setting.call(method, &path, Some(&setting.id_token), &body)
}

fn get(setting: &Setting, path: &str) -> Response<Bytes> {
    call(setting, Method::GET, path, &Value::Null)
}

fn post(setting: &Setting, path: &str, body: Value) -> Response<Bytes> {
    call(setting, Method::POST, path, &body)
}

/// Returns an OpenID token of Alice.
fn open_id(setting: &Setting) -> Value {
    let path = "/_api/client/v3/user/@alice%3Anode.example/openid/request_token";
    json(&setting.call(Method::POST, path, Some(&setting.token), "{}"))
}

#[test]
fn openid_token_registers_its_user() {
    let setting = Setting::new();
    let open_id = open_id(&setting);
    assert_eq!(
        (&open_id["token_type"], &open_id["matrix_server_name"], &open_id["expires_in"]),
        (&json!("Bearer"), &json!("node.example"), &json!(3600))
    );
    let registered = json(&post(&setting, "account/register", open_id));
    let token = registered["token"].as_str().unwrap();
    assert_eq!(registered["access_token"], token);
    let account = setting.call(Method::GET, "/_api/identity/v2/account", Some(token), "");
    assert_eq!(json(&account), json!({ "user_id": ALICE }));
}

#[test]
fn token_of_other_user_is_refused() {
    let setting = Setting::new();
    let bob = setting.world.add_user(BOB);
    let path = "/_api/client/v3/user/@alice%3Anode.example/openid/request_token";
    let response = setting.call(Method::POST, path, Some(&bob), "{}");
    assert_refused(&response, 403, "M_FORBIDDEN", "Cannot request tokens for other users.");
    let response = setting.call(Method::POST, path, None, "{}");
    assert_refused(&response, 401, "M_MISSING_TOKEN", "Missing access token");
    let response = setting.call(Method::GET, path, Some(&setting.token), "");
    assert_refused(&response, 405, "M_UNRECOGNIZED", "Unrecognized request");
}

#[test]
fn bad_registration_is_refused() {
    let setting = Setting::new();
    let register = |body: Value| post(&setting, "account/register", body);
    for (body, status, errcode, error) in [
        (json!({}), 400, "M_MISSING_PARAMS", "Missing parameters: matrix_server_name,access_token"),
        (
            json!({ "access_token": "x", "matrix_server_name": "a b" }),
            400,
            "M_INVALID_PARAM",
            "matrix_server_name must be a valid Matrix server name (IP address or hostname)",
        ),
        (
            json!({ "access_token": "x", "matrix_server_name": "no-such-host.invalid:1" }),
            500,
            "M_UNKNOWN",
            "Unable to contact the Matrix homeserver (DNSLookupError)",
        ),
        (
            json!({ "access_token": "nope", "matrix_server_name": "node.example" }),
            500,
            "M_UNKNOWN",
            "The Matrix homeserver did not include 'sub' in its response",
        ),
    ] {
        assert_refused(&register(body), status, errcode, error);
    }
    let path = "/_api/identity/v2/account/register";
    let response = setting.call(Method::POST, path, None, "{nope");
    assert_refused(&response, 400, "M_BAD_JSON", "Malformed JSON");
}

#[test]
fn logout_ends_identity_token() {
    let setting = Setting::new();
    assert_ok(&post(&setting, "account/logout", json!({})));
    for response in [get(&setting, "account"), post(&setting, "account/logout", json!({}))] {
        assert_refused(&response, 401, "M_UNAUTHORIZED", "Unauthorized");
    }
    let response = setting.invite(&setting.by_email("carol@example.org"));
    assert_refused(&response, 500, "M_UNKNOWN", "Internal server error");
}

#[test]
fn unsigned_terms_refuse_most_calls() {
    let setting = Setting::new();
    assert_eq!(json(&get(&setting, "terms")), json!({ "policies": {} }));
    setting.world.add_policy(ID_SERVER, "terms_of_service", TERMS);
    let policy = json!({ "version": "1.0", "en": { "name": "Terms of service", "url": TERMS } });
    let policies = json(&get(&setting, "terms"));
    assert_eq!(policies, json!({ "policies": { "terms_of_service": policy } }));

    for path in ["account", "hash_details"] {
        assert_refused(&get(&setting, path), 403, "M_TERMS_NOT_SIGNED", "Terms not signed");
    }
    let invite = || setting.invite(&setting.by_email("carol@example.org"));
    assert_refused(&invite(), 500, "M_UNKNOWN", "Internal server error");
    let wrong = post(&setting, "terms", json!({ "user_accepts": ["https://example.org/other"] }));
    let error = "Unrecognised URLs: https://example.org/other";
    assert_refused(&wrong, 400, "M_UNKNOWN", error);
    assert_refused(&get(&setting, "account"), 403, "M_TERMS_NOT_SIGNED", "Terms not signed");

    assert_ok(&post(&setting, "terms", json!({ "user_accepts": [TERMS] })));
    assert_eq!(json(&get(&setting, "account")), json!({ "user_id": ALICE }));
    assert_ok(&invite());
}

#[test]
fn lookup_requires_current_pepper() {
    let setting = Setting::new();
    setting.world.bind(ID_SERVER, "email", "alice@example.com", ALICE);
    setting.world.bind(ID_SERVER, "msisdn", "18005552067", BOB);
    let details = json!({ "algorithms": ["sha256", "none"], "lookup_pepper": "matrixrocks" });
    assert_eq!(json(&get(&setting, "hash_details")), details);

    let lookup = |addresses: &[&str], algorithm: &str, pepper: &str| {
        let body = json!({ "addresses": addresses, "algorithm": algorithm, "pepper": pepper });
        post(&setting, "lookup", body)
    };
    // The hashes of the specification.
    let alice = "4kenr7N9drpCJ4AfalmlGQVsOn3o2RHjkADUpXJWZUc";
    let phone = "nlo35_T5fzSGZzJApqu8lgIudJvmOQtDaHtr-I4rU7I";
    let unbound = "LJwSazmv46n0hlMlsb_iYxI0_HXEqy_yj6Jm636cdT8";
    let found = json(&lookup(&[alice, unbound, phone], "sha256", "matrixrocks"));
    assert_eq!(found, json!({ "mappings": { alice: ALICE, phone: BOB } }));
    let plain = "alice@example.com email";
    let found = json(&lookup(&[plain, "x@example.com email"], "none", "matrixrocks"));
    assert_eq!(found, json!({ "mappings": { plain: ALICE } }));

    let error = "algorithm is not supported";
    assert_refused(&lookup(&[alice], "md5", "matrixrocks"), 400, "M_INVALID_PARAM", error);
    let error = "Missing parameters: addresses,algorithm,pepper";
    assert_refused(&post(&setting, "lookup", json!({})), 400, "M_MISSING_PARAMS", error);
    setting.world.set_pepper(ID_SERVER, "new");
    let stale = lookup(&[alice], "sha256", "matrixrocks");
    assert_refused(&stale, 400, "M_INVALID_PEPPER", "pepper does not match 'new'");
    assert_eq!(json(&stale)["lookup_pepper"], "new");
    assert_eq!(json(&lookup(&[alice], "sha256", "new")), json!({ "mappings": {} }));
}

fn to_store(address: &str) -> Value {
    json!({ "medium": "email", "address": address, "room_id": "!r:node.example", "sender": ALICE })
}

#[test]
fn stored_invitation_is_mailed() {
    let setting = Setting::new();
    let stored = json(&post(&setting, "store-invite", to_store("Carol@example.org")));
    let [mail] = setting.world.mailbox(ID_SERVER, "carol@example.org").try_into().unwrap();
    assert_eq!(stored["token"], mail.token);
    let link = format!(
        "https://chat.example/#/room/!r%3Anode.example?email=carol%40example.org\
         &signurl=https%3A%2F%2F{}%2F_api%2Fidentity%2Fapi%2Fv1%2Fsign-ed25519\
         %3Ftoken%3D{}%26private_key%3D{}&room_name=&inviter_name=%40alice%3Anode.example",
        ID_SERVER.replace(':', "%3A"),
        mail.token,
        mail.private_key
    );
    assert_eq!(mail.link, link);
    let shown = format!("{mail:?}");
    assert!(!shown.contains("link") && !shown.contains(&mail.private_key), "{shown}");
    assert_eq!(stored["display_name"], "car...@exa...");
    assert_eq!(stored["public_keys"][0]["public_key"], stored["public_key"]);
    assert_eq!(stored["public_keys"].as_array().unwrap().len(), 2);
}

#[test]
fn bad_stored_invitation_is_refused() {
    let setting = Setting::new();
    setting.world.bind(ID_SERVER, "email", "bob@example.com", BOB);
    let changed = |field: &str, value: &str| {
        let mut body = to_store("carol@example.org");
        body[field] = value.into();
        post(&setting, "store-invite", body)
    };
    let error = "'sender' doesn't match";
    assert_refused(&changed("sender", BOB), 403, "M_UNAUTHORIZED", error);
    let error = "Didn't understand medium 'msisdn'";
    assert_refused(&changed("medium", "msisdn"), 400, "M_UNRECOGNIZED", error);
    let in_use = changed("address", "BOB@example.com");
    assert_refused(&in_use, 400, "M_THREEPID_IN_USE", "Binding already known");
    assert_eq!(json(&in_use)["mxid"], BOB);
    // Without a body and a token, the error is about the body.
    let path = "/_api/identity/v2/store-invite";
    let response = setting.call(Method::POST, path, None, "");
    assert_refused(&response, 400, "M_BAD_JSON", "Malformed JSON");

    setting.world.limit_stored_invitations(ID_SERVER, 1);
    assert_eq!(changed("medium", "email").status(), 200);
    let limited = changed("medium", "email");
    assert_refused(&limited, 429, "M_UNKNOWN", "Limit exceeded for this sender");
    assert!(!limited.headers().contains_key("retry-after"));
}

fn request_email(setting: &Setting, email: &str, secret: &str, attempt: u64) -> Response<Bytes> {
    let body = json!({ "email": email, "client_secret": secret, "send_attempt": attempt });
    post(setting, "validate/email/requestToken", body)
}

fn submit(setting: &Setting, medium: &str, sid: &str, secret: &str, token: &str) -> Value {
    let body = json!({ "sid": sid, "client_secret": secret, "token": token });
    let response = post(setting, &format!("validate/{medium}/submitToken"), body);
    assert_eq!(response.status(), 200, "a failure is a 200 too");
    json(&response)
}

#[test]
fn mailed_token_validates_address() {
    let setting = Setting::new();
    let sid = |attempt| {
        let response = request_email(&setting, "Carol@example.org", "secret", attempt);
        json(&response)["sid"].as_str().unwrap().to_owned()
    };
    let first = sid(1);
    assert_eq!((sid(1), sid(2)), (first.clone(), first.clone()), "the same validation");
    let tokens = setting.world.validation_tokens(ID_SERVER, "email", "carol@example.org");
    assert_eq!(tokens.len(), 2, "each attempt is mailed once");

    let validated = |sid: &str, secret: &str| {
        get(&setting, &format!("3pid/getValidated3pid?sid={sid}&client_secret={secret}"))
    };
    let error = "This validation session has not yet been completed";
    assert_refused(&validated(&first, "secret"), 400, "M_SESSION_NOT_VALIDATED", error);
    for (sid, secret, token, errcode, error) in [
        ("999", "secret", &*tokens[0], "M_INVALID_PARAM", "The token doesn't match"),
        (
            &*first,
            "secret",
            "nope",
            "M_NO_VALID_SESSION",
            "No session could be found with this sid",
        ),
        (
            &*first,
            "other",
            &*tokens[0],
            "M_INVALID_PARAM",
            "Client secret does not match the one given when requesting the token",
        ),
    ] {
        let failure = json!({ "success": false, "errcode": errcode, "error": error });
        assert_eq!(submit(&setting, "email", sid, secret, token), failure);
    }
    let success = submit(&setting, "email", &first, "secret", &tokens[0]);
    assert_eq!(success, json!({ "success": true }));
    let found = json(&validated(&first, "secret"));
    assert_eq!(
        (&found["medium"], &found["address"]),
        (&json!("email"), &json!("carol@example.org"))
    );
    assert!(found["validated_at"].is_u64());
    let error = "No valid session was found matching that sid and client secret";
    for response in
        [validated("0", "secret"), validated("999", "secret"), validated(&first, "other")]
    {
        assert_refused(&response, 404, "M_NO_VALID_SESSION", error);
    }
}

#[test]
fn bad_validation_is_refused() {
    let setting = Setting::new();
    let secret = request_email(&setting, "a@example.org", "a b", 1);
    assert_refused(&secret, 400, "M_INVALID_PARAM", "Invalid client_secret provided");
    let email = request_email(&setting, "non sense", "secret", 1);
    assert_refused(&email, 400, "M_INVALID_EMAIL", "Invalid email address");
    let path = "/_api/identity/v2/validate/email/requestToken";
    let response = setting.call(Method::POST, path, None, "{}");
    assert_refused(&response, 401, "M_UNAUTHORIZED", "Unauthorized");
    let response = get(&setting, "validate/email/requestToken");
    assert_eq!(response.status(), 405);
}

#[test]
fn sent_token_validates_phone_number() {
    let setting = Setting::new();
    let request = |number: &str| {
        let body = json!({
            "phone_number": number, "country": "GB", "client_secret": "s", "send_attempt": 1,
        });
        post(&setting, "validate/msisdn/requestToken", body)
    };
    let answer = json(&request("07700 900001"));
    assert_eq!(answer["msisdn"], "447700900001");
    let [token] = setting
        .world
        .validation_tokens(ID_SERVER, "msisdn", "447700900001")
        .try_into()
        .expect("one message");
    let sid = answer["sid"].as_str().unwrap();
    assert_eq!(submit(&setting, "email", sid, "s", &token)["success"], false, "not an e-mail");
    assert_eq!(submit(&setting, "msisdn", sid, "s", &token), json!({ "success": true }));
    let bound = json(&post(
        &setting,
        "3pid/bind",
        json!({ "sid": sid, "client_secret": "s", "mxid": ALICE }),
    ));
    assert_eq!((&bound["medium"], &bound["address"]), (&json!("msisdn"), &json!("447700900001")));
    let invalid = request("call me");
    assert_refused(&invalid, 400, "M_INVALID_PHONE_NUMBER", "Invalid phone number");
}

/// The session ID of an address that Alice has validated.
fn validated(setting: &Setting, email: &str) -> String {
    let sid = json(&request_email(setting, email, "secret", 1))["sid"].as_str().unwrap().to_owned();
    let token = setting.world.validation_tokens(ID_SERVER, "email", email).remove(0);
    assert_eq!(submit(setting, "email", &sid, "secret", &token), json!({ "success": true }));
    sid
}

#[test]
fn binding_lasts_until_unbound() {
    let setting = Setting::new();
    let sid = validated(&setting, "alice@example.org");
    let bound = json(&post(
        &setting,
        "3pid/bind",
        json!({ "sid": sid, "client_secret": "secret", "mxid": ALICE }),
    ));
    assert_eq!((&bound["address"], &bound["mxid"]), (&json!("alice@example.org"), &json!(ALICE)));
    assert!(bound["not_after"].as_u64() > bound["not_before"].as_u64());
    assert!(bound["signatures"][ID_SERVER]["ed25519:0"].is_string());
    assert!(bound.get("invites").is_none(), "none waited");
    let bound_to = || post(&setting, "store-invite", to_store("alice@example.org"));
    assert_eq!(json(&bound_to())["mxid"], ALICE);

    let threepid = json!({ "medium": "email", "address": "alice@example.org" });
    let unbind = |fields: Value| {
        let mut body = json!({ "mxid": ALICE, "threepid": threepid });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        post(&setting, "3pid/unbind", body)
    };
    let error = "Missing X-Matrix Authorization header";
    assert_refused(&unbind(json!({})), 401, "M_FORBIDDEN", error);
    let error = "No valid session was found matching that sid and client secret";
    let other = unbind(json!({ "sid": sid, "client_secret": "other" }));
    assert_refused(&other, 401, "M_NO_VALID_SESSION", error);
    let other = validated(&setting, "other@example.org");
    let other = unbind(json!({ "sid": other, "client_secret": "secret" }));
    assert_eq!(other.status(), 403, "another address's session");
    assert_eq!(json(&bound_to())["mxid"], ALICE);
    assert_ok(&unbind(json!({ "sid": sid, "client_secret": "secret" })));
    assert_eq!(bound_to().status(), 200);
}

#[test]
fn bad_binding_is_refused() {
    let setting = Setting::new();
    let bind = |sid: &str, secret: &str, user: &str| {
        post(&setting, "3pid/bind", json!({ "sid": sid, "client_secret": secret, "mxid": user }))
    };
    let error = "No valid session was found matching that sid and client secret";
    assert_refused(&bind("999", "secret", ALICE), 404, "M_NO_VALID_SESSION", error);
    request_email(&setting, "alice@example.org", "secret", 1);
    let error = "This validation session has not yet been completed";
    assert_refused(&bind("1", "secret", ALICE), 400, "M_SESSION_NOT_VALIDATED", error);
    let sid = validated(&setting, "other@example.org");
    let error = "This user is prohibited from binding to the mxid";
    assert_refused(&bind(&sid, "secret", BOB), 403, "M_UNAUTHORIZED", error);
}

#[test]
fn signing_needs_mailed_token_and_key() {
    let setting = Setting::new();
    post(&setting, "store-invite", to_store("carol@example.org"));
    let mail = setting.world.mailbox(ID_SERVER, "carol@example.org").remove(0);
    let sign = |token: &str, key: &str| {
        post(&setting, "sign-ed25519", json!({ "mxid": BOB, "token": token, "private_key": key }))
    };
    let signed = json(&sign(&mail.token, &mail.private_key));
    assert_eq!(
        (&signed["mxid"], &signed["sender"], &signed["token"]),
        (&json!(BOB), &json!(ALICE), &json!(mail.token))
    );
    assert!(signed["signatures"][ID_SERVER]["ed25519:0"].is_string());
    let unknown = sign("nope", &mail.private_key);
    assert_refused(&unknown, 404, "M_UNRECOGNIZED", "Didn't recognize token");
    let bad = sign(&mail.token, "%%%");
    assert_refused(&bad, 500, "M_UNKNOWN", "Internal Server Error");
    let missing = post(&setting, "sign-ed25519", json!({ "mxid": BOB, "token": mail.token }));
    assert_refused(&missing, 400, "M_MISSING_PARAMS", "Missing parameters: private_key");
}

#[test]
fn wrong_type_is_internal_error() {
    let setting = Setting::new();
    let response =
        post(&setting, "sign-ed25519", json!({ "mxid": 1, "token": 2, "private_key": 3 }));
    assert_refused(&response, 500, "M_UNKNOWN", "Internal Server Error");
    let body = json!({ "sid": 1, "client_secret": "s", "mxid": ALICE });
    assert_refused(&post(&setting, "3pid/bind", body), 500, "M_UNKNOWN", "Internal Server Error");
}
