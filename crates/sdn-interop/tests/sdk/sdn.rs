//! SDN's SDK at a node like those of SDN.

use sdn_testkit::{SeenRequest, Server, Wallet, World};
use serde_json::{Value, json};

use crate::{member, script};

const NODE: &str = "portal.example";
pub(crate) const ALIAS: &str = "#tea:portal.example";
pub(crate) const ADDRESS: &str = "carol@example.com";

/// Alice's room. Her wallet has logged in before, and Bob's has not.
pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) room: String,
    pub(crate) node: Server,
    pub(crate) identity_server: Server,
}

pub(crate) fn alice() -> Wallet {
    Wallet::new(1)
}

pub(crate) fn bob() -> Wallet {
    Wallet::new(2)
}

pub(crate) fn developer() -> Wallet {
    Wallet::new(3)
}

impl Scene {
    pub(crate) fn new() -> Self {
        let world = World::new();
        world.add_wallet(NODE, &alice());
        world.require_developer_key(NODE, &developer());
        let room = world.create_room(&alice().user_id());
        world.add_alias(&room, ALIAS);
        let (node, identity_server) = (world.serve().unwrap(), world.serve().unwrap());
        let scene = Scene { world, room, node, identity_server };
        scene.world.add_identity_server(&scene.id_server());
        scene
    }

    pub(crate) fn trust_identity_server(&self) {
        self.world.trust_identity_server(NODE, &self.id_server());
    }

    pub(crate) fn id_server(&self) -> String {
        format!("127.0.0.1:{}", self.identity_server.port())
    }

    /// Runs a script of the SDK and returns its result.
    ///
    /// Its addresses have a checksum in one of the two cases, because nodes accept both.
    pub(crate) fn run(&self, script: &str, is_token_in_header: bool) -> Value {
        let settings = json!({
            "node": self.node.base_url(),
            "identity_server": self.identity_server.base_url(),
            "room": self.room,
            "alias": ALIAS,
            "address": ADDRESS,
            "id_server": self.id_server(),
            "alice_key": alice().private_key(),
            "bob_key": bob().private_key(),
            "developer_key": developer().private_key(),
            "bob": bob().user_id(),
            "bob_address": bob().address(),
            "is_token_in_header": is_token_in_header,
            "has_checksum": !is_token_in_header,
        });
        script::run(script, &settings)
    }
}

/// Whether each token is in the header of its request, or in the query.
fn is_token_in_header(world: &World) -> Option<bool> {
    let seen = world.requests();
    let has_token = |request: &&SeenRequest| request.path.contains("/r0/");
    let mut places = seen.iter().filter(has_token).map(|request| {
        let in_query = request.path.contains("?access_token=");
        (request.header("authorization").is_some() != in_query).then_some(!in_query)
    });
    let first = places.next()??;
    places.all(|place| place == Some(first)).then_some(first)
}

#[test]
#[ignore = "needs the clients of others: .ci/run sdk"]
fn sdn_sdk_logs_in_and_invites() {
    for in_header in [true, false] {
        let scene = Scene::new();
        scene.trust_identity_server();
        let mut result = scene.run("sendingnetwork-js-sdk.mjs", in_header);
        let created = result["created"].take();
        let created = created.as_str().expect("a room ID");
        let (alice, bob) = (alice(), bob());
        let did = format!("did:sdn:{}", &alice.address()[2..]);
        let first_did = format!("did:pkh:eip155:1:{}", bob.address());
        let expected = json!({
            "dids": [[did, did], [null, first_did]],
            "logins": [[alice.user_id(), "ALICESPHONE"], [bob.user_id(), "BOBSPHONE"]],
            "bob_before": null,
            "bob_after": bob.user_id(),
            "created": null,
            "joined_rooms": [scene.room, created],
            "resolved": scene.room,
            "joined": scene.room,
            "after_logout": "M_UNKNOWN_TOKEN",
        });
        assert_eq!(result, expected);
        assert_eq!(is_token_in_header(&scene.world), Some(in_header));

        let (alice, bob) = (alice.user_id(), bob.user_id());
        let mails = scene.world.mails(&scene.id_server());
        let [mail, second_mail] = mails.as_slice() else { panic!("{mails:?}") };
        let members = |room: &str| {
            let events = scene.world.events(room).into_iter();
            events.filter(|event| event.kind == "m.room.member").skip(1).collect::<Vec<_>>()
        };
        for (mail, room) in [(mail, &*scene.room), (second_mail, created)] {
            assert_eq!((&*mail.to, &mail.sender, &*mail.room_id), (ADDRESS, &alice, room));
            let events = scene.world.events(room).into_iter();
            let mut mailed = events.filter(|event| event.kind == "m.room.third_party_invite");
            let mailed = mailed.next().expect("an invitation by e-mail");
            assert_eq!((&mailed.sender, mailed.state_key.as_ref()), (&alice, Some(&mail.token)));
        }
        let invited = member(&bob, &alice, json!({ "membership": "invite", "reason": "tea" }));
        let joined = member(&bob, &bob, json!({ "membership": "join" }));
        assert_eq!(members(&scene.room), [invited, joined]);
        let invited = member(&bob, &alice, json!({ "membership": "invite" }));
        let kicked = member(&bob, &alice, json!({ "membership": "leave", "reason": "by mistake" }));
        assert_eq!(members(created), [invited, kicked]);
    }
}

#[test]
#[ignore = "needs the clients of others: .ci/run sdk"]
fn sdn_sdk_sees_refusals() {
    let scene = Scene::new();
    let mut result = scene.run("sendingnetwork-refusals.mjs", true);
    let direct_room = result["direct_room"].take();
    let forbidden = json!([403, "M_FORBIDDEN"]);
    let expected = json!({
        "another wallet": forbidden,
        "another developer": forbidden,
        "another message": forbidden,
        "used challenge": forbidden,
        "identity server without trust": [400, "M_SERVER_NOT_TRUSTED"],
        "direct_room": null,
    });
    assert_eq!(result, expected);
    assert_eq!(scene.world.events(&scene.room).len(), 3);
    assert!(scene.world.mails(&scene.id_server()).is_empty());
    let invited = member(&bob().user_id(), &alice().user_id(), json!({ "membership": "invite" }));
    let events = scene.world.events(direct_room.as_str().expect("a room ID"));
    assert_eq!(events.last(), Some(&invited));
}
