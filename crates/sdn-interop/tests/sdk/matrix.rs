//! Matrix's clients at a node like Synapse.

use bytes::Bytes;
use http::Request;
use http::request::Builder;
use sdn_testkit::{Event, Server, World};
use serde_json::{Value, json};

use crate::{member, script};

const ALICE: &str = "@alice:node.example";
const BOB: &str = "@bob:node.example";
const DAVE: &str = "@dave:node.example";
const CAROLS_ADDRESS: &str = "carol@example.com";
const DAVES_ADDRESS: &str = "dave@example.com";
const PASSWORD: &str = "wonderland";

/// Alice's room, at a node and an identity server on two ports.
struct Scene {
    world: World,
    room: String,
    node: Server,
    identity_server: Server,
}

impl Scene {
    fn new() -> Self {
        let world = World::new();
        for user in [ALICE, BOB] {
            world.set_password(user, PASSWORD);
        }
        let room = world.create_room(ALICE);
        let (node, identity_server) = (world.serve().unwrap(), world.serve().unwrap());
        let scene = Scene { world, room, node, identity_server };
        scene.world.bind(&scene.id_server(), "email", DAVES_ADDRESS, DAVE);
        scene
    }

    /// The identity server's name in a client's invitation.
    fn id_server(&self) -> String {
        format!("127.0.0.1:{}", self.identity_server.port())
    }

    fn run(&self, script: &str) -> Value {
        let settings = json!({
            "node": self.node.base_url(),
            "identity_server": self.identity_server.base_url(),
            "room": self.room,
            "alice": ALICE,
            "bob": BOB,
            "password": PASSWORD,
            "unknown_address": CAROLS_ADDRESS,
            "known_address": DAVES_ADDRESS,
        });
        script::run(script, &settings)
    }

    /// Returns the room's events after Alice had created it.
    fn events(&self) -> Vec<Event> {
        self.world.events(&self.room).split_off(3)
    }

    /// Returns the method of each request, and its path after the version.
    fn calls(&self) -> Vec<String> {
        let path = |path: &str| path.splitn(5, '/').nth(4).unwrap().to_owned();
        let seen = self.world.requests();
        seen.iter().map(|request| format!("{} {}", request.method, path(&request.path))).collect()
    }

    /// Returns the user of an OpenID token, as the identity server reads it.
    fn owner(&self, open_id: &Value) -> Value {
        let url = format!("https://{}/_matrix/identity/v2/account", self.id_server());
        let ask = |request: Builder, body: String| -> Value {
            let response = self.world.handle(request.body(Bytes::from(body)).unwrap());
            serde_json::from_slice(response.body()).unwrap()
        };
        let registered = ask(Request::post(format!("{url}/register")), open_id.to_string());
        let token = registered["token"].as_str().unwrap_or_else(|| panic!("{registered}"));
        let bearer = format!("Bearer {token}");
        ask(Request::get(url).header("authorization", bearer), String::new())["user_id"].take()
    }
}

#[test]
#[ignore = "needs the clients of others: .ci/run sdk"]
fn matrix_js_sdk_invites_and_joins() {
    let scene = Scene::new();
    let result = scene.run("matrix-js-sdk.mjs");
    let expected = json!({
        "flows": ["m.login.password", "m.login.application_service"],
        "whoami": [ALICE, "SDK"],
        "found": { "address": DAVES_ADDRESS, "medium": "email", "mxid": DAVE },
        "missing": {},
        "joined": scene.room,
        "after_logout": "M_UNKNOWN_TOKEN",
    });
    assert_eq!(result, expected);

    let mails = scene.world.mails(&scene.id_server());
    let [mail] = mails.as_slice() else { panic!("{mails:?}") };
    assert_eq!((&*mail.to, &*mail.sender, &mail.room_id), (CAROLS_ADDRESS, ALICE, &scene.room));
    let events = scene.events();
    let [bob_invited, carol_invited, bob_joined] = events.as_slice() else { panic!("{events:?}") };
    let invite = json!({ "membership": "invite", "reason": "tea" });
    assert_eq!(*bob_invited, member(BOB, ALICE, invite));
    assert_eq!(carol_invited.kind, "m.room.third_party_invite");
    assert_eq!(
        (&*carol_invited.sender, carol_invited.state_key.as_ref()),
        (ALICE, Some(&mail.token))
    );
    assert_eq!(*bob_joined, member(BOB, BOB, json!({ "membership": "join" })));
    assert_eq!(
        scene.calls(),
        [
            "GET login",
            "POST login",
            "GET account/whoami",
            "POST user/%40alice%3Anode.example/openid/request_token",
            "POST account/register",
            "POST rooms/!room1%3Anode.example/invite",
            "POST rooms/!room1%3Anode.example/invite",
            "GET hash_details",
            "POST lookup",
            "GET hash_details",
            "POST lookup",
            "POST login",
            "POST join/!room1%3Anode.example",
            "POST logout",
            "GET account/whoami",
        ]
    );
}

#[test]
#[ignore = "needs the clients of others: .ci/run sdk"]
fn matrix_nio_invites_and_joins() {
    let scene = Scene::new();
    let mut result = scene.run("matrix-nio.py");
    let open_id = result["open_id"].take();
    let device_id = result["whoami"][1].take();
    assert!(device_id.as_str().is_some_and(|id| !id.is_empty()), "{device_id}");
    let expected = json!({
        "flows": ["m.login.password", "m.login.application_service"],
        "open_id": null,
        "joined": scene.room,
        "whoami": [BOB, null],
        "after_logout": "M_UNKNOWN_TOKEN",
    });
    assert_eq!(result, expected);

    assert_eq!(scene.owner(&open_id), ALICE);
    let invite = member(BOB, ALICE, json!({ "membership": "invite" }));
    let join = member(BOB, BOB, json!({ "membership": "join" }));
    assert_eq!(scene.events(), [invite, join]);
}
