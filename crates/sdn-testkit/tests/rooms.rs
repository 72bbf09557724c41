//! Created rooms, aliases and kicks, at nodes of both families.

mod common;

use bytes::Bytes;
use common::*;
use http::{Method, Response};
use sdn_testkit::{Event, Wallet};
use serde_json::{Value, json};

/// A setting of each family, with a second user and their token.
fn settings() -> [(Setting, String, String); 2] {
    let (synapse, sdn) = (Setting::new(), Setting::sdn());
    let bobs_token = synapse.world.add_user(BOB);
    let wallets_token = sdn.world.add_wallet("node.example", &bob());
    [(synapse, BOB.to_owned(), bobs_token), (sdn, bob().user_id(), wallets_token)]
}

/// Calls the node as a user.
fn call(
    setting: &Setting,
    method: Method,
    path: &str,
    token: &str,
    body: &Value,
) -> Response<Bytes> {
    let path = format!("/_api/client/v3/{}", path.replace('#', "%23").replace(':', "%3A"));
    setting.call(method, &path, Some(token), &body.to_string())
}

fn create(setting: &Setting, body: &Value) -> Response<Bytes> {
    call(setting, Method::POST, "createRoom", &setting.token, body)
}

fn room_id(response: &Response<Bytes>) -> String {
    json(response)["room_id"].as_str().unwrap().to_owned()
}

fn last(setting: &Setting, room: &str) -> Event {
    setting.world.events(room).pop().unwrap()
}

#[test]
fn created_room_invites_both_kinds() {
    for (setting, bob, bobs_token) in settings() {
        let response = create(
            &setting,
            &json!({
                "name": "Tea",
                "preset": "private_chat",
                "invite": [bob],
                "invite_3pid": [setting.by_email("carol@example.org")],
            }),
        );
        let room = room_id(&response);
        let alice = setting.world.events(&room)[0].sender.clone();
        let kinds: Vec<_> =
            setting.world.events(&room).into_iter().map(|event| event.kind).collect();
        assert_eq!(
            kinds[3..],
            ["m.room.join_rules", "m.room.name", "m.room.member", "m.room.third_party_invite"]
        );
        let mail = setting.world.mailbox(ID_SERVER, "carol@example.org").remove(0);
        assert_eq!((mail.room_id, mail.sender), (room.clone(), alice));
        let joined = call(&setting, Method::POST, &format!("join/{room}"), &bobs_token, &json!({}));
        assert_eq!(room_id(&joined), room);
        let rooms = call(&setting, Method::GET, "joined_rooms", &bobs_token, &json!({}));
        assert_eq!(json(&rooms), json!({ "joined_rooms": [room] }));
    }
}

#[test]
fn room_remains_if_invitation_fails() {
    let codes = ["M_UNKNOWN", "M_SERVER_NOT_TRUSTED"];
    for ((setting, ..), code) in settings().into_iter().zip(codes) {
        let mut invitee = setting.by_email("carol@example.org");
        invitee["id_server"] = json!("nowhere.example");
        let response = create(&setting, &json!({ "invite_3pid": [invitee] }));
        assert_eq!(json(&response)["errcode"], code);
        let rooms = call(&setting, Method::GET, "joined_rooms", &setting.token, &json!({}));
        assert_eq!(json(&rooms)["joined_rooms"].as_array().unwrap().len(), 2);
    }
}

#[test]
fn creation_checks_its_body() {
    for (setting, ..) in settings() {
        for body in [
            json!({ "invite": "text" }),
            json!({ "invite": [5] }),
            json!({ "invite_3pid": {} }),
            json!({ "invite_3pid": ["text"] }),
            json!({ "invite_3pid": [{}] }),
        ] {
            let response = create(&setting, &body);
            assert_eq!(
                (response.status().as_u16(), &json(&response)["errcode"]),
                (400, &json!("M_BAD_JSON"))
            );
        }
        let response = create(&setting, &json!({ "room_alias_name": "tea" }));
        assert_eq!(response.status(), 200);
        let response = create(&setting, &json!({ "room_alias_name": "tea" }));
        assert_refused(&response, 400, "M_ROOM_IN_USE", "Room alias already taken");
    }
}

#[test]
fn public_room_is_joined_by_alias() {
    for (setting, bob, bobs_token) in settings() {
        let body = json!({ "room_alias_name": "tea", "preset": "public_chat", "topic": "Tea" });
        let room = room_id(&create(&setting, &body));
        let alias = "#tea:node.example";
        let path = format!("/_api/client/v3/directory/room/{}", alias.replace('#', "%23"));
        let found = setting.call(Method::GET, &path, None, "");
        assert_eq!(json(&found), json!({ "room_id": room, "servers": ["node.example"] }));
        let joined =
            call(&setting, Method::POST, &format!("join/{alias}"), &bobs_token, &json!({}));
        assert_eq!(room_id(&joined), room);
        assert_eq!(last(&setting, &room).state_key, Some(bob));

        let unknown = call(&setting, Method::GET, "directory/room/#x:y", &bobs_token, &json!({}));
        assert_refused(&unknown, 404, "M_NOT_FOUND", "Room alias #x:y not found");
        let invalid = call(&setting, Method::GET, "directory/room/tea", &bobs_token, &json!({}));
        assert_eq!(invalid.status(), 400);
        setting.world.add_alias(&setting.room, "#x:y");
        let found = call(&setting, Method::GET, "directory/room/#x:y", &bobs_token, &json!({}));
        assert_eq!(room_id(&found), setting.room);
    }
}

#[test]
fn invitation_is_withdrawn_by_kick() {
    for (setting, bob, bobs_token) in settings() {
        let path = format!("rooms/{}/kick", setting.room);
        let body = json!({ "user_id": bob, "reason": "Sorry" });
        let kick = |token: &str| call(&setting, Method::POST, &path, token, &body);
        assert_eq!(kick(&setting.token).status(), 403, "not in the room yet");
        assert_ok(&setting.invite(&json!({ "user_id": bob })));
        assert_eq!(kick(&bobs_token).status(), 403, "not a member");
        assert_ok(&kick(&setting.token));
        let event = last(&setting, &setting.room);
        assert_eq!(event.state_key, Some(bob.clone()));
        assert_eq!(event.content, json!({ "membership": "leave", "reason": "Sorry" }));
        let join = call(
            &setting,
            Method::POST,
            &format!("join/{}", setting.room),
            &bobs_token,
            &json!({}),
        );
        assert_refused(&join, 403, "M_FORBIDDEN", "You are not invited to this room.");

        setting.world.join(&setting.room, &bob);
        let alice = setting.world.events(&setting.room)[0].sender.clone();
        let response =
            call(&setting, Method::POST, &path, &bobs_token, &json!({ "user_id": alice }));
        assert_refused(&response, 403, "M_FORBIDDEN", &format!("You cannot kick user {alice}."));
        let response = call(&setting, Method::POST, &path, &setting.token, &json!({}));
        assert_eq!(response.status(), 400, "no user_id");
    }
}

#[test]
fn kick_refusals_differ_by_family() {
    let [(synapse, synapse_bob, synapse_token), (sdn, sdn_bob, sdn_token)] = settings();
    let kick = |setting: &Setting, token: &str, user: &str| {
        let path = format!("rooms/{}/kick", setting.room);
        call(setting, Method::POST, &path, token, &json!({ "user_id": user }))
    };
    let response = kick(&synapse, &synapse.token, &synapse_bob);
    assert_refused(&response, 403, "M_FORBIDDEN", "The target user is not in the room");
    let response = kick(&sdn, &sdn.token, &sdn_bob);
    assert_refused(&response, 403, "M_UNKNOWN", "cannot /kick banned or left users");
    let error = format!("{BOB} not in room {}.", synapse.room);
    let response = kick(&synapse, &synapse_token, ALICE);
    assert_refused(&response, 403, "M_FORBIDDEN", &error);
    let response = kick(&sdn, &sdn_token, &alice().user_id());
    assert_refused(&response, 403, "M_FORBIDDEN", "user does not belong to room");
}

#[test]
fn unknown_wallet_gets_a_room() {
    let setting = Setting::sdn();
    let post = |address: &str, token: Option<&str>| {
        let path = format!("/_api/client/sendmessbywallet/{address}");
        setting.call(Method::POST, &path, token, r#"{"msgtype":"m.text","body":"Hello"}"#)
    };
    let wallet = Wallet::new(9);
    let room = room_id(&post(&wallet.address(), Some(&setting.token)));
    assert_ne!(room, setting.room);
    assert_eq!(last(&setting, &room).state_key, Some(wallet.user_id()));
    let response = post("0x12", Some(&setting.token));
    assert_refused(&response, 400, "M_INVALID_PARAM", "The address is not valid");
    assert_eq!(post(&wallet.address(), None).status(), 401);
    let synapse = Setting::new();
    let path = format!("/_api/client/sendmessbywallet/{}", wallet.address());
    let response = synapse.call(Method::POST, &path, Some(&synapse.token), "{}");
    assert_refused(&response, 404, "M_UNRECOGNIZED", "Unrecognized request");
}
