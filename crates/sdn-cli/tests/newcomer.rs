//! The README's way from a login to an accepted invitation, at nodes of both families.
//!
//! Each step is a command and its output. Only the credentials file may contain a secret.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::logins::{read, state, with};
#[cfg(unix)]
use common::terminal::{answered, is_there_no_script};
use common::{Ran, run};
use sdn_testkit::{Server, Wallet, World};

const ID_SERVER: &str = "id.example:8090";
const MAIL: &str = "dave@example.com";

/// A newcomer, and all output so far.
struct Newcomer {
    world: World,
    server: Server,
    state: PathBuf,
    transcript: Vec<Ran>,
}

impl Newcomer {
    fn arrive(name: &str, world: World) -> Self {
        world.add_identity_server(ID_SERVER);
        let server = world.serve().unwrap();
        Self { world, server, state: state(name), transcript: Vec::new() }
    }

    /// Returns a command with an empty environment.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = with(&self.state, arguments);
        if matches!(arguments[0], "invite" | "create") {
            command.args(["--id-server", ID_SERVER, "--id-server-url", &self.server.base_url()]);
        }
        command
    }

    /// Runs a command that must succeed, and returns its output.
    fn says(&mut self, arguments: &[&str]) -> String {
        let ran = run(&mut self.command(arguments));
        assert_eq!(ran.status, 0, "{arguments:?}: {ran:?}");
        let stdout = ran.stdout.clone();
        self.transcript.push(ran);
        stdout
    }

    /// Creates a room, and invites people to it. Returns the room's ID.
    fn invite(&mut self, user: &str, friend: &str) -> String {
        let created = self.says(&["create", "Reading group", friend]);
        let room = created.lines().next().unwrap().strip_prefix("created   ").unwrap().to_owned();
        assert_eq!(created, format!("created   {room}\ninvited   {friend}\n"));
        assert_eq!(self.says(&["rooms"]), format!("{room}\n"));
        assert_eq!(self.says(&["whoami"]), format!("{user}\n"));

        self.world.add_alias(&room, "#lobby:node.example");
        let link = "https://matrix.to/#/%23lobby:node.example";
        assert_eq!(self.says(&["invite", link, MAIL]), format!("invited   {MAIL}\n"));
        let pending = self.says(&["pending", "#lobby:node.example"]);
        assert!(pending.contains(&format!("invited by {user}")), "{pending}");
        room
    }

    /// Invites a list in the folder of the login.
    fn invite_list(&mut self, room: &str, rows: &str) -> String {
        let list = self.state.join("people.csv");
        fs::write(&list, rows).unwrap();
        self.says(&["invite", room, "--from", list.to_str().unwrap()])
    }

    /// Returns whether a user is invited, according to the room.
    fn is_invited(&self, room: &str, user: &str) -> bool {
        let events = self.world.events(room);
        let of_user = |event: &&sdn_testkit::Event| event.state_key.as_deref() == Some(user);
        events.iter().rfind(of_user).is_some_and(|event| event.content["membership"] == "invite")
    }

    /// Logs out, and checks that no secret was ever printed.
    fn leave(mut self, secrets: &[&str]) {
        let entries = read(&self.state);
        let token = entries[0]["access_token"].as_str().unwrap();
        for (path, text) in files(&self.state) {
            let is_kept = path.ends_with("credentials.json");
            assert_eq!(text.contains(token), is_kept, "{path:?}");
            assert!(secrets.iter().all(|secret| !text.contains(secret)), "{path:?}");
        }
        let ended = self.says(&["logout"]);
        assert_eq!(ended, format!("logged out  {}/\n", self.server.base_url()));
        assert!(read(&self.state).is_empty());
        let ran = run(&mut self.command(&["rooms"]));
        assert!(ran.status == 2 && ran.stderr.contains("sdn help tokens"), "{ran:?}");
        for secret in secrets.iter().copied().chain([token]) {
            for ran in &self.transcript {
                assert!(!ran.all().contains(secret), "{secret}: {ran:?}");
            }
        }
    }
}

/// Returns every file in a folder and its subfolders.
fn files(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files.extend(self::files(&path)),
            false => files.push((path.clone(), fs::read_to_string(&path).unwrap())),
        }
    }
    files
}

#[test]
fn wallet_login_to_accepted_invitation() {
    let (wallet, friend) = (Wallet::new(0xa11ce), Wallet::new(0xb0b));
    let world = World::new();
    world.add_sdn_node("node.example");
    world.trust_identity_server("node.example", ID_SERVER);
    let mut newcomer = Newcomer::arrive("sdn", world);
    let url = newcomer.server.base_url();

    // Nobody has logged in with the friend's wallet yet.
    let mut login = newcomer.command(&["login", "--node", &url]);
    let ran = run(login.env("SDN_WALLET_KEY", wallet.private_key()));
    assert_eq!((ran.status, &*ran.stdout), (0, &*format!("logged in  {}\n", wallet.user_id())));
    newcomer.transcript.push(ran);
    let ran = run(&mut newcomer.command(&["create", "Too early", &friend.address()]));
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stdout.contains("nobody has logged in with this wallet"), "{ran:?}");
    let early = ran.stdout.lines().next().unwrap().strip_prefix("created   ").unwrap().to_owned();
    assert!(newcomer.says(&["rooms"]).contains(&early));
    newcomer.transcript.push(ran);

    let friends_state = state("sdn-friend");
    let mut login = with(&friends_state, &["login", "--node", &url]);
    assert_eq!(run(login.env("SDN_WALLET_KEY", friend.private_key())).status, 0);
    let did = friend.address().replace("0x", "did:sdn:");
    assert_eq!(newcomer.says(&["invite", &early, &did]), format!("invited   {did}\n"));
    assert!(newcomer.is_invited(&early, &friend.user_id()));

    // Withdraw the invitation, and invite again by a link.
    let revoked = newcomer.says(&["revoke", &early, &friend.address()]);
    assert_eq!(revoked, format!("revoked  {}\n", friend.user_id()));
    assert!(!newcomer.is_invited(&early, &friend.user_id()));
    let link = format!("https://matrix.to/#/{}", friend.user_id());
    assert_eq!(newcomer.says(&["invite", &early, &link]), format!("invited   {link}\n"));
    newcomer.world.join(&early, &friend.user_id());
    let ran = run(&mut with(&friends_state, &["rooms"]));
    assert_eq!((ran.status, ran.stdout), (0, format!("{early}\n")));
    // A user who has joined is not removed.
    let ran = run(&mut newcomer.command(&["revoke", &early, &friend.address()]));
    assert!(ran.status == 1 && ran.stdout.starts_with("not found"), "{ran:?}");

    // Invite an address: the node trusts the identity server.
    newcomer.world.add_alias(&early, "#lobby:node.example");
    assert_eq!(
        newcomer.says(&["invite", "#lobby:node.example", MAIL]),
        format!("invited   {MAIL}\n")
    );
    assert_eq!(newcomer.world.mailbox(ID_SERVER, MAIL).len(), 1);

    // Invite a list, with a journal.
    let third = Wallet::new(0xca401).user_id();
    let link = format!("matrix:u/{}", third.trim_start_matches('@'));
    let invited =
        newcomer.invite_list("#lobby:node.example", &format!("bob@example.com\n{link}\n"));
    assert_eq!(invited, format!("invited   bob@example.com\ninvited   {link}\n"));
    assert!(newcomer.is_invited(&early, &third));
    newcomer.leave(&[&wallet.private_key(), &friend.private_key()]);
}

#[cfg(unix)]
#[test]
fn password_login_to_accepted_invitation() {
    if is_there_no_script() {
        return;
    }
    let (alice, bob, dave) = ("@alice:node.example", "@bob:node.example", "@dave:node.example");
    let password = "correct horse";
    let world = World::new();
    world.set_password(alice, password);
    world.set_password(dave, password);
    world.add_user(bob);
    let mut newcomer = Newcomer::arrive("synapse", world);
    let url = newcomer.server.base_url();
    let arguments = ["login", "--matrix", "--node", &url, "--user"];
    let login = newcomer.command(&[&arguments[..], &["alice"]].concat());
    let ran = answered(&login, "Password: ", &format!("{password}\n"));
    assert!(ran.status == 0 && ran.stdout.contains("logged in  @alice:node.example"), "{ran:?}");
    newcomer.transcript.push(ran);

    let room = newcomer.invite(alice, bob);
    assert!(newcomer.is_invited(&room, bob));
    assert_eq!(newcomer.says(&["revoke", "#lobby:node.example", bob]), format!("revoked  {bob}\n"));
    assert!(!newcomer.is_invited(&room, bob));

    // Dave accepts with the values from his mail.
    let mail = &newcomer.world.mailbox(ID_SERVER, MAIL)[0];
    let daves_state = state("synapse-dave");
    let login = with(&daves_state, &[&arguments[..], &["dave"]].concat());
    assert_eq!(answered(&login, "Password: ", &format!("{password}\n")).status, 0);
    let accept = ["accept", "#lobby:node.example", &mail.token, "--sender", alice];
    let mut accept = with(&daves_state, &accept);
    let ran = run(accept.args(["--id-server", ID_SERVER]).env("SDN_INVITE_KEY", &mail.private_key));
    assert_eq!((ran.status, ran.stdout), (0, format!("joined    {room}\n")));
    let rooms = run(&mut with(&daves_state, &["rooms"]));
    assert_eq!(rooms.stdout, format!("{room}\n"));
    let key = mail.private_key.clone();
    newcomer.leave(&[password, &key]);
}
