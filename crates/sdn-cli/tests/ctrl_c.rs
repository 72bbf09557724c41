//! Ctrl-C while a list is invited.
#![cfg(unix)]

mod common;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use common::list::{from, journal, list, yes};
use common::{Ran, answer, run, unreachable_url};
use sdn_testkit::script::serve_in_turn;

/// A run of the command, and its messages so far.
struct Run {
    child: Child,
    stderr: BufReader<ChildStderr>,
    messages: String,
}

impl Run {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        Self { child, stderr, messages: String::new() }
    }

    /// Starts a run, and interrupts it after its first invitation has arrived, before the response.
    fn interrupted_under_way(list: &Path) -> (Self, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut run = Self::start(&mut from(list, &url));
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"}") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            request.extend(byte);
        }
        run.interrupt();
        run.listen_for("finishing the current invitation");
        (run, stream)
    }

    fn interrupt(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    }

    fn listen_for(&mut self, text: &str) {
        while !self.messages.contains(text) {
            assert_ne!(self.stderr.read_line(&mut self.messages).unwrap(), 0, "{}", self.messages);
        }
    }

    fn end(mut self) -> Ran {
        self.stderr.read_to_string(&mut self.messages).unwrap();
        Ran { stderr: self.messages, ..Ran::from(self.child.wait_with_output().unwrap()) }
    }
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

#[test]
fn ctrl_c_finishes_current_invitation() {
    let list = list("finished", "a@example.com\nb@example.com\n");
    let (interrupted, mut stream) = Run::interrupted_under_way(&list);
    stream.write_all(yes().as_bytes()).unwrap();
    let ran = interrupted.end();
    assert_eq!(ran.status, 130, "{ran:?}");
    assert_eq!(ran.stdout, "invited   a@example.com\n");
    assert!(ran.stderr.ends_with("the same command continues from here\n"), "{ran:?}");

    let server = serve_in_turn(&[&yes()]);
    let ran = run(&mut from(&list, &server.base_url()));
    assert_eq!((ran.status, &*ran.stdout), (0, "invited   b@example.com\n"), "{ran:?}");
}

#[test]
fn ctrl_c_skips_rate_limit_wait() {
    let limit = answer("429 Too Many Requests", "retry-after: 3000\r\n", "{}");
    for (name, invitee) in [("limit-user", "@a:node.example"), ("limit-mail", "a@example.com")] {
        let list = list(name, &format!("{invitee}\n"));
        let (interrupted, mut stream) = Run::interrupted_under_way(&list);
        stream.write_all(limit.as_bytes()).unwrap();
        let ran = interrupted.end();
        assert_eq!((ran.status, &*ran.stdout), (130, ""), "{ran:?}");
        assert!(has(&journal(&list), r#""outcome":"not_sent""#));
    }
}

#[test]
fn second_ctrl_c_leaves_outcome_unknown() {
    let list = list("twice", "a@example.com\n");
    let (interrupted, _stream) = Run::interrupted_under_way(&list);
    interrupted.interrupt();
    let ran = interrupted.end();
    assert_eq!((ran.status, &*ran.stdout), (130, ""), "{ran:?}");
    let ran = run(&mut from(&list, &unreachable_url()));
    assert_eq!((ran.status, &*ran.stdout), (3, ""), "{ran:?}");
}

#[test]
fn interrupted_wait_leaves_nothing_unknown() {
    let list = list("waits", "@a:node.example\nb@example.com\n");
    let limit = answer("429 Too Many Requests", "retry-after: 3000\r\n", "{}");
    for after in [&[][..], &[yes()]] {
        let mut answers: Vec<&str> = after.iter().map(|answer| &**answer).collect();
        answers.push(&limit);
        let server = serve_in_turn(&answers);
        let mut waiting = Run::start(&mut from(&list, &server.base_url()));
        waiting.listen_for("waiting 3000 s\n");
        let wanted = if after.is_empty() { "@a:node.example" } else { "b@example.com" };
        let note = format!(r#"{{"invitee":"{wanted}","outcome":"not_sent","#);
        assert!(has(&journal(&list), &note));
        waiting.interrupt();
        let ran = waiting.end();
        assert_eq!(ran.status, 130, "{ran:?}");
        assert!(ran.stderr.ends_with("the same command continues from here\n"), "{ran:?}");
    }
    let server = serve_in_turn(&[&yes()]);
    let ran = run(&mut from(&list, &server.base_url()));
    assert_eq!((ran.status, &*ran.stdout), (0, "invited   b@example.com\n"), "{ran:?}");
}

#[test]
fn interrupted_look_stays_unknown() {
    let list = list("look-waits", "a@example.com\n");
    let me = answer("200 OK", "", r#"{"user_id":"@alice:node.example"}"#);
    let limit = answer("429 Too Many Requests", "retry-after: 3000\r\n", "{}");
    // The connection is lost during the invitation, and then the room's state is rate-limited.
    let server = serve_in_turn(&[&me, &answer("200 OK", "", "[]"), "", &limit]);
    let mut waiting = Run::start(from(&list, &server.base_url()).arg("--look"));
    waiting.listen_for("waiting 3000 s\n");
    assert!(!has(&journal(&list), r#""outcome":"not_sent""#));
    waiting.interrupt();
    assert_eq!(waiting.end().status, 130);
    let ran = run(&mut from(&list, &unreachable_url()));
    assert_eq!((ran.status, &*ran.stdout), (3, ""), "{ran:?}");
}

/// `less` blocks like this, and a terminal that was stopped with Ctrl-S.
#[test]
fn ctrl_c_ends_despite_blocked_reader() {
    // More than the buffer of a pipe.
    let rows: String =
        (0..500).map(|row| format!("@{}{row}:a.example\n", "a".repeat(200))).collect();
    let list = list("unread", &rows);
    let answers = vec![yes(); 500];
    let server = serve_in_turn(&answers.iter().map(|answer| &**answer).collect::<Vec<_>>());
    let mut unread = Run::start(&mut from(&list, &server.base_url()));
    let journal_length = || fs::metadata(journal(&list)).map_or(0, |metadata| metadata.len());
    let mut before = 0;
    wait_for(|| {
        thread::sleep(Duration::from_millis(300));
        let has_stopped = journal_length() > 0 && journal_length() == before;
        before = journal_length();
        has_stopped
    });
    // Do not wait for a message here: if there was none, the test would never end.
    unread.interrupt();
    thread::sleep(Duration::from_millis(500));
    unread.interrupt();
    wait_for(|| unread.child.try_wait().unwrap().is_some());
    let ran = unread.end();
    assert_eq!(ran.status, 130, "{}", ran.stderr);
    assert!(ran.stderr.ends_with("the same command continues from here\n"), "{}", ran.stderr);
}
