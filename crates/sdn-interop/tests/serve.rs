//! The node of the example `serve`: a newcomer can paste its output into a shell, up to the join.
#![cfg(unix)]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::{env, fs};

use sdn_testkit::Wallet;

/// `sdn_testkit`'s example, until it is dropped.
struct Served {
    process: Child,
    stdout: BufReader<ChildStdout>,
}

impl Served {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new(folder.join("examples/serve"));
        let mut process = command.args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(process.stdout.take().unwrap());
        Self { process, stdout }
    }

    /// Returns its output, up to a line that begins with a text.
    fn read_to(&mut self, start: &str) -> String {
        let mut text = String::new();
        loop {
            let begun = text.len();
            assert_ne!(self.stdout.read_line(&mut text).unwrap(), 0, "no {start:?} in {text}");
            if text[begun..].starts_with(start) {
                return text;
            }
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The users of a served node.
struct Users {
    alice: String,
    bob: String,
    dave: String,
}

#[test]
#[ignore = "needs sdn and the example to be built: .ci/run demo"]
fn sdn_node_leads_to_join() {
    let [alice, bob, dave] = [1, 2, 3].map(Wallet::new);
    let users = Users { alice: alice.user_id(), bob: bob.user_id(), dave: dave.user_id() };
    let printed = invite_and_join(&[], &users);
    let wallet = format!(
        "Alice's wallet is {}. Its private key is no secret:\n{}\n",
        alice.address(),
        alice.private_key()
    );
    assert!(printed.starts_with(&wallet), "{printed}");
}

#[test]
#[ignore = "needs sdn and the example to be built: .ci/run demo"]
fn synapse_node_leads_to_join() {
    let [alice, bob, dave] = ["alice", "bob", "dave"].map(|name| format!("@{name}:node.example"));
    let printed = invite_and_join(&["synapse"], &Users { alice, bob, dave });
    assert!(!printed.contains("wallet"), "{printed}");
}

#[test]
#[ignore = "needs sdn and the example to be built: .ci/run demo"]
fn printed_wallet_logs_in_and_invites() {
    let folder = folder();
    let mut served = Served::start(&folder, &[]);
    let printed = served.read_to("export SDN_NODE");
    let node = printed.lines().last().unwrap();
    let key = printed.lines().nth(1).unwrap();
    let state = folder.join("served-login");
    let _ = fs::remove_dir_all(&state);
    let run =
        |script: &str| run(&folder, &format!("export XDG_STATE_HOME={state:?}\n{node}\n{script}"));
    let (alice, bob) = (Wallet::new(1).user_id(), Wallet::new(2));
    let login = format!("SDN_WALLET_KEY={key} sdn login\nsdn whoami");
    assert_eq!(run(&login), format!("logged in  {alice}\n{alice}\n"));
    let invited = run(&format!("sdn create 'Reading group' {} --no-check", bob.address()));
    assert!(invited.ends_with(&format!("\ninvited   {}\n", bob.address())), "{invited}");
    let last = "\"$(sdn rooms | tail -1)\"";
    let revoked = run(&format!("sdn revoke {last} {}", bob.address()));
    assert!(revoked.starts_with("revoked"), "{revoked}");
    assert!(run("sdn logout").starts_with("logged out  "));
}

#[test]
#[ignore = "needs sdn and the example to be built: .ci/run demo"]
fn printed_password_logs_in() {
    let folder = folder();
    let mut served = Served::start(&folder, &["synapse"]);
    let printed = served.read_to("export SDN_NODE");
    let node = printed.lines().last().unwrap();
    let (said, command) = printed.lines().next().unwrap().split_once(": ").unwrap();
    let password = said.split([' ', ',']).nth(3).unwrap();
    let state = folder.join("served-password");
    let _ = fs::remove_dir_all(&state);
    // util-linux's `script` is the terminal.
    let printed = run(
        &folder,
        &format!(
            "export XDG_STATE_HOME={state:?}\n{node}\n\
             (sleep 1; echo {password}; sleep 1) | script -qec '{command}' /dev/null\n\
             sdn whoami\n"
        ),
    );
    assert!(printed.contains("logged in  @alice:node.example"), "{printed}");
    assert!(printed.ends_with("\n@alice:node.example\n"), "{printed}");
}

/// Returns the folder of the built command and example.
fn folder() -> PathBuf {
    let test = env::current_exe().unwrap();
    test.ancestors().nth(2).expect("the folder of the profile").to_owned()
}

/// Runs a script that must succeed, and returns its output.
fn run(folder: &Path, script: &str) -> String {
    let path = format!("{}:{}", folder.display(), env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    shell.args(["-ec", script]).env("PATH", path).env("XDG_CONFIG_HOME", folder);
    let output = shell.stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "{script}");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs the commands that the node prints, and returns its first output.
fn invite_and_join(arguments: &[&str], users: &Users) -> String {
    let folder = folder();
    let mut served = Served::start(&folder, arguments);
    let run = |script: &str| run(&folder, script);
    let Users { alice, bob, dave } = users;

    let printed = served.read_to("sdn invite");
    assert!(printed.contains(alice), "{printed}");
    let (_, invite) = printed.split_at(printed.find("export SDN_NODE").unwrap());
    assert_eq!(run(invite), format!("invited   dave@example.com\ninvited   {bob}\n"));

    let mailed = served.read_to("  SDN_ACCESS_TOKEN");
    let (_, accept) = mailed.split_at(mailed.find("echo '").unwrap());
    let (servers, _) = invite.split_at(invite.find("export SDN_ACCESS_TOKEN").unwrap());
    assert!(run(&format!("{servers}{accept}")).starts_with("joined "));
    let joined = served.read_to(&format!("The room received m.room.member ({dave}) from {dave}"));
    assert!(joined.ends_with("{\"membership\":\"join\"}\n"), "{joined}");
    printed
}
