//! A list that is killed repeatedly: nobody is invited twice, and nobody is forgotten.

mod common;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use common::{bare, run};
use sdn_testkit::World;

const ID_SERVER: &str = "id.example:8090";
const ALICE: &str = "@alice:node.example";
const ROWS: usize = 10_000;
const KILLS: usize = 10;
/// Fewer bytes than a row has in the journal, so that the kills leave a fifth of the list for the last run.
const ROW_BYTES: u64 = 130;

fn address(row: usize) -> String {
    format!("guest{row}@example.com")
}

/// Returns evenly spread numbers that look random, but are the same in each run.
fn random(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*seed ^ (*seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

struct Party {
    world: World,
    room: String,
    token: String,
    id_token: String,
    list: PathBuf,
    journal: PathBuf,
}

impl Party {
    fn new(name: &str) -> Self {
        let world = World::new();
        world.add_node("node.example");
        world.add_identity_server(ID_SERVER);
        let token = world.add_user(ALICE);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let mut rows = String::new();
        for row in 0..ROWS {
            writeln!(rows, "{},Guest {row}", address(row)).unwrap();
        }
        fs::write(folder.join("guests.csv"), rows).unwrap();
        Self {
            room: world.create_room(ALICE),
            id_token: world.register_identity(ID_SERVER, ALICE),
            token,
            world,
            list: folder.join("guests.csv"),
            journal: folder.join("guests.csv.journal"),
        }
    }

    fn command(&self, url: &str) -> Command {
        let mut command = bare();
        command.args(["invite", &self.room, "--node", url, "--id-server", ID_SERVER]).arg("--from");
        command.arg(&self.list);
        command.env("SDN_ACCESS_TOKEN", &self.token).env("SDN_ID_ACCESS_TOKEN", &self.id_token);
        command
    }

    fn journal_bytes(&self) -> u64 {
        fs::metadata(&self.journal).map_or(0, |metadata| metadata.len())
    }

    fn mails(&self, row: usize) -> usize {
        self.world.mailbox(ID_SERVER, &address(row)).len()
    }
}

#[test]
fn killed_list_invites_everybody_once() {
    let party = Party::new("killed");
    let server = party.world.serve().unwrap();
    let url = server.base_url();
    let mut seed = 20;
    let mut goals = [0; KILLS].map(|_| random(&mut seed) % (ROWS as u64 * ROW_BYTES));
    goals.sort_unstable();
    for (kill, goal) in goals.into_iter().enumerate() {
        let mut command = party.command(&url);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let goal = goal.max(party.journal_bytes());
        let deadline = Instant::now() + Duration::from_secs(60);
        while party.journal_bytes() <= goal {
            assert!(child.try_wait().unwrap().is_none(), "run {kill} has ended by itself");
            assert!(Instant::now() < deadline, "run {kill} does not get on");
            thread::sleep(Duration::from_micros(random(&mut seed) % 3000));
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }

    let ran = run(&mut party.command(&url));
    let marked = "unknown whether these were invited:\n";
    let unknown = ran.stderr.split_once(marked).map_or("", |(_, rest)| rest);
    let unknown: Vec<_> =
        unknown.lines().map_while(|line| line.strip_prefix("  ")).map(str::to_owned).collect();
    println!("{} unknown after {KILLS} kills; {}", unknown.len(), ran.stderr);
    assert!(unknown.len() <= KILLS, "{unknown:?}");
    assert_eq!(ran.status, if unknown.is_empty() { 0 } else { 3 }, "{}", ran.stderr);

    // The decision: invitees without a mail are invited again.
    let mut command = bare();
    command.arg("journal").arg(&party.journal);
    for address in &unknown {
        let is_there = !party.world.mailbox(ID_SERVER, address).is_empty();
        command.args([if is_there { "--settle" } else { "--retry" }, address]);
    }
    assert_eq!(run(&mut command).status, 0);
    let ran = run(&mut party.command(&url));
    assert_eq!((ran.status, ran.stderr.contains("unknown")), (0, false), "{}", ran.stderr);

    for row in 0..ROWS {
        assert_eq!(party.mails(row), 1, "{}", address(row));
    }
    let invited = party.world.events(&party.room);
    let invited = invited.iter().filter(|event| event.kind == "m.room.third_party_invite").count();
    assert_eq!(invited, ROWS);
}
