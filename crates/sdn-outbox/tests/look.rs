//! The rooms' verdicts on undecided invitations.

mod postgres;
mod scene;

use std::time::Duration;

use sdn_hyper::Client as HttpClient;
use sdn_outbox::{Error, Verdict};
use sdn_proto::InviteStatus;
use sdn_testkit::Fault;

use scene::{Running, Scene};

/// Sends invitations one after the other, and loses their responses.
async fn lose(scene: &Scene, invitees: &[(&str, bool)]) -> Vec<i64> {
    let worker = Running::start(scene.worker().in_flight(1));
    let mut ids = Vec::new();
    for (invitee, handled) in invitees {
        scene.server.fault_next(Fault::CloseAfterRequest { handled: *handled });
        let invitation = match invitee.starts_with('@') {
            true => scene.to_user(invitee),
            false => scene.to_address(invitee),
        };
        let id = scene.enqueue(&invitation).await;
        scene.ended(id, InviteStatus::Unknown).await;
        ids.push(id);
    }
    worker.stop().await.unwrap();
    ids
}

async fn verdicts(scene: &Scene, ids: &[i64]) -> Vec<Option<Verdict>> {
    let mut verdicts = Vec::new();
    for id in ids {
        verdicts.push(scene.entry(*id).await.in_room);
    }
    verdicts
}

#[tokio::test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn unknown_rows_are_marked_by_one_look() {
    let scene = Scene::set().await;
    let ids = lose(
        &scene,
        &[
            ("@bob:node.example", true),
            ("@dave:node.example", false),
            ("carol@example.com", true),
            ("erin@example.com", false),
            ("caroline@example.org", false),
            ("frank@example.com", true),
        ],
    );
    let ids = ids.await;
    assert_eq!(verdicts(&scene, &ids).await, [None; 6]);
    scene.world.clear_requests();
    let http = HttpClient::new();
    let looked = scene.outbox.look(&scene.client, &http, &scene.tokens).await.unwrap();
    assert!(matches!(&looked[..], [room] if room.room_id == scene.room), "{looked:?}");
    assert!(matches!(looked[0].marked, Ok(6)), "{looked:?}");
    assert_eq!(scene.world.requests().len(), 1, "the room is read once");
    let wanted = [
        Verdict::InTheRoom,
        Verdict::NotSeen,
        Verdict::Ambiguous,
        Verdict::NotSeen,
        Verdict::Ambiguous,
        Verdict::InTheRoom,
    ];
    assert_eq!(verdicts(&scene, &ids).await, wanted.map(Some));
    assert_eq!(scene.counts().await.unknown, 6, "nothing is decided");
}

#[tokio::test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn purged_address_makes_others_ambiguous() {
    let scene = Scene::set().await;
    let invited = scene.enqueue(&scene.to_address("carla@example.com")).await;
    let worker = Running::start(scene.worker());
    scene.ended(invited, InviteStatus::Invited).await;
    worker.stop().await.unwrap();
    let ids = lose(&scene, &[("carol@example.com", false)]).await;
    scene.outbox.purge(&scene.client, Duration::ZERO).await.unwrap();
    scene.outbox.look(&scene.client, &HttpClient::new(), &scene.tokens).await.unwrap();
    assert_eq!(verdicts(&scene, &ids).await, [Some(Verdict::Ambiguous)]);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn room_that_cannot_be_read_is_reported() {
    let scene = Scene::set().await;
    let ids = lose(&scene, &[("@bob:node.example", true)]).await;
    let tokens = scene::Tokens::default();
    let looked = scene.outbox.look(&scene.client, &HttpClient::new(), &tokens).await.unwrap();
    assert!(matches!(looked[0].marked, Err(Error::NoToken(_))), "{looked:?}");
    tokens.add(scene::ALICE, "stale", "stale");
    let looked = scene.outbox.look(&scene.client, &HttpClient::new(), &tokens).await.unwrap();
    let error = looked[0].marked.as_ref().unwrap_err().to_string();
    assert!(error.starts_with("cannot read the room: 401"), "{error}");
    assert_eq!(verdicts(&scene, &ids).await, [None]);
}
