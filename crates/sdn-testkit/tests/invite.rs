//! The effects of invitations by third-party identifier or user ID.

mod common;

use std::time::Duration;

use common::*;
use http::Method;
use serde_json::json;

#[test]
fn unbound_email_is_mailed_and_stored() {
    let setting = Setting::new();
    assert_ok(&setting.invite(&setting.by_email("Carol.White@example.org")));

    let mails = setting.world.mailbox(ID_SERVER, "carol.white@example.org");
    let [mail] = mails.as_slice() else { panic!("{} mails", mails.len()) };
    assert_eq!((mail.room_id.as_str(), mail.sender.as_str()), (setting.room.as_str(), ALICE));

    let events = setting.events("m.room.third_party_invite");
    let [event] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(event.state_key.as_ref(), Some(&mail.token));
    assert_eq!(event.sender, ALICE);
    let content = &event.content;
    assert_eq!(content["display_name"], "car...@exa...");
    let base = "https://id.example:8090/_api/identity/v2/pubkey";
    assert_eq!(content["key_validity_url"], format!("{base}/isvalid"));
    assert_eq!(content["public_keys"][0]["public_key"], content["public_key"]);
    assert_eq!(content["public_keys"][0]["key_validity_url"], format!("{base}/isvalid"));
    assert_eq!(content["public_keys"][1]["key_validity_url"], format!("{base}/ephemeral/isvalid"));
    assert_eq!(setting.invitations(), 1);
}

#[test]
fn each_invitation_has_new_token_and_key() {
    let setting = Setting::new();
    for _ in 0..2 {
        assert_ok(&setting.invite(&setting.by_email("carol@example.org")));
    }
    let mails = setting.world.mailbox(ID_SERVER, "carol@example.org");
    assert_eq!(mails.len(), 2);
    assert_ne!(mails[0].token, mails[1].token);
    assert_ne!(mails[0].private_key, mails[1].private_key);
    assert_eq!(setting.invitations(), 2);
}

#[test]
fn same_calls_give_same_world() {
    let [one, other] = [Setting::new(), Setting::new()];
    for setting in [&one, &other] {
        assert_ok(&setting.invite(&setting.by_email("carol@example.org")));
    }
    assert_eq!(one.token, other.token);
    assert_eq!(one.world.events(&one.room), other.world.events(&other.room));
}

#[test]
fn bound_email_invites_user_without_mail() {
    let setting = Setting::new();
    setting.world.bind(ID_SERVER, "email", "bob@example.com", BOB);
    for _ in 0..2 {
        assert_ok(&setting.invite(&setting.by_email("bob@example.com")));
    }
    let member = setting.events("m.room.member").pop().unwrap();
    assert_eq!(member.state_key.as_deref(), Some(BOB));
    assert_eq!(member.content, json!({ "membership": "invite" }));
    assert!(setting.world.mailbox(ID_SERVER, "bob@example.com").is_empty());
    assert_eq!(setting.invitations(), 1, "the second invitation says nothing new");
}

#[test]
fn bound_email_in_capitals_fails() {
    let setting = Setting::new();
    setting.world.bind(ID_SERVER, "email", "bob@example.com", BOB);
    let response = setting.invite(&setting.by_email("BOB@example.com"));
    assert_refused(&response, 500, "M_UNKNOWN", "Internal server error");
    assert_eq!(setting.invitations(), 0);
}

#[test]
fn bound_phone_number_invites_the_user() {
    let setting = Setting::new();
    setting.world.bind(ID_SERVER, "msisdn", "18005552067", BOB);
    let mut body = setting.by_email("18005552067");
    body["medium"] = json!("msisdn");
    assert_ok(&setting.invite(&body));
    assert_eq!(setting.invitations(), 1);
}

#[test]
fn user_id_form_keeps_the_reason() {
    for (reason, content) in [
        (None, json!({ "membership": "invite" })),
        (Some(""), json!({ "membership": "invite", "reason": "" })),
        (Some("Grüße"), json!({ "membership": "invite", "reason": "Grüße" })),
    ] {
        let setting = Setting::new();
        let mut body = json!({ "user_id": BOB });
        if let Some(reason) = reason {
            body["reason"] = json!(reason);
        }
        assert_ok(&setting.invite(&body));
        assert_eq!(setting.events("m.room.member").pop().unwrap().content, content);
    }
}

#[test]
fn third_party_form_precedes_user_id() {
    let setting = Setting::new();
    let mut body = setting.by_email("carol@example.org");
    body["user_id"] = json!(BOB);
    assert_ok(&setting.invite(&body));
    assert_eq!(setting.events("m.room.third_party_invite").len(), 1);
    assert_eq!(setting.invitations(), 1);
}

#[test]
fn both_prefixes_work() {
    let setting = Setting::new();
    let path = setting.invite_path().replace("/_api/", "/_matrix/");
    let body = setting.by_email("carol@example.org").to_string();
    assert_ok(&setting.call(Method::POST, &path, Some(&setting.token), &body));
    let event = setting.events("m.room.third_party_invite").pop().unwrap();
    let url = "https://id.example:8090/_matrix/identity/v2/pubkey/isvalid";
    assert_eq!(event.content["key_validity_url"], url);
}

#[test]
fn tokens_are_those_of_the_node() {
    let setting = Setting::new();
    let path = setting.invite_path();
    let body = json!({ "user_id": BOB }).to_string();
    let none = setting.call(Method::POST, &path, None, &body);
    assert_refused(&none, 401, "M_MISSING_TOKEN", "Missing access token");

    let foreign = setting.world.add_user("@eve:other.example");
    for token in ["nope", foreign.as_str(), setting.id_token.as_str()] {
        let response = setting.invite_as(token, &body);
        assert_refused(&response, 401, "M_UNKNOWN_TOKEN", "Invalid access token passed.");
        assert_eq!(json(&response)["soft_logout"], false);
    }
    assert_eq!(setting.invitations(), 0);
}

#[test]
fn non_member_is_refused_after_mail() {
    let setting = Setting::new();
    let token = setting.world.add_user(BOB);
    let mut body = setting.by_email("carol@example.org");
    body["id_access_token"] = json!(setting.world.register_identity(ID_SERVER, BOB));
    let response = setting.invite_as(&token, &body.to_string());
    let error = format!("User {BOB} not in room {}", setting.room);
    assert_refused(&response, 403, "M_FORBIDDEN", &error);
    assert_eq!(setting.world.mailbox(ID_SERVER, "carol@example.org").len(), 1);

    let response = setting.invite_as(&token, &json!({ "user_id": "@x:node.example" }).to_string());
    let error = format!("{BOB} not in room {}.", setting.room);
    assert_refused(&response, 403, "M_FORBIDDEN", &error);
    assert_eq!(setting.invitations(), 0);
}

#[test]
fn unknown_room_is_forbidden() {
    let setting = Setting::new();
    let path = "/_api/client/v3/rooms/!nope%3Anode.example/invite";
    let invite = |body: &serde_json::Value| {
        setting.call(Method::POST, path, Some(&setting.token), &body.to_string())
    };
    let response = invite(&setting.by_email("carol@example.org"));
    assert_refused(
        &response,
        403,
        "M_FORBIDDEN",
        "User @alice:node.example not in room !nope:node.example",
    );
    let response = invite(&json!({ "user_id": BOB }));
    assert_refused(&response, 403, "M_FORBIDDEN", "Unknown room");
}

#[test]
fn power_is_needed_to_invite() {
    let setting = Setting::new();
    let token = setting.world.add_user(BOB);
    setting.world.join(&setting.room, BOB);
    let mut by_email = setting.by_email("carol@example.org");
    by_email["id_access_token"] = json!(setting.world.register_identity(ID_SERVER, BOB));
    let bodies = [by_email.to_string(), json!({ "user_id": "@x:node.example" }).to_string()];

    setting.world.set_invite_power(&setting.room, 50);
    setting.world.set_power(&setting.room, BOB, 49);
    for body in &bodies {
        let response = setting.invite_as(&token, body);
        assert_refused(&response, 403, "M_FORBIDDEN", "You don't have permission to invite users");
    }
    assert_eq!(setting.invitations(), 0);
    setting.world.set_power(&setting.room, BOB, 50);
    for body in &bodies {
        assert_ok(&setting.invite_as(&token, body));
    }
    assert_eq!(setting.invitations(), 2);
}

#[test]
fn some_users_cannot_be_invited() {
    let setting = Setting::new();
    setting.world.join(&setting.room, BOB);
    setting.world.ban(&setting.room, "@mallory:node.example");
    setting.world.bind(ID_SERVER, "email", "mallory@example.com", "@mallory:node.example");

    let response = setting.invite(&json!({ "user_id": BOB }));
    assert_refused(&response, 403, "M_FORBIDDEN", "@bob:node.example is already in the room.");
    let banned = "Cannot invite user who was banned";
    let response = setting.invite(&json!({ "user_id": "@mallory:node.example" }));
    assert_refused(&response, 403, "M_BAD_STATE", banned);
    let response = setting.invite(&setting.by_email("mallory@example.com"));
    assert_refused(&response, 403, "M_BAD_STATE", banned);
    let response = setting.invite(&json!({ "user_id": "@x:elsewhere.example:8448" }));
    assert_refused(&response, 502, "M_UNKNOWN", "Can't connect to server elsewhere.example:8448");
    assert_eq!(setting.invitations(), 0);
}

#[test]
fn bodies_are_checked() {
    let setting = Setting::new();
    let missing_user = ("M_MISSING_PARAM", "Missing params: ['user_id']");
    let missing_server = (
        "M_MISSING_PARAM",
        "`id_server` and `id_access_token` are required when doing 3pid invite",
    );
    let without = |field: &str| {
        let mut body = setting.by_email("carol@example.org");
        body.as_object_mut().unwrap().remove(field);
        body.to_string()
    };
    for (body, (errcode, error)) in [
        ("{nope".to_owned(), ("M_NOT_JSON", "Content not JSON.")),
        (r#"{"user_id":NaN}"#.to_owned(), ("M_NOT_JSON", "Content not JSON.")),
        (r#"{"user_id":"#.repeat(10_000), ("M_NOT_JSON", "Content not JSON.")),
        ("[]".to_owned(), ("M_BAD_JSON", "Content must be a JSON object.")),
        (r#""x""#.to_owned(), ("M_BAD_JSON", "Content must be a JSON object.")),
        (String::new(), missing_user),
        ("{}".to_owned(), missing_user),
        (without("medium"), missing_user),
        (without("address"), missing_user),
        (without("id_server"), missing_server),
        (without("id_access_token"), missing_server),
        (
            r#"{"user_id":"nonsense"}"#.to_owned(),
            ("M_INVALID_PARAM", "Expected UserID string to start with '@'"),
        ),
    ] {
        assert_refused(&setting.invite_as(&setting.token, &body), 400, errcode, error);
    }
    assert_eq!(setting.invitations(), 0);
}

#[test]
fn identity_server_failure_is_internal_error() {
    let setting = Setting::new();
    let foreign = setting.world.register_identity(ID_SERVER, BOB);
    for (field, value) in [
        ("id_server", json!("nowhere.example")),
        ("id_server", json!("https://id.example:8090")),
        ("id_server", json!("")),
        ("id_server", json!(5)),
        ("id_access_token", json!("nope")),
        ("id_access_token", json!(foreign)),
        ("id_access_token", json!(null)),
        ("medium", json!("msisdn")),
        ("medium", json!("carrier-pigeon")),
        ("medium", json!(5)),
        ("address", json!("")),
        ("address", json!("X <x@example.org>")),
        ("address", json!(format!("{}@example.org", "a".repeat(600)))),
        ("address", json!(null)),
    ] {
        let mut body = setting.by_email("carol@example.org");
        body[field] = value;
        assert_refused(&setting.invite(&body), 500, "M_UNKNOWN", "Internal server error");
    }
    let response = setting.invite(&json!({ "user_id": 5 }));
    assert_refused(&response, 500, "M_UNKNOWN", "Internal server error");
    assert_eq!(setting.invitations(), 0);
}

#[test]
fn rate_limit_counts_both_forms() {
    let setting = Setting::new();
    setting.world.limit_invitations(2, Duration::from_millis(399_322));
    assert_ok(&setting.invite(&setting.by_email("carol@example.org")));
    assert_ok(&setting.invite(&json!({ "user_id": BOB })));
    for body in [setting.by_email("dave@example.org"), json!({ "user_id": "@x:node.example" })] {
        let response = setting.invite(&body);
        assert_refused(&response, 429, "M_LIMIT_EXCEEDED", "Too Many Requests");
        assert_eq!(response.headers()["retry-after"], "400");
        assert_eq!(json(&response)["retry_after_ms"], 399_322);
    }
    assert!(setting.world.mailbox(ID_SERVER, "dave@example.org").is_empty());
    setting.world.limit_invitations(usize::MAX, Duration::ZERO);
    assert_ok(&setting.invite(&setting.by_email("dave@example.org")));
}

#[test]
fn refusals_of_next_invitations_end() {
    let setting = Setting::new();
    setting.world.limit_invitations(0, Duration::from_secs(60));
    setting.world.limit_next_invitations(2, Duration::from_millis(1));
    for name in ["carol", "dave"] {
        let response = setting.invite(&setting.by_email(&format!("{name}@example.org")));
        assert_refused(&response, 429, "M_LIMIT_EXCEEDED", "Too Many Requests");
        assert_eq!(response.headers()["retry-after"], "1", "rounded up");
        assert_eq!(json(&response)["retry_after_ms"], 1);
    }
    for name in ["carol", "dave", "erin"] {
        assert_ok(&setting.invite(&setting.by_email(&format!("{name}@example.org"))));
    }
}
