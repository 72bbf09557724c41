//! Rewriting a journal of version 1 as version 2.

use super::super::super::rewrite;
use super::*;

const LINES: &str = r#"{"invitee":"alice@example.com","outcome":"sending"}
{"invitee":"alice@example.com","outcome":"invited","status":200}
{"invitee":"@bob:node.example","outcome":"sending"}
{"invitee":"@bob:node.example","outcome":"refused","status":403}
{"invitee":"strauß@example.com","outcome":"sending"}
"#;

/// Writes a journal of version 1. Returns its path, that of its copy, and the text.
fn version_1(name: &str) -> (PathBuf, PathBuf, String) {
    let path = path(name);
    let header = Header { version: Version::One, room: room().as_str().to_owned(), source: None };
    let text = format!("{}\n{LINES}", header.line());
    fs::write(&path, &text).unwrap();
    let mut copy = path.clone().into_os_string();
    copy.push(".rewriting");
    (path, copy.into(), text)
}

fn assert_is_usable(path: &Path) {
    assert_says_all(Journal::open_existing(path, None));
    assert_says_all(Journal::open(path, &room(), None));
}

fn assert_says_all(journal: Result<Journal, String>) {
    let journal = journal.unwrap();
    let entries = journal.entries();
    let last: Vec<_> = entries.iter().map(|(_, entry)| (entry.state, entry.http_status)).collect();
    assert_eq!(last, [(INVITED, Some(200)), (REFUSED, Some(403)), (UNKNOWN, None)]);
}

#[test]
fn reading_leaves_version_1() {
    let (path, copy, text) = version_1("looking");
    let mut journal = Journal::open_existing(&path, None).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    journal.decide(&invitee(BOB), BOB, Decision::Settle).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(r#""version":2"#) && text.lines().count() == 7, "{text}");
    assert!(!copy.exists());
    drop(journal);
    let journal = Journal::open_existing(&path, None).unwrap();
    assert_eq!(journal.state(&invitee(BOB)), State::Settled);
    fs::remove_file(&path).unwrap();
}

#[test]
fn crash_anywhere_leaves_usable_journal() {
    let (path, copy, text) = version_1("crash");
    let journal = Journal::open_existing(&path, None).unwrap();
    drop(rewrite::write(&journal.file, &journal.contents, &copy).unwrap());
    drop(journal);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    let whole = fs::read(&copy).unwrap();
    // The crash happens while the copy is written, or before it is renamed.
    for end in 0..=whole.len() {
        fs::write(&path, &text).unwrap();
        fs::write(&copy, &whole[..end]).unwrap();
        assert_is_usable(&path);
        assert_eq!(fs::read(&path).unwrap(), whole, "{end}");
        assert!(!copy.exists(), "{end}");
    }
    // The crash happens after the renaming.
    fs::write(&copy, &whole).unwrap();
    fs::rename(&copy, &path).unwrap();
    assert_is_usable(&path);
    fs::remove_file(&path).unwrap();
}

#[test]
fn cut_version_1_loses_only_that_line() {
    let (path, _, text) = version_1("cut1");
    for cut in 0..=text.len() {
        fs::write(&path, &text.as_bytes()[..cut]).unwrap();
        drop(Journal::open(&path, &room(), None).unwrap());
        // A complete line counts without its line break, and the header is always there.
        let end = (cut + 1).min(text.len());
        let breaks = text.as_bytes()[..end].iter().filter(|&&byte| byte == b'\n');
        let lines = breaks.count().max(1);
        let now = fs::read_to_string(&path).unwrap();
        assert_eq!((now.lines().count(), now.contains("\"version\":2")), (lines, true), "{cut}");
    }
    fs::remove_file(&path).unwrap();
}

#[test]
fn rewriting_that_fails_leaves_version_1() {
    let (path, copy, text) = version_1("fails");
    // A folder that is not empty cannot be replaced.
    fs::create_dir_all(copy.join("in the way")).unwrap();
    let problem = Journal::open(&path, &room(), None).unwrap_err();
    assert!(problem.contains("cannot be written"), "{problem}");
    let mut journal = Journal::open_existing(&path, None).unwrap();
    assert!(journal.decide(&invitee(BOB), BOB, Decision::Settle).is_err());
    drop(journal);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    fs::remove_dir_all(&copy).unwrap();

    // A journal that another program has changed meanwhile is not replaced.
    let journal = Journal::open_existing(&path, None).unwrap();
    let changed = || Err(io::Error::other("changed"));
    assert!(rewrite::rewrite(&journal.file, &journal.contents, &path, changed).is_err());
    assert!(!copy.exists());
    drop(journal);
    assert_is_usable(&path);
    fs::remove_file(&path).unwrap();
}

#[cfg(unix)]
#[test]
fn rewritten_journal_stays_locked() {
    let (path, _, _) = version_1("locked");
    // Another process opened the file before it was replaced.
    let late = disk::options().open(&path);
    let journal = Journal::open(&path, &room(), None).unwrap();
    assert!(matches!(
        Journal::locked(&path, disk::options().open(&path), None, None),
        Err(Problem::Busy)
    ));
    drop(journal);
    assert!(matches!(Journal::locked(&path, late, None, None), Err(Problem::Busy)));
    assert_is_usable(&path);
    fs::remove_file(&path).unwrap();
}

#[test]
fn many_processes_lose_nothing() {
    let (path, _, text) = version_1("many");
    for _ in 0..20 {
        fs::write(&path, &text).unwrap();
        let (path, room) = (&path, &room());
        let recorded: Vec<_> = std::thread::scope(|scope| {
            let threads = [0, 1, 2, 3].map(|thread| {
                scope.spawn(move || {
                    let texts = (0..50).map(|number| format!("guest{thread}-{number}@example.com"));
                    texts
                        .filter(|text| {
                            Journal::open(path, room, None).is_ok_and(|mut journal| {
                                journal.record(&invitee(text), text, State::Sending, None).is_ok()
                            })
                        })
                        .collect::<Vec<_>>()
                })
            });
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        let journal = Journal::open_existing(path, None).unwrap();
        for text in &recorded {
            assert_eq!(journal.state(&invitee(text)), UNKNOWN, "{text}");
        }
        assert!(!recorded.is_empty());
        assert_eq!(journal.entries().len(), 3 + recorded.len());
    }
    fs::remove_file(&path).unwrap();
}

#[cfg(unix)]
#[test]
fn rewritten_journal_keeps_access_and_links() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
    let (path, _, _) = version_1("access");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    // Only root can give a file away.
    let _ = chown(&path, Some(1), Some(1));
    let access = |path: &Path| {
        let metadata = fs::metadata(path).unwrap();
        (metadata.mode(), metadata.uid(), metadata.gid())
    };
    let before = access(&path);
    let link = path.with_extension("link");
    let _ = fs::remove_file(&link);
    symlink(&path, &link).unwrap();
    let mut journal = Journal::open(&link, &room(), None).unwrap();
    journal.begin(&invitee("dora@example.com"), "dora@example.com").unwrap();
    drop(journal);
    assert!(link.is_symlink());
    assert_eq!(access(&path), before);
    assert!(fs::read_to_string(&path).unwrap().contains("dora@example.com"));
    for path in [&link, &path] {
        fs::remove_file(path).unwrap();
    }
}
