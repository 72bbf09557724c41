//! What the interop tests stand on: real servers on loopback, and the few calls that set a scene there.
//!
//! The scene is set with `ureq` and JSON by hand, so that nothing here depends on the code under test. Everything panics
//! on failure: this is for tests alone.

/// The examples of the project's README.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct ReadmeExamples;

/// The examples of the guide to embedding, which are run here because they need the testkit.
#[cfg(doctest)]
#[doc = include_str!("../../sdn-proto/docs/embedding.md")]
struct EmbeddingExamples;

mod http;
mod mail;

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha1::Sha1;

pub use crate::http::Http;
pub use crate::mail::{invitation_mail, mails_to, validation_token};

/// Node `a` under `/_matrix/`.
pub const NODE_A: &str = "http://127.0.0.1:18008";
/// Node `b`, with the stock rate limits, under `/_matrix/`.
pub const NODE_B: &str = "http://127.0.0.1:18108";
/// Node `a` under `/_api/`.
pub const NODE_A_API: &str = "http://127.0.0.1:18009";
/// Node `b` under `/_api/`.
pub const NODE_B_API: &str = "http://127.0.0.1:18109";
/// Node `a` under `/_api/`, over TLS.
pub const NODE_A_API_TLS: &str = "https://localhost:18010";
/// Identity server `a`, as an `id_server`.
pub const ID_A: &str = "localhost:18091";
/// Identity server `b`, with the stock rate limits and terms of service, as an `id_server`.
pub const ID_B: &str = "localhost:18191";
/// Identity server `a` under `/_api/`, as an `id_server` that only we can use.
pub const ID_A_API: &str = "localhost:18092";
/// A TLS server that is no identity server.
pub const JUNK: &str = "localhost:18098";
/// Nothing listens here.
pub const DEAD: &str = "localhost:18099";

/// The servers, while a test process runs.
///
/// With `SDN_INTEROP_RUNNING` set they are taken to be running; otherwise the process starts them anew, and they end with it.
#[derive(Debug)]
pub struct Lab(());

impl Lab {
    /// Starts the servers, once a process.
    pub fn start() -> &'static Self {
        static LAB: OnceLock<Lab> = OnceLock::new();
        LAB.get_or_init(|| {
            if env::var_os("SDN_INTEROP_RUNNING").is_none() {
                let script = concat!(env!("CARGO_MANIFEST_DIR"), "/servers/start.sh");
                let owner = std::process::id().to_string();
                let status = Command::new(script).env("SDN_INTEROP_OWNER", owner).status();
                let status = status.expect("the script can be run");
                assert!(status.success(), "the servers did not start");
            }
            Self(())
        })
    }

    /// The folder of the servers' state.
    pub fn run_folder(&self) -> PathBuf {
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(
            || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target")),
            PathBuf::from,
        );
        target.join("interop/run")
    }

    /// The certificate of the authority that all servers are certified by, as PEM.
    pub fn ca_pem(&self) -> Vec<u8> {
        fs::read(self.run_folder().join("tls/ca.pem")).expect("the servers are running")
    }

    /// A client for setting scenes.
    pub fn http(&self) -> Http {
        Http::new(&self.ca_pem())
    }
}

/// A user of a node.
#[derive(Debug, Clone)]
pub struct User {
    /// Where the node is.
    pub node: &'static str,
    /// The user ID.
    pub id: String,
    /// The access token.
    pub token: String,
}

/// A word that no other test uses.
pub fn unique(prefix: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("{prefix}{}x{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// An e-mail address that no other test uses.
pub fn unique_address(name: &str) -> String {
    format!("{}@example.org", unique(name))
}

impl Lab {
    /// Registers a user with Synapse's registration for administrators.
    pub fn register(&self, node: &'static str, name: &str) -> User {
        let http = self.http();
        let url = format!("{node}/_synapse/admin/v1/register");
        let nonce = http.get(&url, None)["nonce"].as_str().expect("a nonce").to_owned();
        let (name, password) = (unique(name), "wonderland");
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

    /// The events of a room's state.
    pub fn state(&self, user: &User, room: &str) -> Vec<Value> {
        let url =
            format!("{}/_matrix/client/v3/rooms/{}/state", user.node, room.replace(':', "%3A"));
        self.http().get(&url, Some(&user.token)).as_array().expect("the state").clone()
    }

    /// The event of a room's state with this type and key.
    pub fn state_event(&self, user: &User, room: &str, kind: &str, key: &str) -> Option<Value> {
        let wanted = |event: &Value| event["type"] == kind && event["state_key"] == key;
        self.state(user, room).into_iter().find(wanted)
    }

    /// The third-party invitations of a room.
    pub fn third_party_invites(&self, user: &User, room: &str) -> Vec<Value> {
        let mut events = self.state(user, room);
        events.retain(|event| event["type"] == "m.room.third_party_invite");
        events
    }

    /// Registers a user with an identity server, and gives its token.
    pub fn register_identity(&self, user: &User, id_server: &str) -> String {
        let http = self.http();
        let id = user.id.replace('@', "%40").replace(':', "%3A");
        let url = format!("{}/_matrix/client/v3/user/{id}/openid/request_token", user.node);
        let open_id = http.post(&url, Some(&user.token), &json!({}));
        let url = format!("https://{id_server}/_matrix/identity/v2/account/register");
        http.post(&url, None, &open_id)["token"].as_str().expect("a token").to_owned()
    }

    /// Validates an address with the mail that the identity server sends, and gives the session ID and client secret.
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

    /// Binds an address to a user at an identity server, and gives the association.
    pub fn bind(&self, user: &User, id_server: &str, address: &str) -> Value {
        let id_token = self.register_identity(user, id_server);
        let (sid, secret) = self.validate(id_server, &id_token, address);
        let body = json!({"client_secret": secret, "sid": sid, "mxid": user.id});
        let url = format!("https://{id_server}/_matrix/identity/v2/3pid/bind");
        self.http().post(&url, Some(&id_token), &body)
    }
}
