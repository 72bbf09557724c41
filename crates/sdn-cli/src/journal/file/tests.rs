use std::fs;
use std::path::PathBuf;

use sdn_proto::InviteStatus;

use super::super::record::Header;
use super::*;

mod crashes;
mod damage;
mod rewriting;

const ALICE: &str = "alice@example.com";
const BOB: &str = "@bob:node.example";
const INVITED: State = State::Ended(InviteStatus::Invited);
const REFUSED: State = State::Ended(InviteStatus::Refused);
const NOT_SENT: State = State::Ended(InviteStatus::NotSent);
const UNKNOWN: State = State::Ended(InviteStatus::Unknown);

fn room() -> RoomId {
    RoomId::new("!room:node.example").unwrap()
}

fn invitee(text: &str) -> Invitee {
    Invitee::parse(text).unwrap()
}

/// Returns the path of a new file for one test.
fn path(name: &str) -> PathBuf {
    let name = format!("sdn-journal-{}-{name}", std::process::id());
    let path = std::env::temp_dir().join(name);
    let _ = fs::remove_file(&path);
    path
}

#[test]
fn journal_cut_anywhere_forgets_nothing_sent() {
    let path = path("cut");
    let mut journal = Journal::open(&path, &room(), None).unwrap();
    let length = |path| fs::metadata(path).unwrap().len();
    let begun = length(&path);
    journal.begin(&invitee(ALICE), ALICE).unwrap();
    let alice_sent = length(&path);
    journal.record(&invitee(ALICE), ALICE, INVITED, Some(200)).unwrap();
    let alice_done = length(&path);
    journal.begin(&invitee(BOB), BOB).unwrap();
    let bob_sent = length(&path);
    journal.begin(&invitee("strauß@example.com"), "strauß@example.com").unwrap();
    drop(journal);
    let whole = fs::read(&path).unwrap();

    for cut in 0..=whole.len() {
        fs::write(&path, &whole[..cut]).unwrap();
        let mut journal = Journal::open(&path, &room(), None).unwrap();
        let cut = cut as u64;
        let alice = match cut {
            // A complete line counts without its line break.
            _ if cut + 1 >= alice_done => INVITED,
            _ if cut + 1 >= alice_sent => UNKNOWN,
            _ => State::New,
        };
        assert_eq!(journal.state(&invitee(ALICE)), alice, "cut at {cut}");
        let bob = if cut + 1 >= bob_sent { UNKNOWN } else { State::New };
        assert_eq!(journal.state(&invitee(BOB)), bob, "cut at {cut}");
        // New lines follow the lines that are left.
        journal.begin(&invitee("carol@example.com"), "carol@example.com").unwrap();
        drop(journal);
        let journal = Journal::open(&path, &room(), None).unwrap();
        assert_eq!(journal.state(&invitee("carol@example.com")), UNKNOWN);
        assert_eq!(journal.state(&invitee(ALICE)), alice, "cut at {cut}");
        assert!(length(&path) >= begun, "cut at {cut}");
    }
    fs::remove_file(&path).unwrap();
}

#[test]
fn complete_line_counts_without_its_break() {
    let path = path("unbroken");
    let mut journal = Journal::open(&path, &room(), None).unwrap();
    let begun = fs::read(&path).unwrap();
    journal.record(&invitee(ALICE), ALICE, INVITED, Some(200)).unwrap();
    drop(journal);
    let mut unbroken = fs::read(&path).unwrap();
    assert_eq!(unbroken.pop(), Some(b'\n'));
    fs::write(&path, &unbroken).unwrap();
    assert_eq!(Journal::open_existing(&path, None).unwrap().entries().len(), 1);
    assert_eq!(fs::read(&path).unwrap(), unbroken, "looking changes nothing");
    let mut journal = Journal::open(&path, &room(), None).unwrap();
    assert_eq!(journal.state(&invitee(ALICE)), INVITED);
    journal.begin(&invitee(BOB), BOB).unwrap();
    drop(journal);
    let journal = Journal::open(&path, &room(), None).unwrap();
    assert_eq!(journal.state(&invitee(ALICE)), INVITED);
    assert_eq!(journal.state(&invitee(BOB)), UNKNOWN);
    drop(journal);
    fs::write(&path, &begun[..begun.len() - 1]).unwrap();
    assert!(Journal::open(&path, &room(), None).unwrap().entries().is_empty());
    assert_eq!(fs::read(&path).unwrap(), begun);
    fs::remove_file(&path).unwrap();
}

#[cfg(unix)]
#[test]
fn changed_file_records_nothing() {
    type Change = fn(&std::path::Path);
    let copy: Change = |path| {
        let other = path.with_extension("copy");
        fs::copy(path, &other).unwrap();
        fs::rename(&other, path).unwrap();
    };
    let append: Change = |path| {
        let mut text = fs::read(path).unwrap();
        text.push(b'\n');
        fs::write(path, text).unwrap();
    };
    let edit: Change = |path| {
        let text = fs::read_to_string(path).unwrap().replace("sending", "settled by me");
        fs::write(path, text).unwrap();
    };
    let remove: Change = |path| fs::remove_file(path).unwrap();
    for change in [copy, append, edit, remove] {
        let path = path("changed");
        let mut journal = Journal::open(&path, &room(), None).unwrap();
        journal.begin(&invitee(ALICE), ALICE).unwrap();
        change(&path);
        let before = fs::read(&path).ok();
        let problem = journal.record(&invitee(ALICE), ALICE, INVITED, Some(200)).unwrap_err();
        assert!(problem.to_string().contains("another program"), "{problem}");
        assert!(journal.begin(&invitee(BOB), BOB).is_err());
        assert_eq!(fs::read(&path).ok(), before);
        let _ = fs::remove_file(&path);
    }
}

#[test]
fn last_record_counts() {
    let path = path("last");
    let mut journal = Journal::open(&path, &room(), None).unwrap();
    for (state, http_status) in [
        (REFUSED, Some(403)),
        (NOT_SENT, Some(429)),
        (UNKNOWN, Some(504)),
        (NOT_SENT, None),
        (INVITED, Some(200)),
    ] {
        journal.record(&invitee(ALICE), ALICE, State::Sending, None).unwrap();
        assert_eq!(journal.state(&invitee(ALICE)), State::Sending);
        journal.record(&invitee(ALICE), ALICE, state, http_status).unwrap();
        drop(journal);
        journal = Journal::open(&path, &room(), None).unwrap();
        assert_eq!(journal.state(&invitee("Alice@Example.com")), state, "{state}");
    }
    fs::remove_file(&path).unwrap();
}

#[test]
fn step_not_allowed_records_nothing() {
    let path = path("steps");
    let mut journal = Journal::open(&path, &room(), None).unwrap();
    let (alice, bob) = (invitee(ALICE), invitee(BOB));
    journal.begin(&alice, ALICE).unwrap();
    journal.finish(&alice, ALICE, InviteStatus::Invited, Some(200)).unwrap();
    let before = fs::read(&path).unwrap();
    assert!(journal.begin(&alice, ALICE).is_err());
    assert!(journal.decide(&alice, ALICE, Decision::Retry).is_err());
    assert!(journal.finish(&bob, BOB, InviteStatus::Invited, Some(200)).is_err());
    assert_eq!(fs::read(&path).unwrap(), before);
    fs::remove_file(&path).unwrap();
}

#[test]
fn decision_holds_until_next_record() {
    let path = path("decided");
    let mut journal = Journal::open(&path, &room(), None).unwrap();
    for text in [BOB, ALICE] {
        journal.begin(&invitee(text), text).unwrap();
    }
    for (decision, state) in [(Decision::Settle, State::Settled), (Decision::Retry, State::Retry)] {
        drop(journal);
        journal = Journal::open_existing(&path, None).unwrap();
        assert_eq!(journal.room(), room().as_str());
        journal.decide(&invitee(ALICE), ALICE, decision).unwrap();
        let order: Vec<_> = journal.entries().iter().map(|(_, entry)| &*entry.text).collect();
        assert_eq!(order, [BOB, ALICE]);
        drop(journal);
        journal = Journal::open(&path, &room(), None).unwrap();
        assert_eq!(journal.state(&invitee(ALICE)), state);
        assert_eq!(journal.state(&invitee(BOB)), UNKNOWN);
    }
    journal.begin(&invitee(ALICE), ALICE).unwrap();
    drop(journal);
    let journal = Journal::open_existing(&path, None).unwrap();
    assert_eq!(journal.state(&invitee(ALICE)), UNKNOWN);
    fs::remove_file(&path).unwrap();
}

#[test]
fn other_file_is_rejected_and_unchanged() {
    let path = path("else");
    let header =
        |version, room: &str| Header { version, room: room.to_owned(), source: None }.line() + "\n";
    let (ours, other) = ("!room:node.example", "!other:node.example");
    let one = header(Version::One, ours);
    let wanted = format!("replace line 1 with: {}", header(Version::Two, ours).trim_end());
    for (text, wanted) in [
        ("alice@example.com", "line 1 is not the first line of a journal"),
        ("alice@example.com\nbob@example.com\n", &*wanted),
        ("{\"journal\":\"sdn invite\",\"version\":2,\"room\":\"!room:node.example\"}\n", &wanted),
        ("{\"journal\":\"sdn invite\",\"version\":0}\n", &wanted),
        ("{\"journal\":\"sdn invite\",\"version\":3}\n", "line 1: it has version 3"),
        ("{\"journal\":\"sdn invite\",\"version\":1}\n", "\"version\":1}"),
        (&header(Version::One, other), "of another room"),
        (&header(Version::Two, other), "of another room"),
        (&format!("{one}nonsense\n"), "line 2 is not a line"),
        (
            &format!("{one}{{\"invitee\":\"a@b.example\",\"outcome\":\"sending\"}},"),
            "line 2 is not a line",
        ),
        (
            &format!("{one}{{\"invitee\":\"a@b.example\",\"outcome\":\"?\"}}\n"),
            "line 2 is not a line",
        ),
        (
            &format!("{one}{{\"invitee\":\"a@b.example\",\"outcome\":\"new\"}}\n"),
            "line 2 is not a line",
        ),
    ] {
        fs::write(&path, text).unwrap();
        let problem = Journal::open(&path, &room(), None).unwrap_err();
        assert!(problem.contains(wanted), "{problem}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    fs::remove_file(&path).unwrap();
    for problem in [
        Journal::open(&path.join("no-folder"), &room(), None).unwrap_err(),
        Journal::open_existing(&path, None).unwrap_err(),
    ] {
        assert!(problem.starts_with("there is no such file or folder"), "{problem}");
    }
    assert!(!path.exists());
}

#[test]
fn journal_in_use_is_rejected() {
    let path = path("one");
    let journal = Journal::open(&path, &room(), None).unwrap();
    let problem = Journal::open(&path, &room(), None).unwrap_err();
    assert!(problem.contains("another sdn process"), "{problem}");
    drop(journal);
    assert!(Journal::open(&path, &room(), None).is_ok());
    fs::remove_file(&path).unwrap();
}

#[cfg(unix)]
#[test]
fn device_is_not_a_journal() {
    for device in ["/dev/zero", "/dev/null"] {
        let problem = Journal::open(Path::new(device), &room(), None).unwrap_err();
        assert!(problem.starts_with("it is not a regular file"), "{problem}");
    }
}

#[cfg(unix)]
#[test]
fn journal_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let path = path("mode");
    Journal::open(&path, &room(), None).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    fs::remove_file(&path).unwrap();
}
