//! Compares the requests of SDN's SDK with our client's, call by call and member by member.

use std::collections::{BTreeMap, BTreeSet};

use sdn_blocking::Client;
use sdn_proto::client::{
    CreateRoom, GetVersions, InviteUser, JoinRoom, JoinedRooms, Kick, ListDids, LogOut, Login,
    RequestOpenIdToken, ResolveAlias,
};
use sdn_proto::flow::LoginFlow;
use sdn_proto::id::RoomAlias;
use sdn_proto::identity::Register;
use sdn_proto::{
    IdentityServer, InviteBy3pid, Node, RoomId, ServerName, Signature, ThirdPartyId, UserId,
    WalletAddress,
};
use sdn_testkit::{SeenRequest, Wallet};
use serde_json::Value;

use crate::sdn::{ADDRESS, ALIAS, Scene, alice, bob, developer};

/// The calls of both clients, in order.
const CALLS: [&str; 20] = [
    "ListDids",
    "PreLogin",
    "DidLogin",
    "RequestOpenIdToken",
    "Register",
    "ListDids",
    "InviteUser",
    "GetVersions",
    "InviteBy3pid",
    "CreateRoom",
    "Kick",
    "JoinedRooms",
    "ResolveAlias",
    "ListDids",
    "PreLogin",
    "DidLogin",
    "ListDids",
    "JoinRoom",
    "LogOut",
    "RequestOpenIdToken",
];

/// A fact about some calls, its values in the SDK and in our client, and why both are right.
type Difference = (&'static [&'static str], &'static str, [&'static str; 2], &'static str);

/// All other facts are equal.
const DIFFERENCES: &[Difference] = &[
    (
        &[
            "RequestOpenIdToken",
            "InviteUser",
            "InviteBy3pid",
            "CreateRoom",
            "Kick",
            "JoinedRooms",
            "ResolveAlias",
            "JoinRoom",
        ],
        "version",
        ["r0", "v3"],
        "Nodes serve both with the same handlers, and Matrix has only v3.",
    ),
    (
        &["JoinRoom"],
        "path",
        ["join/{roomId}", "rooms/{roomId}/join"],
        "Both join by ID; the SDK's path also accepts aliases.",
    ),
    (
        &["ListDids", "PreLogin", "DidLogin"],
        "authorization",
        ["Bearer undefined", ""],
        "These calls need no token, and the SDK does not have one yet.",
    ),
    (&["ListDids"], "authorization", ["Bearer {accessToken}", ""], "The call needs no token."),
    (
        &["InviteBy3pid"],
        "body/id_access_token",
        ["", "\"{idAccessToken}\""],
        "The SDK sends it only to nodes with r0.6.0. Matrix requires it, other nodes ignore it.",
    ),
    (
        &["CreateRoom"],
        "body/invite_3pid/0/id_access_token",
        ["", "\"{idAccessToken}\""],
        "The same as in an invitation to an existing room.",
    ),
    (
        &["LogOut"],
        "body",
        ["", "{}"],
        "The SDK sends no body. Matrix does not require one, and nodes accept an empty object.",
    ),
    (&["LogOut"], "content-type", ["", "application/json"], "It belongs to the body."),
];

/// A request as named facts.
type Facts = BTreeMap<String, String>;

/// Returns the facts of a request, in which names replace these texts.
fn facts(request: &SeenRequest, names: &[(String, &str)]) -> Facts {
    let name = |text: &str| {
        names.iter().fold(text.to_owned(), |text, (value, name)| text.replace(value, name))
    };
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    let (start, rest) = path.strip_prefix("/_api/").unwrap().split_once('/').unwrap();
    let (version, path) = rest.split_once('/').unwrap_or(("", rest));
    let mut facts = Facts::new();
    let mut add = |fact: &str, value: &str| facts.insert(fact.to_owned(), name(value));
    add("method", &request.method);
    add("surface", start);
    add("version", version);
    add("path", path);
    for header in ["authorization", "content-type"] {
        if let Some(value) = request.header(header) {
            add(header, value);
        }
    }
    for (key, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        add(&format!("query {key}"), value);
    }
    if !request.body.is_empty() {
        add_members("body", &serde_json::from_slice(&request.body).unwrap(), &mut add);
    }
    facts
}

/// Adds a fact for each value in a JSON value that has no members itself.
fn add_members(fact: &str, value: &Value, add: &mut impl FnMut(&str, &str) -> Option<String>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (key, value) in members {
                add_members(&format!("{fact}/{key}"), value, add);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, value) in items.iter().enumerate() {
                add_members(&format!("{fact}/{index}"), value, add);
            }
        }
        value => drop(add(fact, &value.to_string())),
    }
}

/// A user of our client.
struct User {
    node: Node,
    identity_server: IdentityServer,
    wallet: Wallet,
    client: Client,
}

impl User {
    fn new(scene: &Scene, wallet: Wallet) -> Self {
        User {
            node: Node::new(scene.node.base_url()).unwrap(),
            identity_server: IdentityServer::new(scene.identity_server.base_url()).unwrap(),
            wallet,
            client: Client::new(),
        }
    }

    fn log_in(&self, device: &str) -> Login {
        let flow = LoginFlow::new(self.node.clone(), address(&self.wallet));
        let challenge = self.client.run(flow).unwrap();
        let sign =
            |wallet: &Wallet| Signature::new(wallet.sign(challenge.message().as_str())).unwrap();
        let flow = challenge.answer(sign(&self.wallet)).unwrap();
        let flow = flow.with_developer_signature(sign(&developer())).with_device_id(device);
        self.client.run(flow).unwrap()
    }
}

fn address(wallet: &Wallet) -> WalletAddress {
    WalletAddress::new(wallet.address()).unwrap()
}

/// Makes the calls of the SDK's script, and returns the identity server's token.
fn run_our_client(scene: &Scene) -> String {
    let alice = User::new(scene, alice());
    let client = &alice.client;
    let login = alice.log_in("ALICESPHONE");
    let session = login.session(&alice.node);
    let open_id = RequestOpenIdToken::new(login.user_id.clone());
    let open_id_token = client.send(&session, &open_id).unwrap();
    let id_token = client.send(&alice.identity_server, &Register::new(open_id_token)).unwrap();

    let list_bobs = ListDids::new(address(&bob()));
    assert!(client.send(&alice.node, &list_bobs).unwrap().is_empty());
    let secret = id_token.expose().to_owned();
    let room_id = RoomId::new(&scene.room).unwrap();
    let bobs_id = UserId::new(bob().user_id()).unwrap();
    let invite = InviteUser::new(room_id.clone(), bobs_id.clone()).with_reason("tea");
    client.send(&session, &invite).unwrap();
    client.send(&alice.node, &GetVersions::new()).unwrap();
    let third_party_id = ThirdPartyId::email(ADDRESS).unwrap();
    let id_server = ServerName::new(scene.id_server()).unwrap();
    let invite = InviteBy3pid::new(
        room_id.clone(),
        third_party_id.clone(),
        id_server.clone(),
        id_token.clone(),
    );
    client.send(&session, &invite).unwrap();
    let create = CreateRoom::new().with_name("Tea").with_invite(bobs_id.clone()).with_invite_3pid(
        third_party_id,
        id_server,
        id_token,
    );
    let created = client.send(&session, &create).unwrap();
    let kick = Kick::new(created.clone(), bobs_id).with_reason("by mistake");
    client.send(&session, &kick).unwrap();
    let rooms = client.send(&session, &JoinedRooms::new()).unwrap();
    assert_eq!(rooms, [room_id.clone(), created]);
    let resolve = ResolveAlias::new(RoomAlias::new(ALIAS).unwrap());
    assert_eq!(client.send(&session, &resolve).unwrap(), room_id);

    let guest = User::new(scene, bob());
    let guests_session = guest.log_in("BOBSPHONE").session(&guest.node);
    assert_eq!(client.send(&alice.node, &list_bobs).unwrap().len(), 1);
    client.send(&guests_session, &JoinRoom::new(room_id)).unwrap();
    client.send(&session, &LogOut::new()).unwrap();
    client.send(&session, &open_id).unwrap_err();
    secret
}

/// Runs a client in a new world, and returns the facts of each request.
///
/// A world creates the same tokens each time. Names replace the tokens that only one client sends.
fn record(act: impl FnOnce(&Scene) -> Option<String>) -> Vec<Facts> {
    let scene = Scene::new();
    scene.trust_identity_server();
    let id_access_token = act(&scene);
    let seen = scene.world.requests();
    let invitation = seen.iter().find(|request| request.path.ends_with("/invite")).unwrap();
    let access_token = invitation.header("authorization").unwrap().replace("Bearer ", "");
    let mut names = vec![
        (scene.room.replace('@', "%40").replace(':', "%3A"), "{roomId}"),
        (scene.id_server(), "{idServer}"),
        (access_token, "{accessToken}"),
    ];
    names.extend(id_access_token.map(|token| (token, "{idAccessToken}")));
    seen.iter().map(|request| facts(request, &names)).collect()
}

#[test]
#[ignore = "needs the clients of others: .ci/run sdk"]
fn requests_equal_the_sdks() {
    let sdk = record(|scene| {
        scene.run("sendingnetwork-js-sdk.mjs", true);
        None
    });
    let ours = record(|scene| Some(run_our_client(scene)));
    assert_eq!((sdk.len(), ours.len()), (CALLS.len(), CALLS.len()));

    let mut differences = BTreeSet::new();
    for ((call, sdk), ours) in CALLS.into_iter().zip(&sdk).zip(&ours) {
        for fact in sdk.keys().chain(ours.keys()) {
            let [sdk, ours] = [sdk, ours].map(|facts| facts.get(fact).map_or("", String::as_str));
            if sdk != ours {
                differences.insert((call, fact.as_str(), sdk, ours));
            }
        }
    }
    let known = DIFFERENCES.iter().flat_map(|&(calls, fact, [sdk, ours], _)| {
        calls.iter().map(move |&call| (call, fact, sdk, ours))
    });
    assert_eq!(differences, known.collect());
}
