//! The delivery of an invitation if the handler that sends it is dropped.
//!
//! A web framework drops a handler when its client disconnects. Then the outcome is unknown, and a
//! look at the room helps. A spawned task records its outcome all the same.

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sdn_hyper::Client;
use sdn_proto::flow::{IdentityServerAt, InviteFlow};
use sdn_proto::ledger::{Comparison, Decision, GetPeople, NotAllowed, State, Verdict};
use sdn_proto::{
    AccessToken, IdentityServer, InviteStatus, InviteUser, Node, RoomId, ServerName, Session,
    ThirdPartyId, UserId,
};
use sdn_testkit::{Fault, Server, World};
use tokio::time::{sleep, timeout};

const ALICE: &str = "@alice:node.example";
const ID_SERVER: &str = "id.example:8090";

/// The record of one invitation, as a database keeps it.
type Record = Arc<Mutex<State>>;

fn state(record: &Record) -> State {
    *record.lock().unwrap()
}

async fn wait_until(is_so: impl Fn() -> bool) {
    let waiting = async {
        while !is_so() {
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(Duration::from_secs(20), waiting).await.expect("the condition becomes true");
}

#[derive(Clone)]
struct Stage {
    world: World,
    server: Arc<Server>,
    client: Client,
    session: Session,
    room_id: RoomId,
    record: Record,
}

impl Stage {
    fn set() -> Self {
        let world = World::new();
        world.add_node("node.example");
        world.add_identity_server(ID_SERVER);
        let token = AccessToken::new(world.add_user(ALICE)).unwrap();
        let room_id = RoomId::new(world.create_room(ALICE)).unwrap();
        let server = Arc::new(world.serve().unwrap());
        let session = Node::new(server.base_url()).unwrap().session(token);
        let record = Arc::new(Mutex::new(State::New));
        Self { world, server, client: Client::new(), session, room_id, record }
    }

    fn bob() -> UserId {
        UserId::new("@bob:node.example").unwrap()
    }

    /// Records that the invitation begins, sends it, and records its outcome.
    async fn invite(self) -> Result<InviteStatus, NotAllowed> {
        let begun = state(&self.record).begin()?;
        *self.record.lock().unwrap() = begun;
        let call = InviteUser::new(self.room_id.clone(), Self::bob());
        let status = InviteStatus::of(&self.client.send(&self.session, &call).await);
        let mut record = self.record.lock().unwrap();
        *record = record.finish(status)?;
        Ok(status)
    }

    /// Drops a handler when a request has reached the server, which does not respond to it.
    ///
    /// It responds to as many requests as `before`.
    async fn drop_stalled<T>(
        &self,
        handler: impl Future<Output = T>,
        before: usize,
        handled: bool,
    ) {
        for _ in 0..before {
            self.server.fault_next(Fault::AnswerLate(Duration::ZERO));
        }
        self.server.fault_next(Fault::Stall { handled });
        tokio::select! {
            _ = handler => panic!("the handler was not dropped"),
            () = wait_until(|| self.server.faults() > before) => {}
        }
    }

    /// Returns how often the node has invited the user.
    fn invitations(&self) -> usize {
        let events = self.world.events(self.room_id.as_str());
        let bob = Some(Self::bob().to_string());
        events.iter().filter(|it| it.kind == "m.room.member" && it.state_key == bob).count()
    }

    async fn look(&self) -> Verdict {
        let call = GetPeople::new(self.room_id.clone());
        let people = self.client.send(&self.session, &call).await.unwrap();
        Comparison::new(&people, []).user(&Self::bob()).verdict
    }
}

#[tokio::test]
async fn dropped_handler_leaves_unknown() {
    for (handled, verdict, decision) in
        [(true, Verdict::InTheRoom, Decision::Settle), (false, Verdict::NotSeen, Decision::Retry)]
    {
        let stage = Stage::set();
        stage.drop_stalled(stage.clone().invite(), 0, handled).await;
        wait_until(|| stage.invitations() == usize::from(handled)).await;

        // The next program finds the record as a crash leaves it.
        assert_eq!(state(&stage.record), State::Sending);
        let resumed = state(&stage.record).resume();
        assert_eq!(resumed.begin(), Err(NotAllowed::Unknown));
        assert_eq!(stage.look().await, verdict);
        *stage.record.lock().unwrap() = resumed.decide(decision).unwrap();
        let again = stage.clone().invite().await;
        let expected = match decision {
            Decision::Settle => Err(NotAllowed::Settled),
            Decision::Retry => Ok(InviteStatus::Invited),
        };
        assert_eq!((again, stage.invitations()), (expected, 1));
    }
}

#[tokio::test]
async fn handler_dropped_before_polling_sends_nothing() {
    let stage = Stage::set();
    drop(stage.clone().invite());
    drop(stage.client.send(&stage.session, &InviteUser::new(stage.room_id.clone(), Stage::bob())));
    sleep(Duration::from_millis(20)).await;
    assert_eq!((state(&stage.record), stage.world.requests().len()), (State::New, 0));
}

#[tokio::test]
async fn spawned_task_outlives_its_handler() {
    let stage = Stage::set();
    stage.server.fault_next(Fault::AnswerLate(Duration::from_secs(1)));
    let invitation = stage.clone().invite();
    let handler = async { tokio::spawn(invitation).await };
    timeout(Duration::from_millis(20), handler).await.expect_err("the handler is dropped");
    assert_eq!(state(&stage.record), State::Sending);
    wait_until(|| state(&stage.record) != State::Sending).await;
    assert_eq!(state(&stage.record), State::Ended(InviteStatus::Invited));
    assert_eq!(stage.invitations(), 1);
}

#[tokio::test]
async fn dropped_flow_may_have_invited() {
    for before in 0..5 {
        let stage = Stage::set();
        let base = IdentityServer::new(stage.server.base_url()).unwrap();
        let at = IdentityServerAt::Server { name: ServerName::new(ID_SERVER).unwrap(), base };
        let carol = ThirdPartyId::email("carol@example.com").unwrap();
        let flow = InviteFlow::new(stage.session.clone(), stage.room_id.clone(), carol, at);
        stage.drop_stalled(stage.client.run(flow), before, true).await;
        // Only the last of the flow's five requests invites.
        let mails = usize::from(before == 4);
        wait_until(|| stage.world.mails(ID_SERVER).len() == mails).await;
    }
}
