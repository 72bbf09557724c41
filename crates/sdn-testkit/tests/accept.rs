//! Proofs, pushes, joins, declined and revoked invitations.

mod common;

use bytes::Bytes;
use common::*;
use http::{Method, Response};
use sdn_testkit::Mail;
use serde_json::{Value, json};

const CAROL: &str = "@carol:node.example";

/// Alice has invited Carol's address, and Carol has accounts at both servers.
struct Mailed {
    setting: Setting,
    mail: Mail,
    carol: String,
    carol_at_identity: String,
}

impl Mailed {
    fn new() -> Self {
        let setting = Setting::new();
        assert_ok(&setting.invite(&setting.by_email("carol@example.org")));
        let mail = setting.world.mailbox(ID_SERVER, "carol@example.org").remove(0);
        let carol = setting.world.add_user(CAROL);
        let carol_at_identity = setting.world.register_identity(ID_SERVER, CAROL);
        Mailed { setting, mail, carol, carol_at_identity }
    }

    fn identity(&self, path: &str, body: &Value) -> Value {
        let path = format!("/_api/identity/v2/{path}");
        let token = Some(&*self.carol_at_identity);
        let response = self.setting.call(Method::POST, &path, token, &body.to_string());
        assert_eq!(response.status(), 200, "{response:?}");
        json(&response)
    }

    /// Validates the address and binds it.
    fn bind(&self) -> Value {
        let email = "carol@example.org";
        let body = json!({ "email": email, "client_secret": "s", "send_attempt": 1 });
        let sid = self.identity("validate/email/requestToken", &body)["sid"].clone();
        let token = self.setting.world.validation_tokens(ID_SERVER, "email", email).remove(0);
        let body = json!({ "sid": sid, "client_secret": "s", "token": token });
        assert_eq!(self.identity("validate/email/submitToken", &body), json!({ "success": true }));
        self.identity("3pid/bind", &json!({ "sid": sid, "client_secret": "s", "mxid": CAROL }))
    }

    fn sign(&self, user: &str) -> Value {
        let (token, key) = (&self.mail.token, &self.mail.private_key);
        self.identity("sign-ed25519", &json!({ "mxid": user, "token": token, "private_key": key }))
    }

    fn room(&self, token: &str, action: &str, body: &Value) -> Response<Bytes> {
        let path = self.setting.invite_path().replace("/invite", &format!("/{action}"));
        self.setting.call(Method::POST, &path, Some(token), &body.to_string())
    }

    fn join(&self, body: &Value) -> Response<Bytes> {
        self.room(&self.carol, "join", body)
    }

    fn revoke(&self, token: &str) -> Response<Bytes> {
        let state = format!("/state/m.room.third_party_invite/{}", self.mail.token);
        let path = self.setting.invite_path().replace("/invite", &state);
        self.setting.call(Method::PUT, &path, Some(token), "{}")
    }

    /// Returns Carol's memberships, oldest first.
    fn memberships(&self) -> Vec<Value> {
        let events = self.setting.events("m.room.member").into_iter();
        let of_carol = events.filter(|event| event.state_key.as_deref() == Some(CAROL));
        of_carol.map(|event| event.content["membership"].clone()).collect()
    }
}

#[track_caller]
fn assert_not_invited(response: &Response<Bytes>) {
    assert_refused(response, 403, "M_FORBIDDEN", "You are not invited to this room.");
}

#[test]
fn binding_delivers_waiting_invitations() {
    let mailed = Mailed::new();
    assert_not_invited(&mailed.join(&json!({})));
    let association = mailed.bind();
    let [invite] = association["invites"].as_array().unwrap().as_slice() else { panic!() };
    assert_eq!(
        (&invite["room_id"], &invite["sender"], &invite["token"], &invite["mxid"]),
        (&json!(mailed.setting.room), &json!(ALICE), &json!(mailed.mail.token), &json!(CAROL))
    );
    let member = mailed.setting.events("m.room.member").pop().unwrap();
    assert_eq!((member.sender.as_str(), member.state_key.as_deref()), (ALICE, Some(CAROL)));
    let proof = &member.content["third_party_invite"];
    assert_eq!(
        (&proof["signed"], &proof["display_name"]),
        (&invite["signed"], &json!("car...@exa..."))
    );

    let joined = mailed.join(&json!({ "reason": "for you" }));
    assert_eq!(json(&joined), json!({ "room_id": mailed.setting.room }));
    assert_eq!(mailed.memberships(), ["invite", "join"]);
    assert_eq!(mailed.setting.events("m.room.member").pop().unwrap().content["reason"], "for you");
    assert_eq!(mailed.join(&json!({})).status(), 200, "whoever is in stays in");
    assert_eq!(mailed.memberships(), ["invite", "join"]);
}

#[test]
fn key_of_mail_signs_acceptance() {
    let mailed = Mailed::new();
    let joined = mailed.join(&json!({ "third_party_signed": mailed.sign(CAROL) }));
    assert_eq!(joined.status(), 200, "{joined:?}");
    assert_eq!(mailed.memberships(), ["invite", "join"]);
}

#[test]
fn changed_proof_is_refused() {
    let mailed = Mailed::new();
    let good = mailed.sign(CAROL);
    let key = good["signatures"][ID_SERVER]["ed25519:0"].as_str().unwrap();
    let first = if key.starts_with('A') { "B" } else { "A" };
    let forged = format!("{first}{}", &key[1..]);
    for (name, value) in [
        ("token", json!("nope")),
        ("mxid", json!(BOB)),
        ("sender", json!(BOB)),
        ("extra", json!(true)),
        ("signatures", json!({})),
        ("signatures", json!({ ID_SERVER: { "ed25519:0": forged } })),
        ("signatures", json!({ ID_SERVER: { "curve25519:0": key } })),
    ] {
        let mut signed = good.clone();
        signed[name] = value;
        assert_not_invited(&mailed.join(&json!({ "third_party_signed": signed })));
    }
    let of_bob = mailed.sign(BOB);
    assert_not_invited(&mailed.join(&json!({ "third_party_signed": of_bob })));
    let mut signed = good.clone();
    signed.as_object_mut().unwrap().remove("sender");
    let response = mailed.join(&json!({ "third_party_signed": signed }));
    assert_refused(&response, 500, "M_UNKNOWN", "Internal server error");
    assert!(mailed.memberships().is_empty());
    assert_eq!(mailed.join(&json!({ "third_party_signed": good })).status(), 200);
}

#[test]
fn revoked_invitation_cannot_be_accepted() {
    let mailed = Mailed::new();
    let bob = mailed.setting.world.add_user(BOB);
    let error = format!("User {BOB} not in room {}", mailed.setting.room);
    assert_refused(&mailed.revoke(&bob), 403, "M_FORBIDDEN", &error);
    let revoked = json(&mailed.revoke(&mailed.setting.token));
    assert!(revoked["event_id"].as_str().unwrap().starts_with('$'));
    assert_not_invited(&mailed.join(&json!({ "third_party_signed": mailed.sign(CAROL) })));
    assert_eq!(mailed.bind()["invites"].as_array().unwrap().len(), 1, "it cannot know");
    assert!(mailed.memberships().is_empty());
    assert_not_invited(&mailed.join(&json!({})));
}

#[test]
fn invitation_can_be_declined() {
    let mailed = Mailed::new();
    let error = format!("User {CAROL} not in room {}", mailed.setting.room);
    let leave = |body| mailed.room(&mailed.carol, "leave", &body);
    assert_refused(&leave(json!({})), 403, "M_FORBIDDEN", &error);
    mailed.bind();
    assert_ok(&leave(json!({ "reason": "no time" })));
    assert_eq!(mailed.memberships(), ["invite", "leave"]);
    assert_ok(&leave(json!({})));
    assert_not_invited(&mailed.join(&json!({})));
}

#[test]
fn banned_user_cannot_join() {
    let mailed = Mailed::new();
    let signed = mailed.sign(CAROL);
    mailed.setting.world.ban(&mailed.setting.room, CAROL);
    assert_not_invited(&mailed.join(&json!({ "third_party_signed": signed })));
    let response = mailed.join(&json!({}));
    assert_refused(&response, 403, "M_FORBIDDEN", "You are banned from this room");
}

#[test]
fn pushed_proof_is_checked() {
    let mailed = Mailed::new();
    let push = |token: &str| {
        let invite = json!({
            "medium": "email", "address": "carol@example.org", "mxid": CAROL,
            "room_id": mailed.setting.room, "sender": ALICE,
            "signed": { "mxid": CAROL, "token": token, "signatures": {} },
        });
        let body = json!({
            "medium": "email", "address": "carol@example.org", "mxid": CAROL, "invites": [invite],
        });
        let path = "/_api/federation/v1/3pid/onbind";
        mailed.setting.call(Method::PUT, path, None, &body.to_string())
    };
    assert_not_invited(&push(&mailed.mail.token));
    assert_not_invited(&push("nope"));
    assert!(mailed.memberships().is_empty());
}

#[test]
fn other_state_needs_more_power() {
    let mailed = Mailed::new();
    let path = mailed.setting.invite_path().replace("/invite", "/state/m.room.topic/");
    let body = json!({ "topic": "Plans" }).to_string();
    let put = |token: &str| mailed.setting.call(Method::PUT, &path, Some(token), &body);
    assert_eq!(put(&mailed.setting.token).status(), 200);
    assert_eq!(mailed.setting.events("m.room.topic").len(), 1);
    mailed.setting.world.join(&mailed.setting.room, CAROL);
    let error =
        "You don't have permission to post that to the room. user_level (0) < send_level (50)";
    assert_refused(&put(&mailed.carol), 403, "M_FORBIDDEN", error);
}

#[test]
fn discovery_document_is_served() {
    let setting = Setting::new();
    let get =
        |name: &str| setting.call(Method::GET, &format!("/.well-known/{name}/client"), None, "");
    assert_eq!(get("sdn").status(), 404);
    let (node, identity_server) = ("https://node.example/", "https://id.example:8090");
    setting.world.set_discovery("node.example", node, Some(identity_server));
    for name in ["sdn", "matrix"] {
        let document = json!({
            "m.homeserver": { "base_url": node },
            "m.identity_server": { "base_url": identity_server },
        });
        assert_eq!(json(&get(name)), document);
    }
    setting.world.set_discovery("node.example", node, None);
    assert_eq!(json(&get("sdn")), json!({ "m.homeserver": { "base_url": node } }));
    assert_eq!(get("other").status(), 404);
}
