//! Ctrl-C while a list is worked off.
#![cfg(unix)]

mod common;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use common::list::{from, journal, list, yes};
use common::{Ran, RawServer, answer, run, unreachable_url};

fn interrupt(id: u32) {
    let id = id.to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
}

fn wait_for(mut is_there: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !is_there() {
        assert!(Instant::now() < deadline);
        thread::sleep(Duration::from_millis(5));
    }
}

fn has(journal: &Path, text: &str) -> bool {
    fs::read_to_string(journal).is_ok_and(|journal| journal.contains(text))
}

/// A run that was interrupted after its first invitation had come to us, which is yet to be answered.
fn interrupted_under_way(list: &Path) -> (Child, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let mut command = from(list, &url);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (stream, _) = listener.accept().unwrap();
    wait_for(|| has(&journal(list), "sending"));
    interrupt(child.id());
    thread::sleep(Duration::from_millis(200));
    (child, stream)
}

#[test]
fn what_is_under_way_is_finished_first() {
    let list = list("finished", "a@example.com\nb@example.com\n");
    let (child, mut stream) = interrupted_under_way(&list);
    stream.write_all(yes().as_bytes()).unwrap();
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.status, 130, "{ran:?}");
    assert_eq!(ran.stdout, "invited   a@example.com\n");
    assert!(ran.stderr.contains("finishing the invitation under way"), "{ran:?}");
    assert!(ran.stderr.ends_with("the same command goes on from here\n"), "{ran:?}");

    let server = RawServer::start(&[&yes()]);
    let ran = run(&mut from(&list, &server.url));
    assert_eq!((ran.status, &*ran.stdout), (0, "invited   b@example.com\n"), "{ran:?}");
}

#[test]
fn what_would_have_to_wait_is_not_waited_for() {
    let limit = answer("429 Too Many Requests", "retry-after: 3000\r\n", "{}");
    for (name, invitee) in [("limit-user", "@a:node.example"), ("limit-mail", "a@example.com")] {
        let list = list(name, &format!("{invitee}\n"));
        let (child, mut stream) = interrupted_under_way(&list);
        stream.write_all(limit.as_bytes()).unwrap();
        let ran = Ran::from(child.wait_with_output().unwrap());
        assert_eq!((ran.status, &*ran.stdout), (130, ""), "{ran:?}");
        assert!(has(&journal(&list), r#""outcome":"not_sent""#));
    }
}

#[test]
fn twice_it_ends_at_once_and_the_outcome_is_unknown() {
    let list = list("twice", "a@example.com\n");
    let (child, _stream) = interrupted_under_way(&list);
    interrupt(child.id());
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!((ran.status, &*ran.stdout), (130, ""), "{ran:?}");
    let ran = run(&mut from(&list, &unreachable_url()));
    assert_eq!((ran.status, &*ran.stdout), (3, ""), "{ran:?}");
}

#[test]
fn while_it_waits_it_ends_at_once_and_nothing_is_unknown() {
    let list = list("waits", "@a:node.example\nb@example.com\n");
    let limit = answer("429 Too Many Requests", "retry-after: 3000\r\n", "{}");
    for after in [&[][..], &[yes()]] {
        let mut answers: Vec<&str> = after.iter().map(|answer| &**answer).collect();
        answers.push(&limit);
        let server = RawServer::start(&answers);
        let mut command = from(&list, &server.url);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut told = String::new();
        while !told.contains("waiting 3000 s\n") {
            assert_ne!(stderr.read_line(&mut told).unwrap(), 0, "{told}");
        }
        let wanted = if after.is_empty() { "@a:node.example" } else { "b@example.com" };
        let note = format!(r#"{{"invitee":"{wanted}","outcome":"not_sent"}}"#);
        assert!(has(&journal(&list), &note));
        interrupt(child.id());
        let ran = Ran::from(child.wait_with_output().unwrap());
        assert_eq!(ran.status, 130, "{ran:?}");
        stderr.read_to_string(&mut told).unwrap();
        assert!(told.ends_with("the same command goes on from here\n"), "{told}");
    }
    let server = RawServer::start(&[&yes()]);
    let ran = run(&mut from(&list, &server.url));
    assert_eq!((ran.status, &*ran.stdout), (0, "invited   b@example.com\n"), "{ran:?}");
}

/// As one behind `less`, or a terminal that was stopped with Ctrl-S.
#[test]
fn a_reader_who_does_not_read_does_not_keep_it() {
    // More than a pipe holds.
    let rows: String =
        (0..500).map(|row| format!("@{}{row}:a.example\n", "a".repeat(200))).collect();
    let list = list("unread", &rows);
    let answers = vec![yes(); 500];
    let server = RawServer::start(&answers.iter().map(|answer| &**answer).collect::<Vec<_>>());
    let mut command = from(&list, &server.url);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let noted = || fs::metadata(journal(&list)).map_or(0, |metadata| metadata.len());
    let mut before = 0;
    wait_for(|| {
        thread::sleep(Duration::from_millis(300));
        let has_stopped = noted() > 0 && noted() == before;
        before = noted();
        has_stopped
    });
    interrupt(child.id());
    thread::sleep(Duration::from_millis(200));
    interrupt(child.id());
    let mut child = child;
    wait_for(|| child.try_wait().unwrap().is_some());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let mut told = String::new();
    child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    assert!(told.ends_with("the same command goes on from here\n"), "{told}");
}
