//! The page "In a service": its program runs as described, on two machines.
#![cfg(unix)]

mod postgres;
mod scene;

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};

use sdn_hyper::Client as HttpClient;
use sdn_outbox::{Database, Decision, Enqueued, Outbox, State, Verdict, Worker};
use sdn_proto::InviteStatus;
use sdn_testkit::Fault;

use scene::{ALICE, ID_SERVER, Running, Scene};

const PAGE: &str = include_str!("../docs/in_a_service.md");
const PROGRAM: &str = include_str!("../examples/service.rs");

#[test]
fn page_shows_the_program() {
    let blocks: Vec<_> = PAGE.split("```rust,ignore\n").skip(1).collect();
    assert_eq!(blocks.len(), 5);
    for block in blocks {
        let code = block.split("```").next().unwrap();
        assert!(PROGRAM.contains(code), "not in the program:\n{code}");
    }
}

/// The program on one machine.
struct Machine {
    process: Child,
    lines: BufReader<ChildStdout>,
    address: String,
}

impl Machine {
    fn start(scene: &Scene) -> Self {
        let test = env::current_exe().unwrap();
        let program = test.ancestors().nth(2).unwrap().join("examples/service");
        let mut command = Command::new(program);
        command
            .env("DATABASE_URL", &scene.address)
            .env("SDN_NODE", scene.server.base_url())
            .env("SDN_USER", ALICE)
            .env("SDN_ROOM", &scene.room)
            .env("SDN_ID_SERVER", ID_SERVER)
            .env("SDN_ID_SERVER_URL", scene.server.base_url())
            .env("SDN_ACCESS_TOKEN", scene.tokens.of_alice().0)
            .env("LISTEN", "127.0.0.1:0");
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap());
        let mut machine = Self { process, lines, address: String::new() };
        let line = machine.line();
        machine.address = line.strip_prefix("listening on ").unwrap().to_owned();
        machine
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Posts a guest. Returns the response's status and its text.
    fn invite(&self, guest: &str) -> (String, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = guest.len();
        write!(
            stream,
            "POST /guests HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{guest}"
        )
        .unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().to_owned(), body.trim_end().to_owned())
    }

    /// Stops it as a deployment does. Returns what it printed last.
    fn stop(mut self) -> String {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let mut rest = String::new();
        self.lines.read_to_string(&mut rest).unwrap();
        assert!(self.process.wait().unwrap().success());
        rest
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn program_runs_on_two_machines() {
    let scene = Scene::set().await;
    let (first, second) = (Machine::start(&scene), Machine::start(&scene));
    assert_eq!(first.invite("carol@example.com"), ("202".into(), "1 waiting".into()));
    scene.ended(1, InviteStatus::Invited).await;
    assert_eq!(second.invite("Carol@example.com"), ("200".into(), "1 invited".into()));
    assert_eq!(second.invite("carol").0, "400");

    // A deployment in the middle of an invitation.
    scene.server.fault_next(Fault::AnswerLate(std::time::Duration::from_secs(1)));
    let (status, text) = first.invite("dave@example.com");
    assert_eq!(status, "202");
    let dave: i64 = text.split(' ').next().unwrap().parse().unwrap();
    let sending = async || (scene.state(dave).await != State::New).then_some(());
    scene::until("sending", sending).await;
    let (first, second) = (first.stop(), second.stop());
    assert!(first.ends_with("stopped\n") && second.ends_with("stopped\n"), "{first}{second}");
    assert_eq!(scene.state(dave).await, State::Ended(InviteStatus::Invited));

    // After a restart, a machine fails. Its first invitation registers with the identity server.
    let failing = Machine::start(&scene);
    let id = |text: String| text.split(' ').next().unwrap().parse().unwrap();
    scene.ended(id(failing.invite("frank@example.com").1), InviteStatus::Invited).await;
    scene.server.fault_next(Fault::CloseAfterRequest { handled: true });
    let erin = id(failing.invite("erin@example.com").1);
    scene.ended(erin, InviteStatus::Unknown).await;
    drop(failing);
    scene.outbox.look(&scene.client, &HttpClient::new(), &scene.tokens).await.unwrap();
    assert_eq!(scene.entry(erin).await.in_room, Some(Verdict::InTheRoom));
    let settled = scene.outbox.decide(&scene.client, erin, Decision::Settle).await.unwrap();
    assert_eq!(settled, State::Settled);
    let guests = scene.client.query_one("SELECT count(*) FROM guest", &[]).await.unwrap();
    assert_eq!(guests.get::<_, i64>(0), 4);
    assert_eq!(scene.world.mails(ID_SERVER).len(), 4, "a mail each");
}

#[tokio::test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn granted_rights_are_enough() {
    let scene = Scene::set().await;
    let rights: Vec<_> = PAGE.split('`').filter(|code| code.starts_with("GRANT ")).collect();
    assert_eq!(rights.len(), 2);
    scene.client.batch_execute("CREATE ROLE inviter LOGIN").await.unwrap();
    for right in rights {
        scene.client.batch_execute(&format!("{right} TO inviter")).await.unwrap();
    }
    let address = scene.address.replace("user=postgres", "user=inviter");
    let client = postgres::connect(&address).await;
    let carol = scene.to_address("carol@example.com");
    let enqueued = scene.outbox.enqueue(&client, &carol).await.unwrap();
    let Enqueued::New(id) = enqueued else { panic!("{enqueued:?}") };
    let worker = Worker::new(Database::new(&address).unwrap(), scene.tokens.clone());
    let worker = Running::start(worker);
    scene.ended(id, InviteStatus::Invited).await;
    worker.stop().await.unwrap();
    scene.outbox.look(&client, &HttpClient::new(), &scene.tokens).await.unwrap();
    assert_eq!(scene.outbox.purge(&client, std::time::Duration::ZERO).await.unwrap(), 1);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn other_schema_is_another_outbox() {
    let mut scene = Scene::set().await;
    let bob = scene.to_user("@bob:node.example");
    scene.enqueue(&bob).await;
    scene.outbox = Outbox::in_schema("team_1").unwrap();
    scene.outbox.migrate(&mut scene.client).await.unwrap();
    let id = scene.enqueue(&bob).await;
    let worker = Running::start(scene.worker());
    scene.ended(id, InviteStatus::Invited).await;
    worker.stop().await.unwrap();
    assert_eq!(scene.counts().await.invited, 1);
    let counts = Outbox::new().counts(&scene.client).await.unwrap();
    assert_eq!((counts.invited, counts.waiting), (0, 1));
}
