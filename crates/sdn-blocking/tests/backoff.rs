//! Many threads and one rate limit: all of them stop, wait and start again.

use std::thread;
use std::time::{Duration, Instant};

use sdn_blocking::Client;
use sdn_proto::bytes::Bytes;
use sdn_proto::http::Response;
use sdn_proto::{
    AccessToken, ApiError, CallError, Delivery, InviteUser, Node, RoomId, Session,
    TransportErrorKind, UserId,
};
use sdn_testkit::{Fault, Server, World};

fn stage() -> (World, Server, Session, RoomId) {
    let world = World::new();
    let token = world.add_user("@alice:node.example");
    let room = RoomId::new(world.create_room("@alice:node.example")).unwrap();
    let server = world.serve().unwrap();
    let session = Node::new(server.base_url()).unwrap();
    let session = session.session(AccessToken::new(token).unwrap());
    (world, server, session, room)
}

fn invite(room: &RoomId, number: usize) -> InviteUser {
    let user = UserId::new(format!("@user{number}:node.example")).unwrap();
    InviteUser::new(room.clone(), user)
}

#[test]
fn senders_stop_and_start_together() {
    let (world, _server, session, room) = stage();
    world.limit_invitations(5, Duration::from_secs(4));
    let client = Client::new().with_shared_backoff(Duration::from_secs(60));
    let start = Instant::now();
    let before = thread::scope(|scope| {
        for number in 0..16 {
            let (client, session, room) = (client.clone(), &session, &room);
            scope.spawn(move || client.send(session, &invite(room, number)).unwrap());
        }
        thread::sleep(Duration::from_secs(2));
        let before = world.requests().len();
        thread::sleep(Duration::from_secs(1));
        assert_eq!(world.requests().len(), before, "the server wanted silence");
        world.limit_invitations(usize::MAX, Duration::ZERO);
        before
    });
    assert!(start.elapsed() >= Duration::from_secs(4));
    assert!(before <= 16 && world.requests().len() <= before + 16 - 5);
    assert_eq!(world.events(room.as_str()).len(), 3 + 16, "each arrived once");
}

#[test]
fn ten_year_limit_is_an_error() {
    let (world, _server, session, room) = stage();
    world.limit_invitations(0, Duration::from_secs(10 * 365 * 24 * 3600));
    let client = Client::new().with_shared_backoff(Duration::from_secs(600));
    let error = client.send(&session, &invite(&room, 0)).unwrap_err();
    assert_eq!(error.api_error().map(ApiError::status).unwrap(), 429);
    let error = client.send(&session, &invite(&room, 1)).unwrap_err();
    assert!(
        matches!(error, CallError::Transport(ref error) if error.kind() == TransportErrorKind::RateLimited),
        "{error:?}"
    );
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert_eq!(world.requests().len(), 1);
}

#[test]
fn only_limited_calls_are_repeated() {
    let (world, server, session, room) = stage();
    let client = Client::new().with_shared_backoff(Duration::from_secs(5));
    server.fault_next(Fault::CloseAfterRequest { handled: true });
    let error = client.send(&session, &invite(&room, 0)).unwrap_err();
    assert_eq!(error.delivery(), Delivery::Unknown);
    let answer = Response::builder().status(503).header("retry-after", "1");
    world.respond_next(answer.body(Bytes::new()).unwrap());
    client.send(&session, &invite(&room, 1)).unwrap_err();
    assert_eq!(world.requests().len(), 2);
}

#[test]
fn limited_call_returns_its_limit() {
    let (world, server, session, room) = stage();
    // The server responds to both before either delay is known.
    for delay in ["1", "3600"] {
        let answer = Response::builder().status(429).header("retry-after", delay);
        world.respond_next(answer.body(Bytes::new()).unwrap());
        server.fault_next(Fault::AnswerLate(Duration::from_secs(1)));
    }
    let client = Client::new().with_shared_backoff(Duration::from_secs(5));
    thread::scope(|scope| {
        for number in 0..2 {
            let (client, session, room) = (client.clone(), &session, &room);
            scope.spawn(move || {
                let error = client.send(session, &invite(room, number)).unwrap_err();
                assert_eq!(error.api_error().map(ApiError::status).unwrap(), 429, "{error:?}");
                assert_eq!(error.delivery(), Delivery::Answered);
            });
        }
    });
    assert_eq!(world.requests().len(), 2);
}

#[test]
fn others_turn_is_waited_within_budget() {
    let (world, server, session, room) = stage();
    let client = Client::builder().total_timeout(Duration::from_secs(8)).build();
    let client = client.with_shared_backoff(Duration::from_millis(200));
    server.fault_next(Fault::LimitExceeded(Duration::from_secs(1)));
    client.send(&session, &invite(&room, 0)).unwrap_err();
    thread::sleep(Duration::from_millis(1100));

    server.fault_next(Fault::Stall { handled: true });
    thread::scope(|scope| {
        let hanging = scope.spawn(|| client.send(&session, &invite(&room, 1)));
        while world.requests().is_empty() {
            thread::sleep(Duration::from_millis(1));
        }
        let error = client.send(&session, &invite(&room, 2)).unwrap_err();
        assert!(
            matches!(error, CallError::Transport(ref error) if error.kind() == TransportErrorKind::RateLimited),
            "{error:?}"
        );
        assert!(!hanging.is_finished(), "it was waited for longer than allowed");
        let error = hanging.join().unwrap().unwrap_err();
        assert_eq!(error.delivery(), Delivery::Unknown);
    });
    assert_eq!(world.requests().len(), 1);
    client.send(&session, &invite(&room, 3)).unwrap();
}
