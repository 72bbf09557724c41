//! The servers of a world, and its canned responses.

mod common;

use bytes::Bytes;
use common::*;
use http::{Method, Request, Response, StatusCode};
use sdn_testkit::World;
use serde_json::json;

fn get(world: &World, uri: &str, host: Option<&str>, token: &str) -> Response<Bytes> {
    let mut request = Request::get(uri).header("authorization", format!("Bearer {token}"));
    if let Some(host) = host {
        request = request.header("host", host);
    }
    world.handle(request.body(Bytes::new()).unwrap())
}

#[test]
fn host_selects_the_node() {
    let world = World::new();
    let alice = world.add_user("@alice:node.example");
    let bob = world.add_user("@bob:other.example:8448");
    let path = "/_api/client/v3/account/whoami";
    for (host, token, user) in [
        ("node.example", &alice, "@alice:node.example"),
        ("NODE.example:443", &alice, "@alice:node.example"),
        ("other.example:8448", &bob, "@bob:other.example:8448"),
        ("127.0.0.1:1", &alice, "@alice:node.example"),
    ] {
        for (uri, header) in [
            (format!("https://{host}{path}"), Some("ignored.example")),
            (path.to_owned(), Some(host)),
        ] {
            let response = get(&world, &uri, header, token);
            assert_eq!(json(&response)["user_id"], user, "{uri} {header:?}");
        }
    }
    assert_eq!(get(&world, path, Some("node.example"), &bob).status(), StatusCode::UNAUTHORIZED);
    assert_eq!(json(&get(&world, path, None, &alice))["user_id"], "@alice:node.example");
}

#[test]
fn server_has_only_its_endpoints() {
    let setting = Setting::new();
    for uri in [
        format!("https://{ID_SERVER}/_api/client/versions"),
        "https://node.example/_api/identity/v2".to_owned(),
        "https://node.example/nonsense".to_owned(),
        "https://node.example/_other/client/versions".to_owned(),
        format!("https://{ID_SERVER}/_api/identity/v2/nonsense"),
    ] {
        let response = get(&setting.world, &uri, None, "");
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{uri}");
        assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
        assert_eq!(
            response.body(),
            &page("404 - No Such Resource", "Sorry. No luck finding that resource.")
        );
    }
}

/// Returns a page like those of real servers.
fn page(title: &str, text: &str) -> String {
    let (_, heading) = title.split_once(" - ").unwrap();
    format!(
        "\n<html>\n  <head><title>{title}</title></head>\n  <body>\n    <h1>{heading}</h1>\n    \
         <p>{text}</p>\n  </body>\n</html>\n"
    )
}

#[test]
fn wrong_method_at_identity_server_is_page() {
    let setting = Setting::new();
    for path in ["v2", "v2/account", "v2/pubkey/isvalid"] {
        for (method, status, heading) in
            [(Method::POST, 405, "Method Not Allowed"), (Method::DELETE, 501, "Huh?")]
        {
            let path = format!("/_api/identity/{path}");
            let response = setting.call(method.clone(), &path, Some(&setting.id_token), "{}");
            assert_eq!(response.status(), status, "{method} {path}");
            assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
            let text = format!("I don't know how to treat a {method} request.");
            assert_eq!(response.body(), &page(&format!("{status} - {heading}"), &text));
        }
    }
}

#[test]
fn empty_world_has_nothing() {
    for path in ["/_api/client/versions", "/_api/identity/v2", "/", "*"] {
        assert_eq!(get(&World::new(), path, None, "").status(), StatusCode::NOT_FOUND);
    }
}

#[test]
fn paths_are_matched_exactly() {
    let setting = Setting::new();
    for path in [
        "/_api/client/v99/rooms/x/invite",
        "/_api/client/v3/nonsense",
        "/_api/client/v3/rooms/x/invite/",
        "/_api/client/v3/rooms/a/b/invite",
    ] {
        let response = setting.call(Method::POST, path, Some(&setting.token), "{}");
        assert_refused(&response, 404, "M_UNRECOGNIZED", "Unrecognized request");
    }
    let invalid_utf8 = "/_api/client/v3/rooms/%ff/invite";
    let response = setting.call(Method::POST, invalid_utf8, Some(&setting.token), "{}");
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
}

#[test]
fn methods_are_checked() {
    let setting = Setting::new();
    let call = |method| setting.call(method, &setting.invite_path(), Some(&setting.token), "");
    for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE] {
        assert_refused(&call(method), 405, "M_UNRECOGNIZED", "Unrecognized request");
    }
    let head = call(Method::HEAD);
    assert_eq!((head.status().as_u16(), head.body().len()), (405, 0));
    let options = call(Method::OPTIONS);
    assert_eq!((options.status().as_u16(), options.body().len()), (204, 0));
}

#[test]
fn authorization_must_be_one_bearer_token() {
    let setting = Setting::new();
    let whoami = |values: &[&str]| {
        let mut request = Request::get("https://node.example/_api/client/v3/account/whoami");
        for value in values {
            request = request.header("authorization", *value);
        }
        setting.world.handle(request.body(Bytes::new()).unwrap())
    };
    let good = format!("Bearer {}", setting.token);
    let body = json(&whoami(&[&good]));
    assert_eq!((&body["user_id"], &body["is_guest"]), (&json!(ALICE), &json!(false)));
    assert_refused(
        &whoami(&[&good, &good]),
        401,
        "M_MISSING_TOKEN",
        "Too many Authorization headers.",
    );
    for bad in ["Basic abc", "Bearer ", "Bearer a b", "bearer x"] {
        assert_refused(&whoami(&[bad]), 401, "M_MISSING_TOKEN", "Invalid Authorization header.");
    }
}

#[test]
fn state_is_for_members() {
    let setting = Setting::new();
    let bob = setting.world.add_user(BOB);
    assert_ok(&setting.invite(&setting.by_email("carol@example.org")));
    let path = setting.invite_path().replace("/invite", "/state");
    let response = setting.call(Method::GET, &path, Some(&bob), "");
    assert_refused(
        &response,
        403,
        "M_FORBIDDEN",
        &format!("User {BOB} not in room {}", setting.room),
    );

    setting.world.join(&setting.room, BOB);
    setting.world.ban(&setting.room, BOB);
    let state = json(&setting.call(Method::GET, &path, Some(&setting.token), ""));
    let keys: Vec<_> = state.as_array().unwrap().iter().map(|event| &event["type"]).collect();
    assert_eq!(
        keys,
        [
            "m.room.create",
            "m.room.member",
            "m.room.power_levels",
            "m.room.third_party_invite",
            "m.room.member"
        ]
    );
    assert_eq!(state[4]["content"]["membership"], "ban", "only the newest of each");

    let invite = &state[3];
    let one = format!("{path}/m.room.third_party_invite/{}", invite["state_key"].as_str().unwrap());
    let content = json(&setting.call(Method::GET, &one, Some(&setting.token), ""));
    assert_eq!(content, invite["content"]);
    let none =
        setting.call(Method::GET, &format!("{path}/m.room.topic/x"), Some(&setting.token), "");
    assert_refused(&none, 404, "M_NOT_FOUND", "Event not found.");
}

#[test]
fn identity_server_knows_users_and_keys() {
    let setting = Setting::new();
    let call = |path: &str, token: Option<&str>| {
        setting.call(Method::GET, &format!("/_api/identity/{path}"), token, "")
    };
    assert_ok(&call("v2", None));
    assert_eq!(json(&call("v2/account", Some(&setting.id_token))), json!({ "user_id": ALICE }));
    for token in [None, Some("nope"), Some(setting.token.as_str())] {
        assert_refused(&call("v2/account", token), 401, "M_UNAUTHORIZED", "Unauthorized");
    }

    assert_ok(&setting.invite(&setting.by_email("carol@example.org")));
    let content = setting.events("m.room.third_party_invite").pop().unwrap().content;
    let key = |index: usize| content["public_keys"][index]["public_key"].as_str().unwrap();
    let encoded = |key: &str| key.replace('+', "%2B").replace('/', "%2F");
    let valid = |path: &str, key: &str| {
        json(&call(&format!("v2/pubkey/{path}?public_key={}", encoded(key)), None))["valid"].clone()
    };
    assert_eq!(json(&call("v2/pubkey/ed25519:0", None))["public_key"], key(0));
    assert_eq!(call("v2/pubkey/ed25519:1", None).status(), StatusCode::NOT_FOUND);
    assert_eq!((valid("isvalid", key(0)), valid("isvalid", key(1))), (json!(true), json!(false)));
    assert_eq!(valid("ephemeral/isvalid", key(1)), true);
    assert_eq!(valid("ephemeral/isvalid", key(0)), false);
    let missing = call("v2/pubkey/isvalid", None);
    assert_refused(&missing, 400, "M_MISSING_PARAMS", "Missing parameters: public_key");
}

#[test]
fn canned_responses_replace_handling() {
    let setting = Setting::new();
    let canned = |status: u16| {
        Response::builder().status(status).body(Bytes::from_static(b"canned")).unwrap()
    };
    setting.world.respond_always(Some(canned(503)));
    setting.world.respond_next(canned(301));
    setting.world.respond_next(canned(302));
    let statuses: Vec<_> = (0..4)
        .map(|_| setting.invite(&setting.by_email("carol@example.org")).status().as_u16())
        .collect();
    assert_eq!(statuses, [301, 302, 503, 503]);
    assert_eq!(setting.invitations(), 0);
    setting.world.respond_always(None);
    assert_ok(&setting.invite(&setting.by_email("carol@example.org")));
    assert_eq!(setting.world.requests().len(), 5);
}

#[test]
fn requests_are_recorded_unchanged() {
    let setting = Setting::new();
    assert_ok(&setting.invite(&setting.by_email("carol@example.org")));
    let requests = setting.world.requests();
    let [request] = requests.as_slice() else { panic!("{requests:?}") };
    assert_eq!(
        (request.method.as_str(), request.path.as_str()),
        ("POST", setting.invite_path().as_str())
    );
    assert_eq!(request.header("authorization"), Some(format!("Bearer {}", setting.token).as_str()));
    assert_eq!(request.body, setting.by_email("carol@example.org").to_string());
    setting.world.clear_requests();
    assert!(setting.world.requests().is_empty());
    assert_ok(&setting.invite(&setting.by_email("dave@example.org")));
    assert_eq!(setting.world.take_requests().len(), 1);
    assert!(setting.world.requests().is_empty());
    let mails = setting.world.mails(ID_SERVER);
    let to: Vec<_> = mails.iter().map(|mail| mail.to.as_str()).collect();
    assert_eq!(to, ["carol@example.org", "dave@example.org"]);
}

#[test]
fn debug_shows_no_secret() {
    let setting = Setting::new();
    assert_ok(&setting.invite(&setting.by_email("carol@example.org")));
    let mail = setting.world.mailbox(ID_SERVER, "carol@example.org").remove(0);
    let shown = format!("{:?} {:?} {mail:?}", setting.world, setting.world.requests());
    for secret in [&setting.token, &setting.id_token, &mail.token, &mail.private_key] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
#[should_panic(expected = "the world has no room !nope:node.example")]
fn change_of_missing_room_panics() {
    World::new().join("!nope:node.example", BOB);
}
