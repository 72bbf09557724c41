//! SDN's own SDK, at a node like those of SDN.

use sdn_testkit::{SeenRequest, Server, Wallet, World};
use serde_json::{Value, json};

use crate::{member, script};

const NODE: &str = "portal.example";
pub(crate) const ADDRESS: &str = "carol@example.com";

/// A room of Alice's, whose wallet has logged in before; Bob's has not.
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

    /// Runs a script of the SDK's and returns its result.
    ///
    /// Its addresses have a checksum in one of the two cases, because nodes take both.
    pub(crate) fn run(&self, script: &str, is_token_in_header: bool) -> Value {
        let settings = json!({
            "node": self.node.base_url(),
            "identity_server": self.identity_server.base_url(),
            "room": self.room,
            "address": ADDRESS,
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

/// Whether each request that has a token has it in its header, or each one in its query.
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
        let result = scene.run("sendingnetwork-js-sdk.mjs", in_header);
        let (alice, bob) = (alice(), bob());
        let did = format!("did:sdn:{}", &alice.address()[2..]);
        let first_did = format!("did:pkh:eip155:1:{}", bob.address());
        let expected = json!({
            "dids": [[did, did], [null, first_did]],
            "logins": [[alice.user_id(), "ALICESPHONE"], [bob.user_id(), "BOBSPHONE"]],
            "bob_before": null,
            "bob_after": bob.user_id(),
            "joined": scene.room,
            "after_logout": "M_UNKNOWN_TOKEN",
        });
        assert_eq!(result, expected);
        assert_eq!(is_token_in_header(&scene.world), Some(in_header));

        let (alice, bob) = (alice.user_id(), bob.user_id());
        let mails = scene.world.mails(&scene.id_server());
        let [mail] = mails.as_slice() else { panic!("{mails:?}") };
        assert_eq!((&*mail.to, &mail.sender, &mail.room_id), (ADDRESS, &alice, &scene.room));
        let events = scene.world.events(&scene.room).split_off(3);
        let [invited, mailed, joined] = events.as_slice() else { panic!("{events:?}") };
        let invite = json!({ "membership": "invite", "reason": "tea" });
        assert_eq!(*invited, member(&bob, &alice, invite));
        assert_eq!(mailed.kind, "m.room.third_party_invite");
        assert_eq!((&mailed.sender, mailed.state_key.as_ref()), (&alice, Some(&mail.token)));
        assert_eq!(*joined, member(&bob, &bob, json!({ "membership": "join" })));
    }
}

#[test]
#[ignore = "needs the clients of others: .ci/run sdk"]
fn sdn_sdk_sees_refusals() {
    let scene = Scene::new();
    let result = scene.run("sendingnetwork-refusals.mjs", true);
    let forbidden = json!([403, "M_FORBIDDEN"]);
    let expected = json!({
        "another wallet": forbidden,
        "another developer": forbidden,
        "another message": forbidden,
        "used challenge": forbidden,
        "identity server without trust": [400, "M_SERVER_NOT_TRUSTED"],
    });
    assert_eq!(result, expected);
    assert_eq!(scene.world.events(&scene.room).len(), 3);
    assert!(scene.world.mails(&scene.id_server()).is_empty());
}
