//! Calls that time out at every stage of an exchange: the next call works, and no resource leaks.

use std::fs;
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use sdn_blocking::Client;
use sdn_proto::{
    AccessToken, CallError, InviteUser, Node, RoomId, Session, TransportErrorKind, UserId,
};
use sdn_testkit::{Fault, World};

const TIMEOUT: Duration = Duration::from_millis(150);
const TIMES: usize = 12;

fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}

#[test]
fn timed_out_at_every_stage() {
    let world = World::new();
    let token = AccessToken::new(world.add_user("@alice:node.example")).unwrap();
    world.add_user("@bob:node.example");
    let room = RoomId::new(world.create_room("@alice:node.example")).unwrap();
    let server = world.serve().unwrap();
    let client = Client::builder().total_timeout(TIMEOUT).build();
    let session = |url: &str| -> Session { Node::new(url).unwrap().session(token.clone()) };
    let invite = InviteUser::new(room, UserId::new("@bob:node.example").unwrap());
    let time_out = |url: &str, kind| match client.send(&session(url), &invite).unwrap_err() {
        CallError::Transport(error) => assert_eq!(error.kind(), kind, "{error:?}"),
        error => panic!("{error:?}"),
    };
    let check = |before: usize| {
        // On a busy machine a response may take longer than the timeout, but not each time.
        let session = session(&server.base_url());
        assert!((0..20).any(|_| client.send(&session, &invite).is_ok()), "no call works");
        // The server's threads end a moment later.
        for _ in 0..100 {
            if descriptors() <= before + 8 {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        panic!("{} file descriptors, and {before} before", descriptors());
    };
    let before = descriptors();

    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", silent.local_addr().unwrap());
    for _ in 0..TIMES {
        time_out(&url, TransportErrorKind::ConnectTimeout);
        drop(silent.accept());
    }
    check(before);
    for fault in [Fault::Stall { handled: true }, Fault::TrickleHeaders, Fault::TrickleBody] {
        for _ in 0..TIMES {
            let seen = world.requests().len();
            server.fault_next(fault.clone());
            time_out(&server.base_url(), TransportErrorKind::TotalTimeout);
            // A busy server may apply the fault only now, and it must not affect the next call.
            while world.requests().len() == seen {
                thread::sleep(Duration::from_millis(1));
            }
        }
        check(before);
    }
}
