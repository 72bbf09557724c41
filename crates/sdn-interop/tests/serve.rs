//! The node that a newcomer is served: what it prints can be given to a shell as it stands, up to the join.
#![cfg(unix)]

use std::env;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// `sdn_testkit`'s example, until it is dropped.
struct Served {
    process: Child,
    stdout: BufReader<ChildStdout>,
}

impl Served {
    fn start(folder: &Path) -> Self {
        let mut command = Command::new(folder.join("examples/serve"));
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(process.stdout.take().unwrap());
        Self { process, stdout }
    }

    /// What it prints, up to a line that begins so.
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

#[test]
#[ignore = "needs sdn and the example to be built: .ci/run demo"]
fn what_it_prints_leads_to_the_join() {
    let test = env::current_exe().unwrap();
    let folder = test.ancestors().nth(2).expect("the folder of the profile");
    let mut served = Served::start(folder);
    let run = |script: &str| {
        let path = format!("{}:{}", folder.display(), env::var("PATH").unwrap());
        let mut shell = Command::new("sh");
        shell.args(["-ec", script]).env("PATH", path).env("XDG_CONFIG_HOME", folder);
        let output = shell.stderr(Stdio::inherit()).output().unwrap();
        assert!(output.status.success(), "{script}");
        String::from_utf8(output.stdout).unwrap()
    };

    let printed = served.read_to("sdn invite");
    let (_, invite) = printed.split_at(printed.find("export SDN_NODE").unwrap());
    let invited = "invited   dave@example.com\ninvited   @bob:node.example\n";
    assert_eq!(run(invite), invited);

    let mailed = served.read_to("  sdn accept");
    let (_, accept) = mailed.split_at(mailed.find("SDN_ACCESS_TOKEN").unwrap());
    let (servers, _) = invite.split_at(invite.find("export SDN_ACCESS_TOKEN").unwrap());
    assert!(run(&format!("{servers}{accept}")).starts_with("joined "));
    let joined = served.read_to("The room received m.room.member (@dave:node.example) from @dave");
    assert!(joined.ends_with("{\"membership\":\"join\"}\n"), "{joined}");
}
