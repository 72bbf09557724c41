//! Thousands of invitations, while workers and the database are killed, and the node limits the
//! rate and breaks exchanges.
//!
//! `SDN_OUTBOX_INVITATIONS=20000` for the full size.

mod postgres;
mod scene;

use std::collections::HashMap;
use std::env;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use sdn_hyper::Client as HttpClient;
use sdn_outbox::{Counts, Database, Invitation, Listed, Outbox, State, Worker};
use sdn_proto::flow::IdentityServerAt;
use sdn_proto::{IdentityServer, InviteStatus, Node, RoomId, ServerName, ThirdPartyId, UserId};
use sdn_testkit::{Server, World};
use tokio::runtime::Runtime;

use postgres::Postgres;
use scene::{ID_SERVER, Tokens};

const USERS: [&str; 3] = ["@ann:node.example", "@ben:node.example", "@cy:node.example"];
const ROOMS: usize = 5;
const WORKERS: usize = 4;
const KILLS: usize = 20;
const RESTARTS: usize = 5;
/// The share of exchanges that the node breaks.
const BROKEN: f64 = 0.01;
/// The number of invitations that the node accepts in each second.
const RATE: usize = 100;
const ADDRESS: &str = "SDN_TEST_ADDRESS";
const TOKENS: &str = "SDN_TEST_TOKENS";

/// One worker process, which the test below starts and kills.
#[test]
#[ignore = "only for the test below: .ci/run outbox"]
fn worker_process() {
    let Ok(address) = env::var(ADDRESS) else { return };
    let tokens = Tokens::default();
    for line in env::var(TOKENS).unwrap().lines() {
        let [user, token, id_token] = line.split(' ').collect::<Vec<_>>()[..] else { panic!() };
        tokens.add(user, token, id_token);
    }
    // Some faults never end by themselves.
    let client = HttpClient::builder().total_timeout(Duration::from_secs(1)).build();
    let worker = Worker::new(Database::new(&address).unwrap(), tokens)
        .client(client)
        .in_flight(1)
        .batch(20)
        .send_timeout(Duration::from_secs(2))
        .claim_timeout(Duration::from_secs(6));
    // It stops when the test closes its standard input.
    let closed = || std::io::stdin().read_to_end(&mut Vec::new());
    let stop = async move {
        let _ = tokio::task::spawn_blocking(closed).await;
    };
    Runtime::new().unwrap().block_on(worker.run(stop)).unwrap();
}

struct Crashes {
    world: World,
    server: Server,
    rooms: Vec<String>,
    tokens: String,
    postgres: Postgres,
    size: usize,
    runtime: Runtime,
    random: u64,
}

#[test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
fn crashes_lose_nothing_and_repeat_nothing() {
    let size = env::var("SDN_OUTBOX_INVITATIONS").map_or(2000, |size| size.parse().unwrap());
    let mut test = Crashes::set(size);
    let begun = Instant::now();
    test.enqueue();
    println!("{size} invitations enqueued in {:?}", begun.elapsed());
    let limiting = test.limit_rate();
    test.server.fault_at_random(7, BROKEN);
    let begun = Instant::now();
    let mut workers: Vec<_> = (0..WORKERS).map(|_| test.start_worker()).collect();
    test.crash(&mut workers);
    let counts = test.wait(|counts| counts.waiting == 0 && counts.sending == 0);
    let took = begun.elapsed();
    for mut worker in workers {
        drop(worker.stdin.take());
        assert!(worker.wait().unwrap().success());
    }
    limiting.store(false, Ordering::Relaxed);
    let refusals = test.check();
    let faults = test.server.faults();
    println!(
        "{size} invitations in {took:?}: {} invited, {} unknown, {} refused; {faults} exchanges \
         broken, {KILLS} workers killed, {RESTARTS} restarts of PostgreSQL, {refusals} requests \
         led to no invitation",
        counts.invited, counts.unknown, counts.refused
    );
    assert_eq!(counts.refused, 0);
    assert_eq!(counts.invited + counts.unknown, size as u64);
    let in_flight = KILLS + RESTARTS * WORKERS;
    assert!(counts.unknown <= (in_flight + faults) as u64, "{counts:?}");
}

impl Crashes {
    fn set(size: usize) -> Self {
        let world = World::new();
        let mut tokens = String::new();
        for user in USERS {
            let token = world.add_user(user);
            let id_token = world.register_identity(ID_SERVER, user);
            tokens += &format!("{user} {token} {id_token}\n");
        }
        let rooms: Vec<_> = (0..ROOMS).map(|_| world.create_room(USERS[0])).collect();
        for room in &rooms {
            USERS.iter().for_each(|user| world.join(room, user));
        }
        let server = world.serve().unwrap();
        let (postgres, runtime) = (Postgres::start(), Runtime::new().unwrap());
        Self { world, server, rooms, tokens, postgres, size, runtime, random: 1 }
    }

    fn address(&self) -> String {
        self.postgres.address("postgres")
    }

    fn random(&mut self, end: usize) -> usize {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.random >> 33) as usize % end
    }

    fn invitation(&self, number: usize) -> Invitation {
        let node = Node::new(self.server.base_url()).unwrap();
        let sender = UserId::new(USERS[number % USERS.len()]).unwrap();
        let room = RoomId::new(&self.rooms[number % ROOMS]).unwrap();
        if number % 2 == 0 {
            let id = ThirdPartyId::email(format!("u{number}@example.com")).unwrap();
            let name = ServerName::new(ID_SERVER).unwrap();
            let base = IdentityServer::new(self.server.base_url()).unwrap();
            let at = IdentityServerAt::Server { name, base };
            Invitation::of_third_party(node, sender, room, id, at)
        } else {
            let user = UserId::new(format!("@u{number}:node.example")).unwrap();
            Invitation::of_user(node, sender, room, user)
        }
    }

    fn enqueue(&self) {
        let outbox = Outbox::new();
        self.runtime.block_on(async {
            let mut client = postgres::connect(&self.address()).await;
            outbox.migrate(&mut client).await.unwrap();
            for chunk in (0..self.size).collect::<Vec<_>>().chunks(500) {
                let transaction = client.transaction().await.unwrap();
                for &number in chunk {
                    outbox.enqueue(&transaction, &self.invitation(number)).await.unwrap();
                }
                transaction.commit().await.unwrap();
            }
        });
    }

    /// Accepts this many in each second, until the value is false.
    fn limit_rate(&self) -> Arc<AtomicBool> {
        let is_on = Arc::new(AtomicBool::new(true));
        let (world, limiting) = (self.world.clone(), Arc::clone(&is_on));
        thread::spawn(move || {
            while limiting.load(Ordering::Relaxed) {
                world.limit_invitations(RATE, Duration::from_secs(1));
                thread::sleep(Duration::from_secs(1));
            }
        });
        is_on
    }

    fn start_worker(&self) -> Child {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", "worker_process", "--ignored", "--nocapture"]);
        command.env(ADDRESS, self.address()).env(TOKENS, &self.tokens);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap()
    }

    /// Kills workers and the database while the list is sent.
    fn crash(&mut self, workers: &mut [Child]) {
        let all = KILLS + RESTARTS;
        for crash in 1..=all {
            let at = (self.size * crash / (all + 2)) as u64;
            self.wait(|counts| counts.invited >= at);
            if crash % (all / RESTARTS) == 0 {
                self.postgres.stop_hard();
                self.postgres.start_again();
            } else {
                let victim = self.random(WORKERS);
                // SIGKILL.
                workers[victim].kill().unwrap();
                workers[victim].wait().unwrap();
                workers[victim] = self.start_worker();
            }
        }
    }

    /// Waits until the counts are like this.
    fn wait(&self, is_enough: impl Fn(&Counts) -> bool) -> Counts {
        let begun = Instant::now();
        self.runtime.block_on(async {
            let client = postgres::connect(&self.address()).await;
            loop {
                Outbox::new().list(&client, Listed::ToDecide, i64::MAX - 1, 1).await.unwrap();
                let counts = Outbox::new().counts(&client).await.unwrap();
                if is_enough(&counts) {
                    return counts;
                }
                assert!(begun.elapsed() < Duration::from_secs(600), "{counts:?}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        })
    }

    /// Compares the table with the world, row by row. Returns how many requests led to no
    /// invitation.
    fn check(&self) -> usize {
        let mut invited: HashMap<String, (String, usize)> = HashMap::new();
        let mails = self.world.mails(ID_SERVER);
        let by_token: HashMap<_, _> = mails.iter().map(|mail| (&*mail.token, &*mail.to)).collect();
        assert_eq!(by_token.len(), mails.len());
        for room in &self.rooms {
            for event in self.world.events(room) {
                let Some(key) = event.state_key.as_deref() else { continue };
                let invitee = match &*event.kind {
                    "m.room.third_party_invite" => by_token[key],
                    "m.room.member" if event.content["membership"] == "invite" => key,
                    _ => continue,
                };
                let known = invited.entry(invitee.to_owned()).or_insert((room.clone(), 0));
                assert_eq!(known.0, *room);
                known.1 += 1;
            }
        }
        let twice: Vec<_> = invited.iter().filter(|(_, (_, times))| *times > 1).collect();
        assert!(twice.is_empty(), "{twice:?}");
        let total = invited.len();
        let entries = self.runtime.block_on(async {
            let client = postgres::connect(&self.address()).await;
            Outbox::new().list(&client, Listed::All, 0, u32::MAX >> 1).await.unwrap()
        });
        assert_eq!(entries.len(), self.size);
        for entry in entries {
            let found = invited.remove(entry.invitee.as_deref().unwrap());
            match entry.state {
                State::Ended(InviteStatus::Invited) => {
                    assert_eq!(found.map(|(room, _)| room), Some(entry.room_id));
                }
                State::Ended(InviteStatus::Unknown) => {}
                _ => panic!("{entry:?}"),
            }
        }
        assert!(invited.is_empty(), "{invited:?}");
        let requests = self.world.requests();
        requests.iter().filter(|request| request.path.ends_with("/invite")).count() - total
    }
}
