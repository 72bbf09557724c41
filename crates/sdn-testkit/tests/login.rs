//! Logins with a password, and logouts.

mod common;

use common::*;
use http::{Method, StatusCode};
use serde_json::{Value, json};

const LOGIN: &str = "/_api/client/v3/login";
const WHOAMI: &str = "/_api/client/v3/account/whoami";
const PASSWORD: &str = "wonderland";

fn setting() -> Setting {
    let setting = Setting::new();
    setting.world.set_password(ALICE, PASSWORD);
    setting
}

/// Logs in and returns the response, which must be a 200.
#[track_caller]
fn log_in(setting: &Setting, body: &Value) -> Value {
    let response = setting.call(Method::POST, LOGIN, None, &body.to_string());
    assert_eq!(response.status(), StatusCode::OK, "{:?}", response.body());
    json(&response)
}

fn text<'a>(response: &'a Value, name: &str) -> &'a str {
    response[name].as_str().unwrap()
}

#[test]
fn flows_name_the_password() {
    let response = setting().call(Method::GET, LOGIN, None, "");
    let flows = json!([{ "type": "m.login.password" }, { "type": "m.login.application_service" }]);
    assert_eq!(json(&response), json!({ "flows": flows }));
}

#[test]
fn password_logs_in_each_user_form() {
    let setting = setting();
    let identifier = |user: &str| json!({ "identifier": { "type": "m.id.user", "user": user } });
    for mut body in [identifier("alice"), identifier(ALICE), json!({ "user": "alice" })] {
        body["type"] = "m.login.password".into();
        body["password"] = PASSWORD.into();
        let login = log_in(&setting, &body);
        assert_eq!((text(&login, "user_id"), text(&login, "home_server")), (ALICE, "node.example"));
        let whoami = setting.call(Method::GET, WHOAMI, Some(text(&login, "access_token")), "");
        let expected =
            json!({ "user_id": ALICE, "is_guest": false, "device_id": login["device_id"] });
        assert_eq!(json(&whoami), expected);
    }
}

#[test]
fn bad_logins_are_refused() {
    let setting = setting();
    let body = |changed: &str, value: Value| {
        let mut body = json!({
            "type": "m.login.password",
            "identifier": { "type": "m.id.user", "user": "alice" },
            "password": PASSWORD,
        });
        body[changed] = value;
        body.to_string()
    };
    let user = |user: Value| json!({ "type": "m.id.user", "user": user });
    for (body, status, errcode, error) in [
        (body("password", json!("x")), 403, "M_FORBIDDEN", "Invalid username or password"),
        (
            body("identifier", user(json!("bob"))),
            403,
            "M_FORBIDDEN",
            "Invalid username or password",
        ),
        (body("password", json!(1)), 400, "M_INVALID_PARAM", "Bad parameter: password"),
        (body("type", json!(1)), 400, "M_INVALID_PARAM", "Bad parameter: type"),
        (body("type", json!("m.x")), 400, "M_UNKNOWN", "Unknown login type m.x"),
        ("{}".to_owned(), 400, "M_UNKNOWN", "Missing JSON keys."),
        (
            json!({ "type": "m.login.password", "password": PASSWORD }).to_string(),
            400,
            "M_INVALID_PARAM",
            "Invalid login submission",
        ),
        (
            body("identifier", json!({ "type": "m.id.x" })),
            400,
            "M_UNKNOWN",
            "Unknown login identifier type",
        ),
        (
            body("identifier", user(json!(1))),
            400,
            "M_UNKNOWN",
            "User identifier is missing 'user' key",
        ),
    ] {
        let response = setting.call(Method::POST, LOGIN, None, &body);
        assert_refused(&response, status, errcode, error);
    }
}

#[test]
fn logout_ends_one_device() {
    let setting = setting();
    let body = |device: &str| json!({ "type": "m.login.password", "user": "alice", "password": PASSWORD, "device_id": device });
    let (phone, laptop) = (log_in(&setting, &body("PHONE")), log_in(&setting, &body("LAPTOP")));
    assert_eq!((text(&phone, "device_id"), text(&laptop, "device_id")), ("PHONE", "LAPTOP"));
    let [phone, laptop] = [&phone, &laptop].map(|login| text(login, "access_token"));
    let status =
        |method, path: &str, token| setting.call(method, path, Some(token), "").status().as_u16();
    assert_eq!(status(Method::POST, "/_api/client/v3/logout", phone), 200);
    let after = [phone, laptop, &setting.token].map(|token| status(Method::GET, WHOAMI, token));
    assert_eq!(after, [401, 200, 200]);
    assert_eq!(status(Method::POST, "/_api/client/v3/logout", phone), 401);
}

#[test]
fn device_has_one_token() {
    let setting = setting();
    let body = json!({ "type": "m.login.password", "user": "alice", "password": PASSWORD, "device_id": "PHONE" });
    let logins = [(); 2].map(|()| log_in(&setting, &body));
    let status = |login| {
        let token = Some(text(login, "access_token"));
        setting.call(Method::GET, WHOAMI, token, "").status().as_u16()
    };
    assert_eq!(logins.each_ref().map(status), [401, 200]);
}
