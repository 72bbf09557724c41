//! Sets up tests at the real servers: users, rooms and bound addresses.

use std::sync::atomic::{AtomicU32, Ordering};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha1::Sha1;

use crate::lab::Lab;
use crate::mail::validation_token;

/// The password of every user.
pub const PASSWORD: &str = "wonderland";

/// A user of a node.
#[derive(Debug, Clone)]
pub struct User {
    /// The node's URL.
    pub node: &'static str,
    /// The user ID.
    pub id: String,
    /// The access token.
    pub token: String,
}

/// Returns a word that no other test uses.
pub fn unique(prefix: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("{prefix}{}x{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Returns an e-mail address that no other test uses.
pub fn unique_address(name: &str) -> String {
    format!("{}@example.org", unique(name))
}

impl Lab {
    /// Registers a user with Synapse's registration for administrators.
    pub fn register(&self, node: &'static str, name: &str) -> User {
        let http = self.http();
        let url = format!("{node}/_synapse/admin/v1/register");
        let nonce = http.get(&url, None)["nonce"].as_str().expect("a nonce").to_owned();
        let (name, password) = (unique(name), PASSWORD);
        let mut mac =
            Hmac::<Sha1>::new_from_slice(b"interop-shared-secret").expect("any length will do");
        mac.update([nonce.as_str(), &name, password, "notadmin"].join("\0").as_bytes());
        let mac: String =
            mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let body = json!({"nonce": nonce, "username": name, "password": password, "admin": false, "mac": mac});
        let user = http.post(&url, None, &body);
        let text = |key: &str| user[key].as_str().expect("a registered user").to_owned();
        User { node, id: text("user_id"), token: text("access_token") }
    }

    /// Creates a room that only invited users can join.
    pub fn create_room(&self, user: &User) -> String {
        let url = format!("{}/_matrix/client/v3/createRoom", user.node);
        let room = self.http().post(&url, Some(&user.token), &json!({"preset": "private_chat"}));
        room["room_id"].as_str().expect("a room").to_owned()
    }

    /// Makes a call about a room, such as `join` or `ban`.
    pub fn in_room(&self, user: &User, room: &str, what: &str, body: &Value) -> Value {
        let url =
            format!("{}/_matrix/client/v3/rooms/{}/{what}", user.node, room.replace(':', "%3A"));
        self.http().post(&url, Some(&user.token), body)
    }

    /// Returns the events of a room's state.
    pub fn state(&self, user: &User, room: &str) -> Vec<Value> {
        let url =
            format!("{}/_matrix/client/v3/rooms/{}/state", user.node, room.replace(':', "%3A"));
        self.http().get(&url, Some(&user.token)).as_array().expect("the state").clone()
    }

    /// Returns the event of a room's state with this type and key.
    pub fn state_event(&self, user: &User, room: &str, kind: &str, key: &str) -> Option<Value> {
        let wanted = |event: &Value| event["type"] == kind && event["state_key"] == key;
        self.state(user, room).into_iter().find(wanted)
    }

    /// Returns the third-party invitations of a room.
    pub fn third_party_invites(&self, user: &User, room: &str) -> Vec<Value> {
        let mut events = self.state(user, room);
        events.retain(|event| event["type"] == "m.room.third_party_invite");
        events
    }

    /// Registers a user with an identity server, and returns its token.
    pub fn register_identity(&self, user: &User, id_server: &str) -> String {
        let http = self.http();
        let id = user.id.replace('@', "%40").replace(':', "%3A");
        let url = format!("{}/_matrix/client/v3/user/{id}/openid/request_token", user.node);
        let open_id = http.post(&url, Some(&user.token), &json!({}));
        let url = format!("https://{id_server}/_matrix/identity/v2/account/register");
        http.post(&url, None, &open_id)["token"].as_str().expect("a token").to_owned()
    }

    /// Validates an address with the mail that the identity server sends, and returns the session
    /// ID and client secret.
    pub fn validate(&self, id_server: &str, id_token: &str, address: &str) -> (String, String) {
        let http = self.http();
        let secret = unique("secret");
        let base = format!("https://{id_server}/_matrix/identity/v2/validate/email");
        let body = json!({"client_secret": secret, "email": address, "send_attempt": 1});
        let answer = http.post(&format!("{base}/requestToken"), Some(id_token), &body);
        let sid = answer["sid"].as_str().expect("a session").to_owned();
        let body =
            json!({"client_secret": secret, "sid": sid, "token": validation_token(self, address)});
        let answer = http.post(&format!("{base}/submitToken"), Some(id_token), &body);
        assert_eq!(answer["success"], true);
        (sid, secret)
    }

    /// Binds an address to a user at an identity server, and returns the association.
    pub fn bind(&self, user: &User, id_server: &str, address: &str) -> Value {
        let id_token = self.register_identity(user, id_server);
        let (sid, secret) = self.validate(id_server, &id_token, address);
        let body = json!({"client_secret": secret, "sid": sid, "mxid": user.id});
        let url = format!("https://{id_server}/_matrix/identity/v2/3pid/bind");
        self.http().post(&url, Some(&id_token), &body)
    }
}
