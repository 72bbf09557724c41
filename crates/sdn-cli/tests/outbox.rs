//! Lists that are put into an outbox, workers that send them, and decisions.
#![cfg(all(feature = "outbox", unix))]

mod common;
#[path = "../../sdn-outbox/tests/postgres/mod.rs"]
mod postgres;

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::{fs, mem};

use common::logins::{login, state, with, write};
use common::{Ran, run, unreachable_url};
use postgres::Postgres;
use sdn_testkit::{Fault, Server, World};
use serde_json::Value;

const ALICE: &str = "@alice:node.example";

struct Scene {
    world: World,
    server: Server,
    room: String,
    state: PathBuf,
    address: String,
}

impl Scene {
    fn set(name: &str) -> Self {
        let world = World::new();
        let token = world.add_user(ALICE);
        let room = world.create_room(ALICE);
        world.add_identity_server("id.example");
        let server = world.serve().unwrap();
        let state = state(name);
        write(&state, &[login(&format!("{}/", server.base_url()), ALICE, &token)]);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let address = runtime.block_on(Postgres::shared().create());
        Self { world, server, room, state, address }
    }

    /// The command with the login and the outbox.
    fn sdn(&self, args: &[&str]) -> Command {
        let mut command = with(&self.state, args);
        command.env("SDN_OUTBOX", &self.address);
        command
    }

    fn invite(&self, args: &[&str]) -> Ran {
        let url = self.server.base_url();
        let mut command = self.sdn(&["invite", &self.room]);
        command.args(["--id-server", "id.example", "--id-server-url", &url]).args(args);
        run(&mut command)
    }

    fn journal(&self, args: &[&str]) -> Ran {
        run(self.sdn(&["journal", "--outbox"]).args(args))
    }
}

/// `sdn work`, until it is stopped or dropped.
struct Work {
    process: Child,
    lines: BufReader<std::process::ChildStdout>,
}

impl Work {
    fn start(scene: &Scene, args: &[&str]) -> Self {
        let mut command = scene.sdn(&["work"]);
        command.args(args).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap());
        Self { process, lines }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Stops it as a service manager does.
    fn stop(mut self) -> Ran {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let waiting = Command::new("true").stdin(Stdio::null()).spawn().unwrap();
        mem::replace(&mut self.process, waiting).wait_with_output().unwrap().into()
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
fn list_is_put_in_and_sent() {
    let scene = Scene::set("outbox-list");
    let list = scene.state.join("people.csv");
    fs::write(&list, "carol@example.com\n@bob:node.example\nCarol@Example.com\n").unwrap();
    let list = list.to_str().unwrap();
    let ran = scene.invite(&["--from", list, "--outbox"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(
        ran.stdout,
        "waiting   id:1  carol@example.com\nwaiting   id:2  @bob:node.example\n"
    );
    assert!(ran.stderr.contains("sdn: 2 of 2 put into the outbox\n"), "{ran:?}");
    assert!(!fs::exists(format!("{list}.journal")).unwrap());
    let ran = scene.journal(&[]);
    assert!(ran.stderr.starts_with("sdn: outbox: 2 waiting\n"), "{ran:?}");

    let mut work = Work::start(&scene, &["--in-flight", "1"]);
    let room = &scene.room;
    assert_eq!(work.line(), format!("invited   id:1  carol@example.com  {room}"));
    assert_eq!(work.line(), format!("invited   id:2  @bob:node.example  {room}"));
    let ran = work.stop();
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.stderr.contains("sdn: finishing the invitations"), "{ran:?}");
    assert_eq!(scene.world.mails("id.example").len(), 1);

    let ran = scene.invite(&["@bob:node.example", "@dave:node.example", "--outbox", "--json"]);
    let lines: Vec<Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["outcome"], &lines[0]["id"]), (&"invited".into(), &2.into()));
    assert_eq!(lines[1]["outcome"], "waiting");
    assert!(ran.stderr.contains("1 of 2 put into the outbox, 1 there already"), "{ran:?}");
}

#[test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
fn journal_shows_and_decides() {
    let scene = Scene::set("outbox-journal");
    scene.server.fault_next(Fault::CloseAfterRequest { handled: true });
    scene.world.ban(&scene.room, "@mallory:node.example");
    let ran = scene.invite(&["@bob:node.example", "@mallory:node.example", "--outbox"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stderr.contains("sdn: nothing was put into the outbox: "), "{ran:?}");
    let ran = scene.invite(&["@bob:node.example", "@mallory:node.example", "--outbox"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    scene.server.fault_next(Fault::CloseAfterRequest { handled: true });
    let mut work = Work::start(&scene, &["--in-flight", "1", "--json"]);
    let outcomes: Vec<Value> =
        (0..2).map(|_| serde_json::from_str(&work.line()).unwrap()).collect();
    assert_eq!(outcomes[0]["outcome"], "unknown");
    assert_eq!(outcomes[1]["outcome"], "refused");
    work.stop();

    let ran = scene.journal(&["--outbox-schema", "other"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stderr.contains("has no outbox; check --outbox-schema"), "{ran:?}");
    let ran = scene.journal(&[]);
    assert_eq!(ran.status, 3, "{ran:?}");
    assert!(ran.stdout.contains("@bob:node.example") && ran.stdout.contains("  403  "), "{ran:?}");
    let ran = scene.journal(&["--look", "--json"]);
    let lines: Vec<Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["room"], &lines[1]["room"]), (&"in_the_room".into(), &"not_seen".into()));
    assert_eq!(lines[0]["sender"], ALICE);
    let ran = scene.journal(&["--settle", "@bob:node.example"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    let id = format!("id:{}", lines[1]["id"]);
    let ran = scene.journal(&["--retry", &id]);
    assert_eq!(
        (ran.status, ran.stderr.lines().next().unwrap()),
        (0, "sdn: outbox: 1 waiting, 1 settled")
    );
    let ran = scene.journal(&["--settle", "@erin:node.example"]);
    assert_eq!(ran.status, 2, "{ran:?}");
    let ran = scene.journal(&["--settle", "id:x", "--retry", "nonsense"]);
    assert_eq!((ran.status, ran.stderr.lines().count()), (2, 3), "{ran:?}");
}

#[test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
fn missing_login_is_named() {
    let scene = Scene::set("outbox-login");
    scene.invite(&["@bob:node.example", "--outbox"]);
    write(&scene.state, &[]);
    let mut work = Work::start(&scene, &[]);
    let url = scene.server.base_url();
    let problem = format!("there is no login of {ALICE} at {url}/; run sdn login --node {url}/");
    assert!(work.line().ends_with(&problem));
    work.stop();
    let ran = scene.journal(&[]);
    assert!(ran.stdout.contains(&problem), "{ran:?}");
    assert_eq!(ran.status, 0, "nothing is to be decided");
}

#[test]
fn bad_outbox_is_reported_without_its_password() {
    let state = state("outbox-bad");
    write(&state, &[login("http://127.0.0.1:1/", ALICE, "token")]);
    for (args, wanted) in [
        (&["work", "--outbox", "postgres://a:hunter2@db.example/app"][..], "contains a password"),
        (&["work", "--outbox", "hunter2"], "the address of the database is not valid"),
        (&["work"], "SDN_OUTBOX: not set"),
        (
            &["work", "--outbox", "postgres://a@127.0.0.1/b", "--in-flight", "0"],
            "--in-flight: must be",
        ),
        (
            &["journal", "--outbox", "postgres://a@127.0.0.1/b", "--outbox-schema", "A"],
            "--outbox-schema",
        ),
        (
            &["invite", "!a:b", "@c:d", "--outbox", "postgres://a@127.0.0.1/b", "--journal", "x"],
            "--journal: has no effect",
        ),
    ] {
        let ran = run(&mut with(&state, args));
        assert_eq!(ran.status, 2, "{args:?}: {ran:?}");
        assert!(ran.stderr.contains(wanted), "{args:?}: {ran:?}");
        assert!(!ran.all().contains("hunter2"), "{ran:?}");
    }
    let port = unreachable_url().replace("http://127.0.0.1:", "");
    let address = format!("postgres://a:hunter2@127.0.0.1:{port}/b");
    let ran = run(with(&state, &["work"]).env("SDN_OUTBOX", &address));
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stderr.starts_with("sdn: outbox: cannot connect to the database"), "{ran:?}");
    assert!(!ran.all().contains("hunter2"), "{ran:?}");
}
