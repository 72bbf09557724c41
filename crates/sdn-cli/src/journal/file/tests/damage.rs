//! Damage that check values have to find: flipped bits, zeros and repeated lines.

use super::*;

/// A journal with each state. The last invitees have only the record `sending`.
fn journal_of_every_state(name: &str) -> (PathBuf, Vec<u8>) {
    let path = path(name);
    let mut journal = Journal::open(&path, &room(), None).unwrap();
    let states = [
        (ALICE, INVITED),
        (BOB, REFUSED),
        ("carol@example.com", UNKNOWN),
        // A flipped bit makes a line break of a J or *.
        ("J*J@example.com", NOT_SENT),
        ("strauß@example.com", State::Settled),
        ("erin@example.com", State::Retry),
    ];
    for (text, state) in states {
        journal.begin(&invitee(text), text).unwrap();
        journal.record(&invitee(text), text, state, (state == REFUSED).then_some(403)).unwrap();
    }
    journal.begin(&invitee("+1 800 555 2067"), "+1 800 555 2067").unwrap();
    journal.begin(&invitee("J*K@example.com"), "J*K@example.com").unwrap();
    drop(journal);
    let bytes = fs::read(&path).unwrap();
    (path, bytes)
}

/// Returns the number of the line that contains the byte at `at`.
fn line_of(bytes: &[u8], at: usize) -> usize {
    bytes[..at].iter().filter(|&&byte| byte == b'\n').count() + 1
}

/// Asserts that a journal is rejected with the number of the line, and is not changed.
fn assert_rejected(path: &Path, bytes: &[u8], line: usize, what: &str) {
    fs::write(path, bytes).unwrap();
    let mut problems = vec![Journal::open_existing(path, None).map(drop)];
    if line == 1 || what.starts_with("zeros") {
        // Opening it for a room knows the right header, and would write to the end of the file.
        problems.push(Journal::open(path, &room(), None).map(drop));
    }
    for problem in problems {
        let problem = problem.expect_err(what);
        let (number, _) = problem["line ".len()..].split_once([' ', ':']).unwrap();
        assert_eq!(number, line.to_string(), "{what}: {problem}");
    }
    assert_eq!(fs::read(path).unwrap(), bytes, "{what}");
}

fn assert_flips_are_rejected(path: &Path, bytes: &[u8], from: usize) {
    for bit in from * 8..bytes.len() * 8 {
        let (at, mut flipped) = (bit / 8, bytes.to_vec());
        flipped[at] ^= 1 << (bit % 8);
        assert_rejected(path, &flipped, line_of(bytes, at), &format!("bit {bit}"));
    }
}

#[test]
fn every_flipped_bit_is_rejected() {
    let (path, mut bytes) = journal_of_every_state("flips");
    assert_flips_are_rejected(&path, &bytes, 0);
    // Without its line break, a damaged last line could be mistaken for an incomplete one.
    bytes.pop();
    let last = bytes.iter().rposition(|&byte| byte == b'\n').unwrap();
    assert_flips_are_rejected(&path, &bytes, last);
    fs::remove_file(&path).unwrap();
}

#[test]
fn every_zeroed_tail_is_rejected() {
    let (path, bytes) = journal_of_every_state("zeros");
    let header =
        Header { version: Version::One, room: room().as_str().to_owned(), source: None }.line();
    let of_version_1 = format!(
        "{header}\n{}\n{}\n",
        r#"{"invitee":"alice@example.com","outcome":"sending"}"#,
        r#"{"invitee":"bob@example.com","outcome":"sending"}"#
    );
    for bytes in [bytes, of_version_1.into_bytes()] {
        for at in 0..bytes.len() {
            let mut zeroed = bytes.clone();
            zeroed[at..].fill(0);
            assert_rejected(&path, &zeroed, line_of(&bytes, at), &format!("zeros from {at}"));
        }
        // The file had grown, and the content was lost.
        for count in [1, 20, 100, 5000] {
            for at in [bytes.len(), bytes.len() - 1, bytes.len() - 30] {
                let mut grown = bytes[..at].to_vec();
                grown.resize(at + count, 0);
                assert_rejected(&path, &grown, line_of(&bytes, at), &format!("zeros at {at}"));
            }
        }
    }
    fs::remove_file(&path).unwrap();
}

#[test]
fn doubled_line_changes_nothing() {
    let (path, bytes) = journal_of_every_state("doubled");
    let meaning = |journal: Journal| -> Vec<_> {
        let entries = journal.entries();
        entries
            .into_iter()
            .map(|(_, entry)| (entry.text.clone(), entry.state, entry.http_status))
            .collect()
    };
    let before = meaning(Journal::open_existing(&path, None).unwrap());
    let lines: Vec<_> = bytes.split_inclusive(|&byte| byte == b'\n').collect();
    for at in 1..lines.len() {
        let mut doubled = lines.clone();
        doubled.insert(at, lines[at]);
        fs::write(&path, doubled.concat()).unwrap();
        let after = meaning(Journal::open_existing(&path, None).unwrap());
        assert_eq!(after, before, "line {at}");
    }
    // A second header belongs to another journal.
    let twice = [&*bytes, &*bytes].concat();
    assert_rejected(&path, &twice, lines.len() + 1, "twice");
    fs::remove_file(&path).unwrap();
}

#[test]
fn error_says_what_to_do() {
    let (path, bytes) = journal_of_every_state("remedy");
    let text = String::from_utf8(bytes).unwrap();
    let settle = format!("sdn journal '{}' --settle INVITEE", path.display());
    for (from, to, wanted) in [
        ("refused", "settled", "line 5 was damaged or edited: its check value"),
        ("\"check\"", "\"cheque\"", "line 1 is not the first line of a journal"),
        ("refused", "ref\0sed", "line 5 contains NUL bytes"),
    ] {
        fs::write(&path, text.replace(from, to)).unwrap();
        let problem = Journal::open_existing(&path, None).unwrap_err();
        assert!(problem.starts_with(wanted), "{problem}");
        assert!(problem.contains(&settle) || wanted.starts_with("line 1"), "{problem}");
    }
    let problem = Journal::open(&path, &room(), None).unwrap_err();
    let (_, example) = problem.split_once("like this: ").unwrap();
    fs::write(&path, format!("{}{example}\n", text.split_inclusive('\n').next().unwrap())).unwrap();
    let journal = Journal::open_existing(&path, None).unwrap();
    assert_eq!(journal.state(&invitee(ALICE)), INVITED, "the good line is good");
    drop(journal);
    // A damaged header is replaced by the one in the error.
    fs::write(&path, text.replacen("room:", "roon:", 1)).unwrap();
    let problem = Journal::open(&path, &room(), None).unwrap_err();
    let (_, header) = problem.split_once("line 1 with: ").unwrap();
    let (_, rest) = text.split_once('\n').unwrap();
    fs::write(&path, format!("{header}\n{rest}")).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    fs::remove_file(&path).unwrap();
}
