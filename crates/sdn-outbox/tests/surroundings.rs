//! What the surroundings of workers do: transactions that stay open, odd text, many servers.

mod postgres;
mod scene;

use std::time::Duration;

use sdn_outbox::{Credentials, CredentialsError, Decision, Error, Invitation, State, Worker};
use sdn_proto::flow::IdentityServerAt;
use sdn_proto::{
    AccessToken, IdentityServer, InviteStatus, Node, RoomId, ServerName, ThirdPartyId, UserId,
};
use sdn_testkit::{Fault, World};

use scene::{ALICE, ID_SERVER, Running, Scene, Tokens};

#[tokio::test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn open_transaction_does_not_stop_workers() {
    let scene = Scene::set().await;
    let first = scene.enqueue(&scene.to_user("@bob:node.example")).await;
    let mut handler = postgres::connect(&scene.address).await;
    let open = handler.transaction().await.unwrap();
    scene.outbox.enqueue(&open, &scene.to_user("@carol:node.example")).await.unwrap();

    let worker = Running::start(scene.worker());
    scene.ended(first, InviteStatus::Invited).await;
    open.rollback().await.unwrap();
    worker.stop().await.unwrap();
}

#[tokio::test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn open_list_does_not_stop_workers() {
    let scene = Scene::set().await;
    let dead = scene.enqueue(&scene.to_user("@bob:node.example")).await;
    let expired = "UPDATE sdn.invitation SET state = 'sending', due_at = now() - interval '1 s'";
    scene.client.batch_execute(expired).await.unwrap();
    let next = scene.enqueue(&scene.to_user("@carol:node.example")).await;
    let mut person = postgres::connect(&scene.address).await;
    let open = person.transaction().await.unwrap();
    scene.outbox.decide(&open, dead, Decision::Settle).await.unwrap();

    let worker = Running::start(scene.worker());
    let invited = async || (scene.invitations_sent() == 1).then_some(());
    scene::until("invited", invited).await;
    open.commit().await.unwrap();
    scene.ended(next, InviteStatus::Invited).await;
    worker.stop().await.unwrap();
}

/// A vault whose problem cannot be stored as it is.
struct Broken;

impl Credentials for Broken {
    async fn access_token(&self, _: &Node, _: &UserId) -> Result<AccessToken, CredentialsError> {
        Err(CredentialsError::new("the vault\0 is\nclosed; open it"))
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn odd_problem_is_stored_on_one_line() {
    let scene = Scene::set().await;
    let id = scene.enqueue(&scene.to_user("@bob:node.example")).await;
    let running = tokio::spawn(
        Worker::new(scene.database(), Broken).run(tokio::time::sleep(scene::PATIENCE)),
    );
    let problem = async || scene.entry(id).await.problem;
    let problem = scene::until("problem", problem).await;
    running.abort();
    assert_eq!(problem, "the vault\u{fffd} is\u{fffd}closed; open it");
}

#[tokio::test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn odd_reason_is_stored() {
    let scene = Scene::set().await;
    let reason = "a\0b\nc";
    let id = scene.enqueue(&scene.to_user("@bob:node.example").with_reason(reason)).await;
    let worker = Running::start(scene.worker());
    scene.ended(id, InviteStatus::Invited).await;
    worker.stop().await.unwrap();
}

#[tokio::test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn missing_token_delays_by_a_minute_at_most() {
    let scene = Scene::set().await;
    let id = scene.enqueue(&scene.to_user("@bob:node.example")).await;
    let failed = "UPDATE sdn.invitation SET failures = 20; UPDATE sdn.sender SET failures = 20";
    scene.client.batch_execute(failed).await.unwrap();
    scene.tokens.remove_alice();
    let worker = Running::start(scene.worker());
    scene.ended(id, InviteStatus::NotSent).await;
    worker.stop().await.unwrap();
    let delay = "SELECT greatest(i.due_at, s.next_turn) - now() <= interval '60 s'
        FROM sdn.invitation i, sdn.sender s";
    let row = scene.client.query_one(delay, &[]).await.unwrap();
    assert!(row.get::<_, bool>(0));
}

/// Has no identity server's token, so that the worker registers.
struct OnlyNode(Tokens);

impl Credentials for OnlyNode {
    async fn access_token(
        &self,
        node: &Node,
        user_id: &UserId,
    ) -> Result<AccessToken, CredentialsError> {
        self.0.access_token(node, user_id).await
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn token_is_kept_for_its_server() {
    let scene = Scene::set().await;
    let other = World::new();
    let other_server = other.serve().unwrap();
    let invitation = |address: &str, base: &str| {
        let at = IdentityServerAt::Server {
            name: ServerName::new(ID_SERVER).unwrap(),
            base: IdentityServer::new(base).unwrap(),
        };
        let room_id = RoomId::new(&scene.room).unwrap();
        let (alice, id) = (UserId::new(ALICE).unwrap(), ThirdPartyId::email(address).unwrap());
        Invitation::of_third_party(scene.node(), alice, room_id, id, at)
    };
    let worker = Worker::new(scene.database(), OnlyNode(scene.tokens.clone())).in_flight(1);
    let running = tokio::spawn(worker.run(tokio::time::sleep(scene::PATIENCE)));
    let first = invitation("carol@example.com", &scene.server.base_url());
    scene.ended(scene.enqueue(&first).await, InviteStatus::Invited).await;
    let second = invitation("dave@example.com", &other_server.base_url());
    let second = scene.enqueue(&second).await;
    let tried = async || (scene.state(second).await != State::New).then_some(());
    scene::until("tried", tried).await;
    running.abort();
    assert!(!other.requests().is_empty(), "the other server's token was used");
}

#[tokio::test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn error_does_not_show_the_row() {
    let scene = Scene::set().await;
    let check = "ALTER TABLE sdn.invitation ADD CHECK (reason IS NULL)";
    scene.client.batch_execute(check).await.unwrap();
    let invitation = scene.to_address("carol@example.com").with_reason("hello");
    let error = scene.outbox.enqueue(&scene.client, &invitation).await.unwrap_err();
    assert!(matches!(error, Error::Database(_)), "{error}");
    assert!(!format!("{error} {error:?}").contains("carol"), "{error:?}");
}

#[tokio::test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn refused_invitation_without_turn_is_repeated() {
    let scene = Scene::set().await;
    scene.tokens.add(ALICE, &scene.tokens.of_alice().0, "expired");
    scene.server.fault_next(Fault::AnswerLate(Duration::from_secs(1)));
    let id = scene.enqueue(&scene.to_address("carol@example.com")).await;
    let worker = Running::start(scene.worker().in_flight(1));
    let sending = async || (scene.state(id).await == State::Sending).then_some(());
    scene::until("sending", sending).await;
    // As another worker records a limit of the rate.
    let limit = "UPDATE sdn.sender SET limits = 1, next_turn = now() + interval '5 s'";
    scene.client.batch_execute(limit).await.unwrap();
    scene.ended(id, InviteStatus::Invited).await;
    worker.stop().await.unwrap();
}
