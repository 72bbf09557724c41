//! A small world for the tests, and requests that are built by hand.
#![allow(dead_code)]

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use sdn_testkit::{Event, Wallet, World};
use serde_json::{Value, json};

pub(crate) const ALICE: &str = "@alice:node.example";
pub(crate) const BOB: &str = "@bob:node.example";
pub(crate) const ID_SERVER: &str = "id.example:8090";

/// Alice's room, and the tokens with which she invites.
pub(crate) struct Setting {
    pub(crate) world: World,
    pub(crate) token: String,
    pub(crate) id_token: String,
    pub(crate) room: String,
}

impl Setting {
    pub(crate) fn new() -> Self {
        let world = World::new();
        world.add_node("node.example");
        world.add_identity_server(ID_SERVER);
        let token = world.add_user(ALICE);
        let id_token = world.register_identity(ID_SERVER, ALICE);
        let room = world.create_room(ALICE);
        Setting { world, token, id_token, room }
    }

    /// Creates the same at an SDN-like node, where Alice is the wallet of [`alice`].
    pub(crate) fn sdn() -> Self {
        let world = World::new();
        world.add_sdn_node("node.example");
        world.add_identity_server(ID_SERVER);
        world.trust_identity_server("node.example", ID_SERVER);
        let token = world.add_wallet("node.example", &alice());
        let id_token = world.register_identity(ID_SERVER, &alice().user_id());
        let room = world.create_room(&alice().user_id());
        Setting { world, token, id_token, room }
    }

    pub(crate) fn invite_path(&self) -> String {
        format!("/_api/client/v3/rooms/{}/invite", self.room.replace(':', "%3A"))
    }

    pub(crate) fn by_email(&self, address: &str) -> Value {
        json!({
            "address": address,
            "id_access_token": self.id_token,
            "id_server": ID_SERVER,
            "medium": "email",
        })
    }

    /// Sends an invitation of Alice with this body.
    pub(crate) fn invite(&self, body: &Value) -> Response<Bytes> {
        self.invite_as(&self.token, &body.to_string())
    }

    pub(crate) fn invite_as(&self, token: &str, body: &str) -> Response<Bytes> {
        self.call(Method::POST, &self.invite_path(), Some(token), body)
    }

    pub(crate) fn call(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: &str,
    ) -> Response<Bytes> {
        let host = if path.contains("/identity/") { ID_SERVER } else { "node.example" };
        let mut request = Request::builder().method(method).uri(format!("https://{host}{path}"));
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        self.world.handle(request.body(Bytes::from(body.to_owned())).unwrap())
    }

    /// Returns the events of one type, oldest first.
    pub(crate) fn events(&self, kind: &str) -> Vec<Event> {
        self.world.events(&self.room).into_iter().filter(|event| event.kind == kind).collect()
    }

    /// Returns the room's invitations of both kinds.
    pub(crate) fn invitations(&self) -> usize {
        let is_invite = |event: &&Event| event.content["membership"] == "invite";
        self.events("m.room.third_party_invite").len()
            + self.events("m.room.member").iter().filter(is_invite).count()
    }

    /// Returns a raw HTTP/1.1 request that invites Carol, for the loopback server.
    pub(crate) fn raw_invite(&self) -> String {
        let body = self.by_email("carol@example.com").to_string();
        format!(
            "POST {} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {}\r\ncontent-length: {}\r\n\r\n{body}",
            self.invite_path(),
            self.token,
            body.len()
        )
    }
}

/// Returns Alice's wallet at an SDN-like node.
pub(crate) fn alice() -> Wallet {
    Wallet::new(1)
}

/// Returns Bob's wallet at an SDN-like node.
pub(crate) fn bob() -> Wallet {
    Wallet::new(2)
}

pub(crate) fn json(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap()
}

#[track_caller]
pub(crate) fn assert_ok(response: &Response<Bytes>) {
    assert_eq!((response.status(), json(response)), (StatusCode::OK, json!({})));
}

#[track_caller]
pub(crate) fn assert_refused(response: &Response<Bytes>, status: u16, errcode: &str, error: &str) {
    assert_eq!(response.status().as_u16(), status, "{:?}", response.body());
    assert_eq!(response.headers()["content-type"], "application/json");
    let body = json(response);
    assert_eq!((&body["errcode"], &body["error"]), (&json!(errcode), &json!(error)));
}
