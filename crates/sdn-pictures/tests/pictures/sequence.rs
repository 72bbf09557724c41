//! An invitation by e-mail, from the caller to the invitee in the room, as a world recorded it.

use bytes::Bytes;
use sdn_pictures::sequence::{Step, draw};
use sdn_proto::flow::{self, AcceptFlow, Flow, IdentityServerAt, InviteFlow};
use sdn_proto::id::InviteToken;
use sdn_proto::secret::InvitePrivateKey;
use sdn_proto::{
    AccessToken, IdentityServer, InviteStatus, Node, Outgoing, RoomId, ServerName, Session,
    ThirdPartyId, UserId,
};
use sdn_testkit::{Wallet, World};

use crate::check;

const NODE: &str = "node.example";
const ID_SERVER: &str = "id.example";
const ADDRESS: &str = "dave@example.com";

const PARTICIPANTS: [&str; 5] = ["user", "our flow", "node", "identity server", "invitee"];
const USER: usize = 0;
const FLOW: usize = 1;
const NODE_AT: usize = 2;
const ID_SERVER_AT: usize = 3;
const INVITEE: usize = 4;

/// A world, and the steps that it saw.
struct Recorder {
    world: World,
    room_id: RoomId,
    mails: usize,
    events: usize,
    steps: Vec<Step>,
}

impl Recorder {
    fn message(&mut self, from: usize, to: usize, text: &str, is_response: bool) {
        self.steps.push(Step::Message { from, to, text: text.to_owned(), is_response });
    }

    /// Runs a flow that a participant drives, and records its requests and what follows from them.
    fn run<F: Flow>(&mut self, by: usize, mut flow: F) -> F::Outcome {
        loop {
            match flow.step() {
                flow::Step::Send(outgoing) => {
                    let response = self.send(by, outgoing);
                    flow.received(Ok(response));
                }
                flow::Step::Wait(_) => panic!("nothing limits the rate"),
                flow::Step::Done(outcome) => return outcome,
            }
        }
    }

    fn send(&mut self, by: usize, outgoing: Outgoing) -> http::Response<Bytes> {
        let uri = outgoing.request().uri();
        let to = if uri.host() == Some(NODE) { NODE_AT } else { ID_SERVER_AT };
        let path = outgoing.path();
        let (_, short) = path.split_once("/v3/").or(path.split_once("/v2/")).unwrap();
        let text = format!("{} …/{short}", outgoing.request().method());
        self.message(by, to, &text, false);
        let response = self.world.handle(outgoing.into_request());
        self.record_effects();
        let status = response.status();
        self.message(to, by, &status.to_string(), true);
        response
    }

    fn record_effects(&mut self) {
        let mails = self.world.mailbox(ID_SERVER, ADDRESS).len();
        for _ in self.mails..mails {
            self.message(NODE_AT, ID_SERVER_AT, "store the invitation", false);
            self.message(ID_SERVER_AT, INVITEE, "mail: token and key", false);
            self.message(ID_SERVER_AT, NODE_AT, "token, public keys", true);
        }
        self.mails = mails;
        let events = self.world.events(self.room_id.as_str());
        for event in &events[self.events..] {
            let membership = event.content["membership"].as_str();
            let text = match membership {
                Some(membership) => format!("room: {} ({membership})", event.kind),
                None => format!("room: {}", event.kind),
            };
            self.steps.push(Step::Note { at: NODE_AT, text });
        }
        self.events = events.len();
    }
}

fn session(token: String) -> Session {
    let token = AccessToken::new(token).unwrap();
    Node::new(format!("https://{NODE}")).unwrap().session(token)
}

#[test]
fn invitation_by_email_is_drawn_as_it_runs() {
    let world = World::new();
    let [alice, dave] = [1, 4].map(Wallet::new);
    world.add_identity_server(ID_SERVER);
    world.trust_identity_server(NODE, ID_SERVER);
    let alice_session = session(world.add_wallet(NODE, &alice));
    let room_id = RoomId::new(world.create_room(&alice.user_id())).unwrap();
    let events = world.events(room_id.as_str()).len();
    let mut recorder = Recorder {
        world: world.clone(),
        room_id: room_id.clone(),
        mails: 0,
        events,
        steps: Vec::new(),
    };

    let identity_server = IdentityServerAt::Server {
        name: ServerName::new(ID_SERVER).unwrap(),
        base: IdentityServer::new(format!("https://{ID_SERVER}")).unwrap(),
    };
    let address = ThirdPartyId::email(ADDRESS).unwrap();
    let flow = InviteFlow::new(alice_session, room_id.clone(), address, identity_server);
    recorder.message(USER, FLOW, "InviteFlow::new", false);
    let result = recorder.run(FLOW, flow);
    let status = InviteStatus::of(&result);
    assert_eq!(status, InviteStatus::Invited);
    recorder.message(FLOW, USER, &format!("{status:?}"), true);

    let mail = world.mailbox(ID_SERVER, ADDRESS).remove(0);
    let flow = AcceptFlow::signed_locally(
        session(world.add_wallet(NODE, &dave)),
        ServerName::new(ID_SERVER).unwrap(),
        room_id,
        Some(UserId::new(mail.sender).unwrap()),
        InviteToken::new(mail.token).unwrap(),
        InvitePrivateKey::new(mail.private_key).unwrap(),
    );
    recorder.run(INVITEE, flow).unwrap();
    assert_eq!(recorder.mails, 1);
    check(
        "sequence.svg",
        &draw("An invitation by e-mail, and its acceptance", &PARTICIPANTS, &recorder.steps),
    );
}
