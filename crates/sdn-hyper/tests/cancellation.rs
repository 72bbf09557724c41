//! Futures that are dropped at every stage of an exchange: the next call works, and no resource
//! leaks.

use std::fs;
use std::future::Future;
use std::time::Duration;

use sdn_hyper::Client;
use sdn_proto::{AccessToken, InviteUser, Node, RoomId, Session, UserId};
use sdn_testkit::{Fault, Server, World};
use tokio::net::TcpListener;
use tokio::time::sleep;

const TIMES: usize = 100;

struct Stage {
    world: World,
    server: Server,
    client: Client,
    token: AccessToken,
    room: RoomId,
}

impl Stage {
    fn set() -> Self {
        let world = World::new();
        let token = AccessToken::new(world.add_user("@alice:node.example")).unwrap();
        world.add_user("@bob:node.example");
        let room = RoomId::new(world.create_room("@alice:node.example")).unwrap();
        Stage { server: world.serve().unwrap(), client: Client::new(), token, room, world }
    }

    fn session(&self, url: &str) -> Session {
        Node::new(url).unwrap().session(self.token.clone())
    }

    fn invite(&self) -> InviteUser {
        InviteUser::new(self.room.clone(), UserId::new("@bob:node.example").unwrap())
    }

    /// Starts a call, and drops it after an event and before its end.
    async fn cancel(&self, url: &str, happened: impl Future) {
        let call = self.client.send(&self.session(url), &self.invite());
        tokio::select! {
            ended = call => panic!("it must not end: {ended:?}"),
            _ = happened => {}
        }
    }

    /// Breaks an exchange, and drops the call after the server has received it.
    async fn cancel_broken(&self, fault: &Fault) {
        self.server.fault_next(fault.clone());
        let before = self.world.requests().len();
        let seen = async {
            while self.world.requests().len() == before {
                sleep(Duration::from_millis(1)).await;
            }
            // A part of the response may arrive.
            sleep(Duration::from_millis(5)).await;
        };
        self.cancel(&self.server.base_url(), seen).await;
    }

    /// Checks that the same client works, and that only a few more file descriptors are open.
    async fn check(&self, open_before: usize) {
        for _ in 0..3 {
            let session = self.session(&self.server.base_url());
            self.client.send(&session, &self.invite()).await.unwrap();
        }
        // The tasks of dropped connections end a moment later.
        for _ in 0..100 {
            if descriptors() <= open_before + 8 {
                return;
            }
            sleep(Duration::from_millis(20)).await;
        }
        panic!("{} file descriptors, and {open_before} before", descriptors());
    }
}

fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}

#[tokio::test]
async fn dropped_at_every_stage() {
    let stage = Stage::set();
    let before = descriptors();

    // During the TLS handshake.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", silent.local_addr().unwrap());
    for _ in 0..TIMES {
        stage.cancel(&url, silent.accept()).await;
    }
    stage.check(before).await;

    // After the request was written, within the headers, and within the body.
    for fault in [Fault::Stall { handled: true }, Fault::TrickleHeaders, Fault::TrickleBody] {
        for _ in 0..TIMES {
            stage.cancel_broken(&fault).await;
        }
        stage.check(before).await;
    }
}

#[tokio::test]
async fn half_read_response_is_not_reused() {
    let stage = Stage::set();
    let url = stage.server.base_url();
    for _ in 0..20 {
        stage.cancel_broken(&Fault::TrickleBody).await;
        let session = stage.session(&url);
        stage.client.send(&session, &stage.invite()).await.unwrap();
    }
    assert_eq!(stage.world.requests().len(), 40, "each was sent once");
}
