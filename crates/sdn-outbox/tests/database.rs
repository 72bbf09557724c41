//! Faulty databases: each is a clear error, and nothing is sent without a record.

mod postgres;
mod scene;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use sdn_outbox::{Database, Decision, Enqueued, Error, Outbox, State};
use sdn_proto::InviteStatus;

use postgres::Postgres;
use scene::{Running, Scene};

#[tokio::test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn migration_may_run_at_the_same_time() {
    let address = Postgres::shared().create().await;
    let outbox = Outbox::in_schema("team_1").unwrap();
    let client = postgres::connect(&address).await;
    let missing = outbox.check(&client).await.unwrap_err();
    assert_eq!(missing.to_string(), "the schema team_1 has no outbox; migrate it first");
    let migrations = (0..8).map(|_| {
        let (address, outbox) = (address.clone(), outbox.clone());
        tokio::spawn(async move {
            let mut client = postgres::connect(&address).await;
            outbox.migrate(&mut client).await
        })
    });
    for migration in migrations.collect::<Vec<_>>() {
        migration.await.unwrap().unwrap();
    }
    outbox.check(&client).await.unwrap();
}

#[tokio::test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn newer_version_is_refused() {
    let mut scene = Scene::set().await;
    let worker = Running::start(scene.worker());
    scene.client.batch_execute("UPDATE sdn.outbox SET version = 7").await.unwrap();
    let text = "the outbox has version 7, and this program knows 1; update the program";
    assert_eq!(scene.worker().run(async {}).await.unwrap_err().to_string(), text);
    assert_eq!(scene.outbox.migrate(&mut scene.client).await.unwrap_err().to_string(), text);
    // A worker that runs already notices it when it connects again.
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = 'sdn-outbox' AND pid <> pg_backend_pid()
            AND datname = current_database()";
    scene.client.batch_execute(end).await.unwrap();
    assert_eq!(worker.ended().await.unwrap_err().to_string(), text);
    scene.client.batch_execute("UPDATE sdn.outbox SET version = 0").await.unwrap();
    let older = scene.outbox.check(&scene.client).await;
    assert!(matches!(older, Err(Error::Older { found: 0, known: 1 })), "{older:?}");
}

#[tokio::test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn tables_of_another_program_are_refused() {
    let address = Postgres::shared().create().await;
    let mut client = postgres::connect(&address).await;
    client.batch_execute("CREATE SCHEMA sdn; CREATE TABLE sdn.sender (id int)").await.unwrap();
    let error = Outbox::new().migrate(&mut client).await.unwrap_err();
    let text = "the schema sdn has tables of another program; choose another schema";
    assert_eq!(error.to_string(), text);
    client.batch_execute("CREATE TABLE sdn.outbox (version int, salt bytea)").await.unwrap();
    assert_eq!(Outbox::new().migrate(&mut client).await.unwrap_err().to_string(), text);
    // Another schema of the same database is another outbox.
    Outbox::in_schema("invites").unwrap().migrate(&mut client).await.unwrap();
}

#[tokio::test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn programs_with_one_schema_share_its_outbox() {
    let (first, second) = (Scene::set().await, Scene::set().await);
    let bob = first.to_user("@bob:node.example");
    let id = first.enqueue(&bob).await;
    let (worker, mut client) =
        (Running::start(first.worker()), postgres::connect(&first.address).await);
    Outbox::new().migrate(&mut client).await.unwrap();
    let again = Outbox::new().enqueue(&client, &bob).await.unwrap();
    assert!(matches!(again, Enqueued::Existing(same, _) if same == id), "{again:?}");
    let other = Running::start(first.worker());
    first.ended(id, InviteStatus::Invited).await;
    // Another database is another outbox.
    assert!(matches!(second.outbox.enqueue(&second.client, &bob).await.unwrap(), Enqueued::New(_)));
    worker.stop().await.unwrap();
    other.stop().await.unwrap();
    assert_eq!(first.invitations_sent(), 1);
}

#[tokio::test]
async fn unreachable_database_is_an_error() {
    for (address, wanted) in [
        ("postgres:///app?host=/nowhere&user=a", "No such file or directory"),
        ("postgres://a:hunter2@127.0.0.1:1/app", "refused"),
        ("postgres://a:hunter2@127.0.0.1:1/app?sslmode=require", "refused"),
    ] {
        let error = Database::new(address).unwrap().connect().await.unwrap_err().to_string();
        let start = "cannot connect to the database; check its address: ";
        assert!(error.starts_with(start) && error.contains(wanted), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn edited_row_is_held_until_a_decision() {
    let scene = Scene::set().await;
    let id = scene.enqueue(&scene.to_user("@bob:node.example")).await;
    let edit = "UPDATE sdn.invitation SET address = '@eve:node.example'";
    scene.client.batch_execute(edit).await.unwrap();
    let worker = Running::start(scene.worker());
    let entry = scene.ended(id, InviteStatus::NotSent).await;
    let problem = entry.problem.unwrap();
    assert!(problem.starts_with("another program has changed who is invited"), "{problem}");
    let nonsense = scene.client.batch_execute("UPDATE sdn.invitation SET state = 'sent'").await;
    assert!(nonsense.is_err());
    let repair = "UPDATE sdn.invitation SET address = '@bob:node.example'";
    scene.client.batch_execute(repair).await.unwrap();
    scene.outbox.decide(&scene.client, id, Decision::Retry).await.unwrap();
    scene.ended(id, InviteStatus::Invited).await;
    worker.stop().await.unwrap();
    assert_eq!(scene.invitations_sent(), 1);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn deleted_row_is_not_sent() {
    let scene = Scene::set().await;
    // The second attempt, because the first one fails.
    let tokens = scene.tokens.of_alice();
    scene.tokens.remove_alice();
    let id = scene.enqueue(&scene.to_user("@bob:node.example")).await;
    let worker = Running::start(scene.worker());
    scene.ended(id, InviteStatus::NotSent).await;
    scene.client.batch_execute("DELETE FROM sdn.invitation").await.unwrap();
    scene.tokens.add(scene::ALICE, &tokens.0, &tokens.1);
    let other = scene.enqueue(&scene.to_user("@dave:node.example")).await;
    scene.ended(other, InviteStatus::Invited).await;
    worker.stop().await.unwrap();
    assert_eq!(scene.invitations_sent(), 1);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn purge_keeps_the_duplicate_check() {
    let scene = Scene::set().await;
    let carol = scene.to_address("carol@example.com");
    let id = scene.enqueue(&carol).await;
    let waiting = scene.enqueue(&scene.to_user("@later:away.example")).await;
    let denied = scene.outbox.decide(&scene.client, waiting, Decision::Settle).await;
    assert_eq!(denied.unwrap(), State::Settled);
    let worker = Running::start(scene.worker());
    scene.ended(id, InviteStatus::Invited).await;
    worker.stop().await.unwrap();
    let purge = async |age| scene.outbox.purge(&scene.client, age).await.unwrap();
    assert_eq!(purge(Duration::from_secs(3600)).await, 0);
    assert_eq!(purge(Duration::ZERO).await, 2);
    assert_eq!(purge(Duration::ZERO).await, 0);
    assert_eq!(scene.entry(id).await.invitee, None);
    let dump = "SELECT i::text FROM sdn.invitation i";
    for row in scene.client.query(dump, &[]).await.unwrap() {
        let text: &str = row.get(0);
        assert!(!text.contains("carol") && !text.contains("later"), "{text}");
    }
    let again = scene.outbox.enqueue(&scene.client, &carol).await.unwrap();
    assert_eq!(again, Enqueued::Existing(id, State::Ended(InviteStatus::Invited)));
    let retried = scene.outbox.decide(&scene.client, waiting, Decision::Retry).await;
    assert!(matches!(retried, Err(Error::Purged)), "{retried:?}");
}

#[tokio::test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn tokens_are_not_in_the_database() {
    let scene = Scene::set().await;
    let id = scene.enqueue(&scene.to_address("carol@example.com")).await;
    let worker = Running::start(scene.worker());
    scene.ended(id, InviteStatus::Invited).await;
    worker.stop().await.unwrap();
    let (token, id_token) = scene.tokens.of_alice();
    for table in ["outbox", "sender", "invitation"] {
        let dump = format!("SELECT t::text FROM sdn.{table} t");
        for row in scene.client.query(&dump, &[]).await.unwrap() {
            let text: &str = row.get(0);
            assert!(!text.contains(&token) && !text.contains(&id_token), "{table}");
        }
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn full_disk_sends_nothing_and_loses_nothing() {
    let folder = format!("/tmp/sdn-pg-full-{}", std::process::id());
    let Some(_small) = SmallDisk::mount(Path::new(&folder)) else {
        println!("skipped: a small disk needs root and the right to mount");
        return;
    };
    let scene = Scene::set().await;
    scene
        .client
        .batch_execute(&format!("CREATE TABLESPACE small LOCATION '{folder}'"))
        .await
        .unwrap();
    scene.client.batch_execute("ALTER TABLE sdn.invitation SET TABLESPACE small").await.unwrap();
    let mut ids = Vec::new();
    // Until nothing more fits.
    let error = loop {
        let number = ids.len();
        let mut invitation = scene.to_user(&format!("@u{number}:node.example"));
        if number > 0 {
            invitation = invitation.with_reason("x".repeat(1000));
        }
        match scene.outbox.enqueue(&scene.client, &invitation).await {
            Ok(Enqueued::New(id)) => ids.push(id),
            other => break other.unwrap_err().to_string(),
        }
    };
    assert!(error.starts_with("the database failed: could not extend file"), "{error}");
    let worker = Running::start(scene.worker().in_flight(1).batch(1));
    let failed =
        async || worker.events.lock().unwrap().iter().find(|e| e.contains("53100")).cloned();
    scene::until("a full disk", failed).await;
    let recorded = scene.counts().await;
    assert!(scene.invitations_sent() as u64 <= recorded.invited + recorded.sending, "{recorded:?}");
    scene
        .client
        .batch_execute("ALTER TABLE sdn.invitation SET TABLESPACE pg_default")
        .await
        .unwrap();
    let all = async || (scene.counts().await.invited == ids.len() as u64).then_some(());
    scene::until("all invited", all).await;
    worker.stop().await.unwrap();
    assert_eq!(scene.invitations_sent(), ids.len());
    scene.client.batch_execute("DROP TABLESPACE small").await.unwrap();
}

/// A small disk, until it is dropped.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    fn mount(folder: &'a Path) -> Option<Self> {
        if !postgres::is_root() {
            return None;
        }
        std::fs::create_dir(folder).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=512k,uid=postgres,mode=0700", "small"]).arg(folder);
        let is_mounted = mount.status().is_ok_and(|status| status.success());
        if !is_mounted {
            std::fs::remove_dir(folder).unwrap();
        }
        is_mounted.then_some(Self(folder))
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0).status();
        let _ = std::fs::remove_dir(self.0);
    }
}
