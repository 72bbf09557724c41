//! Completion scripts and manual pages.

mod common;

use std::io::Write;
use std::process::{Command, Stdio};

use common::{bare, run};

const COMMANDS: &[&str] = &[
    "accept",
    "completions",
    "create",
    #[cfg(feature = "demo")]
    "demo",
    "invite",
    "journal",
    "login",
    "logout",
    "man",
    "pending",
    "revoke",
    "rooms",
    "tokens",
    "whoami",
    "whois",
];

#[test]
fn completions_contain_every_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ran = run(bare().args(["completions", shell]));
        assert_eq!((ran.status, &*ran.stderr), (0, ""), "{shell}");
        for command in COMMANDS {
            assert!(ran.stdout.contains(command), "{shell} learns nothing of {command}");
        }
        assert!(ran.stdout.contains("id-server"), "{shell}");
    }
    assert_eq!(run(bare().args(["completions", "tcsh"])).status, 2);
}

#[test]
fn bash_can_read_its_script() {
    let script = run(bare().args(["completions", "bash"])).stdout;
    let Ok(mut bash) = Command::new("bash").arg("-n").stdin(Stdio::piped()).spawn() else {
        println!("there is no bash here; try: sdn completions bash | bash -n");
        return;
    };
    bash.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    assert!(bash.wait().unwrap().success());
}

#[test]
fn every_command_has_manual_page() {
    let page = run(bare().arg("man"));
    assert_eq!((page.status, &*page.stderr), (0, ""));
    assert!(page.stdout.contains(".TH sdn 1"), "{}", page.stdout);
    for command in COMMANDS {
        assert!(page.stdout.contains(command), "{command}");
        let page = run(bare().args(["man", command])).stdout;
        assert!(page.contains(&format!(".TH sdn-{command} 1")), "{page}");
    }
    let invite = run(bare().args(["man", "invite"])).stdout;
    for part in [
        "ROOM",
        "INVITEE",
        r"\-\-dry\-run",
        "SDN_ACCESS_TOKEN",
        "SDN_NODE",
        "SDN_ID_SERVER",
        "Exit status",
    ] {
        assert!(invite.contains(part), "{part}: {invite}");
    }
    // Its examples can be copied: `man` does not join their lines.
    let (_, extra) = invite.split_once(".SH EXTRA\n.nf\n").unwrap();
    let (extra, _) = extra.split_once("\n.fi\n").unwrap();
    assert!(extra.contains("people.csv"), "{invite}");
}

#[test]
fn unknown_manual_page_is_bad_input() {
    let ran = run(bare().args(["man", "nothing"]));
    assert_eq!((ran.status, &*ran.stdout), (2, ""));
    assert!(ran.stderr.contains("[possible values: accept, completions,"), "{}", ran.stderr);
}
