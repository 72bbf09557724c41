//! `sdn invite --from`: lists, their journals, and the undecided invitees of an earlier run.

mod common;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use common::list::{checked, decide_in, from, journal, list, no, yes};
use common::{ACCESS_TOKEN, Ran, answer, run, unreachable_url};
use sdn_testkit::script::serve_in_turn;

#[test]
fn list_invites_everybody_once() {
    let list = list(
        "once",
        "name,who\nAlice,alice@example.com\nBob,@bob:node.example\nA.,ALICE@example.com\n",
    );
    let server = serve_in_turn(&[&yes(), &yes()]);
    let ran = run(from(&list, &server.base_url()).args(["--column", "who"]));
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(ran.stdout, "invited   alice@example.com\ninvited   @bob:node.example\n");
    assert!(
        ran.stderr
            .contains("people.csv line 4, column who \"ALICE@example.com\": the same invitee as"),
        "{ran:?}"
    );
    assert!(ran.stderr.ends_with("sdn: 2 of 2 invited\n"), "{ran:?}");

    // Again, with an unreachable node: nothing is left to do.
    let again = run(from(&list, &unreachable_url()).args(["--column", "who", "carol@example.com"]));
    assert_eq!(again.status, 1, "{again:?}");
    assert!(again.stderr.contains("2 of 3 in the journal already, 1 left"), "{again:?}");
    assert!(again.stdout.starts_with("not sent  carol@example.com"), "{again:?}");
    let none = run(from(&list, &unreachable_url()).args(["--column", "who"]));
    assert_eq!((none.status, &*none.stdout), (0, ""), "{none:?}");
}

#[test]
fn list_may_be_standard_input() {
    let server = serve_in_turn(&[&yes(), &yes()]);
    let mut command = from(Path::new("-"), &server.base_url());
    let folder = journal(&list("input", "")).with_file_name("");
    let mut child = command
        .current_dir(&folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"alice@example.com\n+1 800 555 2067\n").unwrap();
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(ran.stdout, "invited   alice@example.com\ninvited   +1 800 555 2067\n");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "no journal is kept unless named");
}

#[test]
fn bad_rows_are_reported_with_lines() {
    let list = list("bad", "alice@example.com\n\nAlice <alice@example.com>\nsyt_secret\n");
    let ran = run(&mut from(&list, &unreachable_url()));
    assert_eq!((ran.status, &*ran.stdout), (2, ""), "{ran:?}");
    assert!(
        ran.stderr.contains("line 3 \"Alice <alice@example.com>\": has a display name"),
        "{ran:?}"
    );
    assert!(ran.stderr.contains("line 4: not an e-mail"), "{ran:?}");
    assert!(!ran.stderr.contains("syt_secret"), "{ran:?}");
    assert!(!journal(&list).exists());

    let many = "a@example.com\n".to_owned() + &"x\n".repeat(10_000);
    fs::write(&list, many).unwrap();
    let ran = run(&mut from(&list, &unreachable_url()));
    assert_eq!(ran.stderr.lines().count(), 102, "{ran:?}");
    assert!(ran.stderr.ends_with("and 9901 more\n"), "{}", ran.stderr.len());

    fs::write(&list, "alice@example.com\n").unwrap();
    let ran = run(from(&list, &unreachable_url()).args(["--column", "who"]));
    assert_eq!(ran.status, 2, "{ran:?}");
    assert!(ran.stderr.contains("--column: the header has no column of that name"), "{ran:?}");
    fs::write(&list, "who,name\nalice@example.com,Alice\n").unwrap();
    let ran = run(&mut from(&list, &unreachable_url()));
    assert!(ran.stderr.contains("  --column: not given; if the list begins with"), "{ran:?}");
    assert!(ran.stderr.contains("csv line 1: not an e-mail address"), "{ran:?}");
    // A missing --column is reported once, together with all other problems.
    fs::write(&list, "name,who\nAlice,alice@example.com\n".repeat(200) + "a@b@c\n").unwrap();
    let ran = run(&mut from(&list, &unreachable_url()));
    assert_eq!(ran.stderr.lines().count(), 4, "{ran:?}");
    assert!(ran.stderr.contains("line 401 \"a@b@c\": "), "{ran:?}");
    let ran = run(&mut from(&list.with_file_name("none.csv"), &unreachable_url()));
    assert!(ran.stderr.contains("--from: cannot read the file"), "{ran:?}");
}

#[test]
fn dry_run_reads_journal_unchanged() {
    let list = list("dry", "@alice:node.example\n@bob:node.example\n@bob:node.example\n@carol\n");
    let dry = |options: &[&str]| {
        let mut command = from(&list, &unreachable_url());
        run(command.args(["--dry-run", "--skip-invalid"]).args(options))
    };
    let ran = dry(&[]);
    let summary = "2 to invite, 1 given more than once, 1 invalid\n";
    assert_eq!((ran.status, &*ran.stdout), (1, summary), "{ran:?}");
    assert_eq!(dry(&["--print-requests"]).stdout.matches("POST /_api/").count(), 2);
    assert!(!journal(&list).exists());

    let mut text =
        "{\"journal\":\"sdn invite\",\"version\":1,\"room\":\"!room:node.example\"}\n".to_owned();
    text += "{\"invitee\":\"@alice:node.example\",\"outcome\":\"invited\"}\n";
    fs::write(journal(&list), &text).unwrap();
    let ran = dry(&[]);
    let summary = "1 to invite, 1 in the journal already, 1 given more than once, 1 invalid\n";
    assert_eq!((ran.status, &*ran.stdout), (1, summary), "{ran:?}");
    let ran = dry(&["--print-requests"]);
    assert_eq!(ran.stdout.matches("POST /_api/").count(), 1, "{ran:?}");
    assert!(ran.stdout.ends_with(r#"{"user_id":"@bob:node.example"}"#), "{ran:?}");
    assert_eq!(fs::read_to_string(journal(&list)).unwrap(), text, "it is not rewritten");

    fs::write(journal(&list), text.replace("!room", "!other")).unwrap();
    let ran = dry(&[]);
    assert_eq!((ran.status, &*ran.stdout), (2, ""), "{ran:?}");
    assert!(ran.stderr.contains("it is the journal of another room"), "{ran:?}");
}

#[test]
fn quiet_run_prints_what_went_wrong() {
    let list = list("quiet", "@a:node.example\n@b:node.example\n@a:node.example\n");
    let refused = no("403 Forbidden", ACCESS_TOKEN);
    let server = serve_in_turn(&[&yes(), &refused]);
    let ran = run(from(&list, &server.base_url()).arg("--quiet"));
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stdout.starts_with("refused   @b:node.example"), "{ran:?}");
    assert_eq!(ran.stdout.lines().count(), 1, "{ran:?}");
    assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
    assert!(ran.stderr.contains("--retry INVITEE"), "{ran:?}");

    fs::write(&list, "@a:node.example\n").unwrap();
    let ran = run(from(&list, &unreachable_url()).arg("--quiet"));
    assert_eq!((ran.status, ran.all()), (0, String::new()));
}

#[test]
fn unusable_journal_sends_nothing() {
    let list = list("unusable", "alice@example.com\n");
    fs::write(journal(&list), "bob@example.com\n").unwrap();
    let ran = run(&mut from(&list, &unreachable_url()));
    assert_eq!((ran.status, &*ran.stdout), (2, ""), "{ran:?}");
    assert!(
        ran.stderr.contains("people.csv.journal: line 1 is not the first line of a journal"),
        "{ran:?}"
    );
    assert_eq!(fs::read_to_string(journal(&list)).unwrap(), "bob@example.com\n");
}

#[test]
fn undecided_invitees_are_reported_each_time() {
    let list =
        list("open", "a@example.com\nb@example.com\nc@example.com\nd@example.com\ne@example.com\n");
    // The connection is lost during the second, the third is refused, and the fourth is rate-limited.
    let limit = answer("429 Too Many Requests", "retry-after: 4000\r\n", "{}");
    let server = serve_in_turn(&[&yes(), "", &no("403 Forbidden", ACCESS_TOKEN), &limit]);
    let ran = run(&mut from(&list, &server.base_url()));
    assert_eq!(ran.status, 3, "{ran:?}");
    let words: Vec<_> = ran.stdout.lines().map(|line| line[..8].trim_end().to_owned()).collect();
    assert_eq!(words, ["invited", "unknown", "refused", "not sent", "not sent"]);
    assert!(ran.stderr.contains("1 of 5 invited, 1 refused, 2 not sent, 1 unknown"), "{ran:?}");

    let recorded = fs::read_to_string(journal(&list)).unwrap();
    assert!(recorded.contains("a@example.com") && !recorded.contains("planted"), "{recorded}");

    // Unsent and rate-limited invitees are invited. The others are reported.
    let server = serve_in_turn(&[&yes(), &yes()]);
    let ran = run(&mut from(&list, &server.base_url()));
    assert_eq!(ran.status, 3, "{ran:?}");
    assert_eq!(ran.stdout, "invited   d@example.com\ninvited   e@example.com\n");
    assert!(ran.stderr.contains("3 of 5 invited, 1 refused, 1 unknown\n"), "{ran:?}");
    assert!(ran.stderr.contains("whether these were invited:\n  b@example.com\nsdn:"), "{ran:?}");
    let journal = journal(&list);
    let decide = format!("sdn journal '{}'", journal.display());
    for wanted in ["--retry INVITEE for one of them", "--settle INVITEE"] {
        assert!(ran.stderr.contains(&format!("{decide} {wanted}")), "{ran:?}");
    }

    // Decide about them.
    let mut command = decide_in(&journal);
    let ran = run(command.args(["--settle", "b@example.com", "--retry", "refused"]));
    assert_eq!((ran.status, &*ran.stdout), (0, ""), "{ran:?}");
    assert!(ran.stderr.ends_with(": 3 invited, 1 to be invited, 1 settled\n"), "{ran:?}");
    let server = serve_in_turn(&[&yes()]);
    let ran = run(&mut from(&list, &server.base_url()));
    assert_eq!((ran.status, &*ran.stdout), (0, "invited   c@example.com\n"), "{ran:?}");
    assert!(ran.stderr.ends_with("4 of 5 invited, 1 settled\n"), "{ran:?}");
}

/// The link's target may change, so the place of the journal would be unclear.
#[cfg(unix)]
#[test]
fn linked_list_requires_journal() {
    let list = list("linked", "a@example.com\n");
    let link = list.with_file_name("link.csv");
    std::os::unix::fs::symlink(&list, &link).unwrap();
    let ran = run(&mut from(&link, &unreachable_url()));
    assert_eq!((ran.status, &*ran.stdout), (2, ""), "{ran:?}");
    assert!(ran.stderr.contains("--journal: required: the list is a symbolic link"), "{ran:?}");
    let ran = run(from(&link, &unreachable_url()).args(["--dry-run", "--print-requests"]));
    assert_eq!(ran.status, 0, "it begins no journal: {ran:?}");
    let server = serve_in_turn(&[&yes()]);
    let ran = run(from(&link, &server.base_url()).arg("--journal").arg(journal(&list)));
    assert_eq!(ran.status, 0, "{ran:?}");
}

#[cfg(unix)]
#[test]
fn printed_command_is_quoted_for_shell() {
    for name in
        ["it's.csv", "-x.csv", "x'; touch planted; '.csv", &format!("{}.csv", "x".repeat(200))]
    {
        let folder = list("quoted", "").with_file_name("");
        fs::write(folder.join(name), "a@example.com\n").unwrap();
        let server = serve_in_turn(&[""]);
        let mut command = from(Path::new("-"), &server.base_url());
        command.current_dir(&folder).stdin(fs::File::open(folder.join(name)).unwrap());
        let ran = run(command.arg(format!("--journal={name}.journal")));
        let (_, command) = ran.stderr.split_once("decide: ").unwrap();
        let (command, _) = command.split_once(" --settle").unwrap();
        let shell = std::process::Command::new("sh")
            .args(["-c", &command.replacen("sdn", r#""$SDN""#, 1)])
            .env("SDN", env!("CARGO_BIN_EXE_sdn"))
            .current_dir(&folder)
            .output()
            .unwrap();
        let ran = Ran::from(shell);
        assert_eq!(
            (ran.status, &*ran.stdout),
            (3, "unknown   a@example.com\n"),
            "{command}: {ran:?}"
        );
        assert!(!folder.join("planted").exists(), "{command}");
    }
}

#[test]
fn decision_counts_once() {
    let list = list("decided", "a@example.com\n");
    let server = serve_in_turn(&["", ""]);
    for _ in 0..2 {
        let ran = run(&mut from(&list, &server.base_url()));
        assert_eq!((ran.status, &ran.stdout[..7]), (3, "unknown"), "{ran:?}");
        // Repeating the command never sends a second mail.
        let ran = run(&mut from(&list, &server.base_url()));
        assert_eq!((ran.status, &*ran.stdout), (3, ""), "{ran:?}");
        for _ in 0..2 {
            let ran = run(decide_in(&journal(&list)).args(["--retry", "unknown"]));
            assert!(ran.status == 0 && ran.stderr.ends_with(": 1 to be invited\n"), "{ran:?}");
        }
    }
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn journal_lists_undecided_and_records_decisions() {
    let list = list("shown", "");
    let journal = journal(&list);
    let note = |invitee: &str, rest: &str| format!("{{\"invitee\":\"{invitee}\",{rest}}}\n");
    let mut text =
        "{\"journal\":\"sdn invite\",\"version\":1,\"room\":\"!room:node.example\"}\n".to_owned();
    text += &note("+1 800 555 2067", r#""outcome":"refused","status":403"#);
    for (invitee, outcome) in [
        ("a@example.com", "sending"),
        ("b@example.com", "unknown"),
        ("c@example.com", "invited"),
        ("d@example.com", "settled"),
    ] {
        text += &note(invitee, &format!(r#""outcome":"{outcome}""#));
    }
    fs::write(&journal, &text).unwrap();

    let ran = run(&mut decide_in(&journal));
    let open = "refused   +1 800 555 2067  403\nunknown   a@example.com\nunknown   b@example.com\n";
    assert_eq!((ran.status, &*ran.stdout), (3, open), "{ran:?}");
    let counts = "sdn: !room:node.example: 1 invited, 1 refused, 2 unknown, 1 settled\n";
    let of_list = "sdn: the list people.csv cannot be read now: the list is empty; put one invitee \
                   on each line\n";
    assert_eq!(ran.stderr, format!("{of_list}{counts}"));
    let ran = run(decide_in(&journal).arg("--json"));
    let first = r#"{"invitee":"+1 800 555 2067","outcome":"refused","status":403}"#;
    assert_eq!(ran.stdout.lines().next().unwrap(), first);

    for (arguments, wanted) in [
        (&["--retry", "x@example.com"][..], "--retry \"x@example.com\": not in the journal"),
        (&["--retry", "c@example.com"], "--retry \"c@example.com\": invited already"),
        (&["--settle", "everybody"], "--settle: not an e-mail address"),
        (&["--settle", "unknown", "--retry", "unknown"], "--retry: both settled and retried"),
        (&["--settle", "a@example.com", "--retry", "A@example.com"], "both settled and retried"),
    ] {
        let ran = run(decide_in(&journal).args(arguments));
        assert_eq!((ran.status, &*ran.stdout), (2, ""), "{ran:?}");
        assert!(ran.stderr.contains(wanted), "{ran:?}");
        assert_eq!(fs::read_to_string(&journal).unwrap(), text, "nothing is decided");
    }

    // A decision about one invitee precedes one about all, and decisions can be changed.
    let both = ["--settle", "unknown", "--retry", "a@example.com", "--retry", "d@example.com"];
    let ran = run(decide_in(&journal).args(both));
    assert_eq!((ran.status, &*ran.stdout), (1, "refused   +1 800 555 2067  403\n"), "{ran:?}");
    let counts = ": 1 invited, 1 refused, 2 to be invited, 1 settled\n";
    assert!(ran.stderr.ends_with(counts), "{ran:?}");

    // They are invited if they are in the list, and reported otherwise.
    fs::write(&list, "d@example.com\n").unwrap();
    let mut text = fs::read_to_string(&journal).unwrap();
    text += &checked(r#"{"invitee":"e@example.com","outcome":"sending"}"#);
    fs::write(&journal, text).unwrap();
    let server = serve_in_turn(&[&yes()]);
    let ran = run(&mut from(&list, &server.base_url()));
    assert_eq!((ran.status, &*ran.stdout), (0, "invited   d@example.com\n"), "{ran:?}");
    let others =
        "sdn: 1 invitees who are not in the list any more are unknown too; see sdn journal";
    assert!(ran.stderr.contains(others), "{ran:?}");

    let ran = run(&mut decide_in(&list));
    assert_eq!(ran.status, 2);
    assert!(
        ran.stderr.contains("people.csv: line 1 is not the first line of a journal"),
        "{ran:?}"
    );
}

#[test]
fn journal_counts_untried_of_its_list() {
    let list = list("untried", "name;who\nA;@a:b\nB;@b:b\nC;@c:b\nC;@c:b\nD;nobody\n");
    let journal = journal(&list);
    let run_list = |options: &[&str]| {
        let server = serve_in_turn(&[&yes(), &no("401 Unauthorized", "M_UNKNOWN_TOKEN")]);
        let mut command = from(&list, &server.base_url());
        command.args(["--column", "WHO", "--delimiter", ";", "--skip-invalid"]);
        run(command.args(options))
    };
    assert_eq!(run_list(&[]).status, 1);
    let header = fs::read_to_string(&journal).unwrap();
    let wanted = concat!(
        r#"{"column":"WHO","delimiter":";","journal":"sdn invite","list":"people.csv","#,
        r#""room":"!room:node.example","version":2,"check":""#
    );
    assert!(header.starts_with(wanted), "{header}");
    let ran = run(&mut decide_in(&journal));
    let of_list = "sdn: 1 of 3 in the list people.csv were not tried\n";
    let counts = "sdn: !room:node.example: 1 invited, 1 to be invited\n";
    assert_eq!((ran.status, ran.stderr), (0, format!("{of_list}{counts}")));

    // The list and the journal may be in different folders.
    let elsewhere = list.with_file_name("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let other = elsewhere.join("other");
    assert_eq!(run_list(&["--journal", other.to_str().unwrap()]).status, 1);
    let ran = run(&mut decide_in(&other));
    assert!(ran.stderr.contains("people.csv were not tried\n"), "{ran:?}");
    fs::remove_file(&list).unwrap();
    let ran = run(&mut decide_in(&other));
    assert!(ran.stderr.contains("people.csv cannot be read now: cannot read"), "{ran:?}");

    // An earlier version did not record the list.
    fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/version-2.journal"), &journal)
        .unwrap();
    let ran = run(&mut decide_in(&journal));
    assert!(!ran.stderr.contains("the list"), "{ran:?}");
    fs::write(&list, "alice@example.com\nzoe@example.com\n").unwrap();
    let ran = run(&mut decide_in(&journal));
    assert!(ran.stderr.contains("sdn: 1 of 2 in the list people.csv were not tried\n"), "{ran:?}");
}
