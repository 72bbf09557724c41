//! One worker and a node: the requests, and the states in the outbox.

mod postgres;
mod scene;

use std::time::{Duration, Instant};

use sdn_outbox::{Credentials, CredentialsError, Decision, Enqueued, Error, State, Worker};
use sdn_proto::{AccessToken, InviteStatus, Node, UserId};
use sdn_testkit::Fault;

use postgres::Postgres;
use scene::{Running, Scene, Tokens};

#[tokio::test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn committed_invitations_are_sent_once() {
    let mut scene = Scene::set().await;
    let worker = Running::start(scene.worker());
    let (bob, carol) = (scene.to_user("@bob:node.example"), scene.to_address("Carol@example.com"));

    let (outbox, mut client) = (scene.outbox.clone(), postgres::connect(&scene.address).await);
    let transaction = client.transaction().await.unwrap();
    let dropped = scene.to_user("@dave:node.example");
    outbox.enqueue(&transaction, &dropped).await.unwrap();
    transaction.rollback().await.unwrap();

    let transaction = scene.client.transaction().await.unwrap();
    let Enqueued::New(bob_id) = outbox.enqueue(&transaction, &bob).await.unwrap() else { panic!() };
    let Enqueued::New(carol_id) = outbox.enqueue(&transaction, &carol).await.unwrap() else {
        panic!()
    };
    tokio::time::sleep(Duration::from_millis(300)).await;
    transaction.commit().await.unwrap();
    let committed = Instant::now();

    let entry = scene.ended(bob_id, InviteStatus::Invited).await;
    assert_eq!(
        (entry.invitee.as_deref(), entry.http_status),
        (Some("@bob:node.example"), Some(200))
    );
    let entry = scene.ended(carol_id, InviteStatus::Invited).await;
    assert_eq!((&*entry.medium, entry.invitee.as_deref()), ("email", Some("carol@example.com")));
    assert_eq!(scene.world.mails(scene::ID_SERVER).len(), 1);
    // A worker that has found nothing looks again only after 30 seconds, unless it is woken.
    assert!(committed.elapsed() < Duration::from_secs(20), "{:?}", committed.elapsed());

    let again = scene.to_address("CAROL@EXAMPLE.COM");
    let existing = outbox.enqueue(&scene.client, &again).await.unwrap();
    assert_eq!(existing, Enqueued::Existing(carol_id, State::Ended(InviteStatus::Invited)));
    worker.stop().await.unwrap();
    assert_eq!(scene.invitations_sent(), 2);
    let counts = scene.counts().await;
    assert_eq!((counts.invited, counts.waiting, counts.sending), (2, 0, 0));
}

#[tokio::test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn outcomes_are_recorded_and_decided() {
    let scene = Scene::set().await;
    scene.world.ban(&scene.room, "@mallory:node.example");
    let refused = scene.enqueue(&scene.to_user("@mallory:node.example")).await;
    let worker = Running::start(scene.worker().in_flight(1));
    let entry = scene.ended(refused, InviteStatus::Refused).await;
    assert_eq!(entry.http_status, Some(403));
    assert!(entry.problem.is_some());

    scene.server.fault_next(Fault::CloseAfterRequest { handled: true });
    let unknown = scene.enqueue(&scene.to_user("@bob:node.example")).await;
    scene.ended(unknown, InviteStatus::Unknown).await;
    assert_eq!(scene.counts().await.unknown, 1);

    let decide = async |id, decision| scene.outbox.decide(&scene.client, id, decision).await;
    assert_eq!(decide(unknown, Decision::Settle).await.unwrap(), State::Settled);
    assert_eq!(decide(refused, Decision::Retry).await.unwrap(), State::Retry);
    scene.ended(refused, InviteStatus::Refused).await;
    let missing = decide(refused + 1000, Decision::Settle).await;
    assert!(matches!(missing, Err(Error::NoInvitation)));
    worker.stop().await.unwrap();
    assert_eq!(scene.invitations_sent(), 3);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn unsent_invitations_wait_for_the_token() {
    let scene = Scene::set().await;
    let tokens = scene.tokens.of_alice();
    scene.tokens.remove_alice();
    let id = scene.enqueue(&scene.to_user("@bob:node.example")).await;
    let worker = Running::start(scene.worker());
    let entry = scene.ended(id, InviteStatus::NotSent).await;
    assert_eq!(entry.problem.as_deref(), Some("there is no token; log in"));
    assert_eq!(scene.invitations_sent(), 0);
    scene.tokens.add(scene::ALICE, &tokens.0, &tokens.1);
    scene.ended(id, InviteStatus::Invited).await;
    worker.stop().await.unwrap();
    assert_eq!(scene.invitations_sent(), 1);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn killed_worker_leaves_unknown() {
    let scene = Scene::set().await;
    scene.server.fault_next(Fault::Stall { handled: true });
    let id = scene.enqueue(&scene.to_user("@bob:node.example")).await;
    let short = || {
        let worker = scene.worker().send_timeout(Duration::from_secs(2));
        worker.claim_timeout(Duration::from_secs(3))
    };
    let worker = Running::start(short());
    let sending = async || (scene.state(id).await == State::Sending).then_some(());
    scene::until("sending", sending).await;
    let denied = scene.outbox.decide(&scene.client, id, Decision::Retry).await;
    assert!(matches!(denied, Err(Error::NotAllowed(_))), "{denied:?}");
    worker.kill().await;
    let worker = Running::start(short());
    scene.ended(id, InviteStatus::Unknown).await;
    worker.stop().await.unwrap();
    assert_eq!(scene.invitations_sent(), 1);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn stop_finishes_what_is_being_sent() {
    let scene = Scene::set().await;
    scene.server.fault_next(Fault::AnswerLate(Duration::from_secs(1)));
    let first = scene.enqueue(&scene.to_user("@bob:node.example")).await;
    let second = scene.enqueue(&scene.to_user("@dave:node.example")).await;
    let worker = Running::start(scene.worker().in_flight(1));
    let sending = async || (scene.state(first).await == State::Sending).then_some(());
    scene::until("sending", sending).await;
    worker.stop().await.unwrap();
    assert_eq!(scene.state(first).await, State::Ended(InviteStatus::Invited));
    assert_eq!(scene.state(second).await, State::New);
    // No other worker has to wait for the end of the claim.
    let worker = Running::start(scene.worker());
    scene.ended(second, InviteStatus::Invited).await;
    worker.stop().await.unwrap();
}

#[tokio::test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn invitation_without_notification_is_found() {
    let scene = Scene::set().await;
    let first = scene.enqueue(&scene.to_user("@bob:node.example")).await;
    let worker = Running::start(scene.worker());
    scene.ended(first, InviteStatus::Invited).await;
    // As if the notification were lost.
    let insert = "INSERT INTO sdn.invitation (key, sender, room_id, medium, address)
        SELECT sha256(salt || convert_to(concat(node, E'\\n', room_id, E'\\n', 'user:@dave:node.example'), 'UTF8')),
            s.id, room_id, 'user', '@dave:node.example'
        FROM sdn.outbox, sdn.invitation JOIN sdn.sender s ON s.id = sender";
    scene.client.batch_execute(insert).await.unwrap();
    scene.ended(first + 1, InviteStatus::Invited).await;
    worker.stop().await.unwrap();
}

#[tokio::test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn rate_limit_is_waited_for() {
    let scene = Scene::set().await;
    scene.world.limit_next_invitations(1, Duration::from_secs(2));
    let (user, mail) = (scene.to_user("@bob:node.example"), scene.to_address("carol@example.com"));
    let ids = [scene.enqueue(&user).await, scene.enqueue(&mail).await];
    let begun = Instant::now();
    let worker = Running::start(scene.worker().in_flight(1));
    for id in ids {
        scene.ended(id, InviteStatus::Invited).await;
    }
    assert!(begun.elapsed() >= Duration::from_secs(2), "{:?}", begun.elapsed());
    worker.stop().await.unwrap();
    assert_eq!(scene.invitations_sent(), 3);
}

/// A vault that is slow.
struct Slow(Tokens, Duration);

impl Credentials for Slow {
    async fn access_token(
        &self,
        node: &Node,
        user_id: &UserId,
    ) -> Result<AccessToken, CredentialsError> {
        tokio::time::sleep(self.1).await;
        self.0.access_token(node, user_id).await
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn slow_worker_never_sends_after_claim() {
    let scene = Scene::set().await;
    let id = scene.enqueue(&scene.to_user("@bob:node.example")).await;
    let slow = Slow(scene.tokens.clone(), Duration::from_secs(4));
    let worker = Worker::new(scene.database(), slow)
        .in_flight(1)
        .send_timeout(Duration::from_secs(1))
        .claim_timeout(Duration::from_secs(2));
    let slow = tokio::spawn(worker.run(tokio::time::sleep(Duration::from_secs(6))));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(scene.state(id).await, State::New);
    let worker = Running::start(scene.worker());
    scene.ended(id, InviteStatus::Invited).await;
    slow.await.unwrap().unwrap();
    worker.stop().await.unwrap();
    assert_eq!(scene.invitations_sent(), 1);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn outcome_outlives_the_connection() {
    let mut postgres = Postgres::start();
    let address = postgres.address("postgres");
    let mut scene = Scene::at(&address).await;
    scene.server.fault_next(Fault::AnswerLate(Duration::from_millis(1500)));
    let id = scene.enqueue(&scene.to_user("@bob:node.example")).await;
    let worker = Running::start(scene.worker().in_flight(1));
    let sending = async || (scene.state(id).await == State::Sending).then_some(());
    scene::until("sending", sending).await;
    postgres.stop_hard();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(scene.invitations_sent(), 1);
    postgres.start_again();
    scene.client = postgres::connect(&address).await;
    scene.ended(id, InviteStatus::Invited).await;
    let events = worker.events.lock().unwrap().join("\n");
    assert!(events.contains("DatabaseFailed(the database closed the connection"), "{events}");
    assert!(events.contains("Reconnected"), "{events}");
    worker.stop().await.unwrap();
    assert_eq!(scene.invitations_sent(), 1);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn settings_that_are_unsafe_are_refused() {
    let scene = Scene::set().await;
    let seconds = Duration::from_secs;
    for worker in [
        scene.worker().batch(0),
        scene.worker().in_flight(0),
        scene.worker().send_timeout(seconds(10)).claim_timeout(seconds(14)),
        scene.worker().claim_timeout(seconds(86401)),
    ] {
        let error = worker.run(async {}).await.unwrap_err();
        assert!(matches!(error, Error::BadSetting(_)), "{error}");
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn invitations_reach_their_nodes() {
    let scene = Scene::set().await;
    let other = Scene::at(&scene.address).await;
    // The same room and user at each of two nodes, as their URLs differ.
    assert_eq!(scene.room, other.room);
    let ids = [
        scene.enqueue(&scene.to_user("@bob:node.example")).await,
        other.enqueue(&other.to_user("@bob:node.example")).await,
    ];
    let worker = Running::start(scene.worker());
    for id in ids {
        scene.ended(id, InviteStatus::Invited).await;
    }
    worker.stop().await.unwrap();
    assert_eq!((scene.invitations_sent(), other.invitations_sent()), (1, 1));
}
