//! The journal's file: its versions, and how a person repairs a damaged one.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::list::{checked, decide_in, from, journal, list, no, yes};
use common::{answer, run, unreachable_url};
use sdn_testkit::script::serve_in_turn;

const PEOPLE: &str = "alice@example.com\n+1 800 555 2067\n@bob:node.example\ncarol@example.com\n\
    dora@example.com\nerin@example.com\nstrauß@example.com\nfrank@example.com\n";

fn data(version: u8) -> String {
    let name = format!("tests/data/version-{version}.journal");
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// Writes a list, and the journal of an earlier run.
fn begun(name: &str, text: &str) -> (PathBuf, PathBuf) {
    let list = list(name, PEOPLE);
    let journal = journal(&list);
    fs::write(&journal, text).unwrap();
    (list, journal)
}

#[test]
fn versions_1_and_2_are_resumed() {
    for version in [1, 2] {
        let (list, journal) = begun(&format!("version-{version}"), &data(version));
        let ran = run(&mut decide_in(&journal));
        let open = "refused   +1 800 555 2067  403\nunknown   @bob:node.example  504\n\
            unknown   strauß@example.com\n";
        assert_eq!((ran.status, &*ran.stdout), (3, open), "{ran:?}");
        assert_eq!(fs::read_to_string(&journal).unwrap(), data(version), "reading changes nothing");

        let server = serve_in_turn(&[&yes(), &yes(), &yes()]);
        let ran = run(&mut from(&list, &server.base_url()));
        let invited = "invited   carol@example.com\ninvited   dora@example.com\n\
            invited   frank@example.com\n";
        assert_eq!((ran.status, &*ran.stdout), (3, invited), "{ran:?}");
        let counts = "sdn: 4 of 8 invited, 1 refused, 2 unknown, 1 settled\n";
        assert!(ran.stderr.contains(counts), "{ran:?}");

        // It is of version 2 now, with all earlier records.
        let text = fs::read_to_string(&journal).unwrap();
        let added = text.strip_prefix(&data(2)).unwrap();
        let line = |invitee: &str, rest: &str| {
            checked(&format!(r#"{{"invitee":"{invitee}@example.com","outcome":{rest}}}"#))
        };
        let expected: String = ["carol", "dora", "frank"]
            .map(|name| line(name, r#""sending""#) + &line(name, r#""invited","status":200"#))
            .concat();
        assert_eq!(added, expected);
    }
}

#[test]
fn newer_version_is_rejected() {
    let text = checked(r#"{"journal":"sdn invite","room":"!room:node.example","version":3}"#);
    let (list, journal) = begun("version-3", &text);
    for mut command in [from(&list, &unreachable_url()), decide_in(&journal)] {
        let ran = run(&mut command);
        assert_eq!((ran.status, &*ran.stdout), (2, ""), "{ran:?}");
        assert!(ran.stderr.contains("it has version 3 and this sdn knows 1 and 2; use"), "{ran:?}");
        assert_eq!(fs::read_to_string(&journal).unwrap(), text);
    }
}

/// A person does what the command says, and nobody is invited twice.
#[test]
fn damaged_line_is_deleted_and_settled() {
    // The damage changes the address in the last line, the only record of that invitation.
    let damaged = data(2).replacen("strau", "strae", 1);
    let (list, journal) = begun("damaged", &damaged);
    for mut command in [from(&list, &unreachable_url()), decide_in(&journal)] {
        let ran = run(&mut command);
        assert_eq!((ran.status, &*ran.stdout), (2, ""), "{ran:?}");
        assert!(
            ran.stderr.contains("line 14 was damaged or edited: its check value does not match"),
            "{ran:?}"
        );
        assert!(ran.stderr.contains("delete that line, even if it is the last one"), "{ran:?}");
        let settle = format!("run: sdn journal '{}' --settle INVITEE", journal.display());
        assert!(ran.stderr.contains(&settle), "{ran:?}");
        assert_eq!(fs::read_to_string(&journal).unwrap(), damaged);
    }

    let lines: Vec<_> = damaged.split_inclusive('\n').collect();
    fs::write(&journal, lines[..13].concat()).unwrap();
    let ran = run(decide_in(&journal).args(["--settle", "strauß@example.com"]));
    assert_eq!(ran.status, 3, "{ran:?}");
    let new = "sdn: strauß@example.com was not in the journal, and is now settled in it\n";
    assert!(ran.stderr.starts_with(new), "{ran:?}");
    let server = serve_in_turn(&[&yes(), &yes(), &yes()]);
    let ran = run(&mut from(&list, &server.base_url()));
    assert!(!ran.stdout.contains("strau"), "{ran:?}");
    assert!(ran.stderr.contains("4 of 8 invited, 1 refused, 1 unknown, 2 settled"), "{ran:?}");
}

/// The process may end while a person reads the terms.
#[test]
fn terms_after_invitation_record_not_sent() {
    let list = list("terms", "alice@example.com\n");
    let failure = no("500 Internal Server Error", "M_UNKNOWN");
    let unsigned = no("403 Forbidden", "M_TERMS_NOT_SIGNED");
    let terms = r#"{"policies":{"use":{"version":"1","en":{"name":"Use","url":"https://id.example/use"}}}}"#;
    let terms = answer("200 OK", "", terms);
    let account = answer("200 OK", "", r#"{"user_id":"@alice:node.example"}"#);
    let responses = [&*failure, &unsigned, &terms, &yes(), &account, &yes()];

    let invite = |options: &[&str]| {
        let server = serve_in_turn(&responses);
        let mut command = from(&list, &server.base_url());
        let ran = run(command.args(["--id-server-url", &server.base_url()]).args(options));
        let text = fs::read_to_string(journal(&list)).unwrap();
        let events = text.lines().skip(1).map(|line| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            line["outcome"].as_str().unwrap().to_owned()
        });
        (ran.status, events.collect::<Vec<_>>())
    };
    assert_eq!(invite(&[]), (1, ["sending", "not_sent"].map(str::to_owned).to_vec()));
    fs::remove_file(journal(&list)).unwrap();
    let accepted = ["sending", "not_sent", "sending", "invited"].map(str::to_owned).to_vec();
    assert_eq!(invite(&["--accept-terms"]), (0, accepted));
}

#[test]
fn address_no_longer_valid_is_settled() {
    let old = "bob@example.com\u{200b}";
    let text = format!(
        "{{\"journal\":\"sdn invite\",\"version\":1,\"room\":\"!room:node.example\"}}\n\
         {{\"invitee\":\"{old}\",\"outcome\":\"unknown\"}}\n"
    );
    let (_, journal) = begun("no-longer-valid", &text);
    let ran = run(&mut decide_in(&journal));
    assert_eq!((ran.status, &*ran.stdout), (3, "unknown   bob@example.com\\u{200b}\n"), "{ran:?}");
    let ran = run(decide_in(&journal).args(["--settle", "carol@example.com\u{200b}"]));
    assert_eq!(ran.status, 2, "{ran:?}");
    assert!(ran.stderr.contains("contains an invisible character"), "{ran:?}");
    let ran = run(decide_in(&journal).args(["--settle", old]));
    assert_eq!((ran.status, &*ran.stdout), (0, ""), "{ran:?}");
    assert!(ran.stderr.ends_with(": 1 settled\n"), "{ran:?}");
}
