//! Each fault, as a client sees it.

mod common;

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use common::*;
use http::StatusCode;
use sdn_testkit::{Fault, Server};

struct Broken {
    setting: Setting,
    server: Server,
}

impl Broken {
    fn new(fault: Fault) -> Self {
        let setting = Setting::new();
        let server = setting.world.serve().unwrap();
        server.fault_next(fault);
        Broken { setting, server }
    }

    fn send(&self) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", self.server.port())).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        // The server may close before all is written.
        let _ = stream.write_all(self.setting.raw_invite().as_bytes());
        stream
    }

    /// Returns all bytes until the end, and how often the world handled the request.
    fn answer(&self) -> (String, usize) {
        let mut answer = Vec::new();
        match self.send().read_to_end(&mut answer) {
            Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("{error}"),
            _ => (String::from_utf8(answer).unwrap(), self.setting.invitations()),
        }
    }

    /// Returns some bytes of an endless response.
    fn beginning(&self, length: usize) -> String {
        let mut answer = vec![0; length];
        self.send().read_exact(&mut answer).unwrap();
        String::from_utf8(answer).unwrap()
    }

    fn works_again(&self) {
        let mut answer = [0; 12];
        self.send().read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
    }
}

/// Reads one complete response on a connection that may be kept.
fn next_answer(stream: &mut TcpStream) -> String {
    let mut answer = String::new();
    let body = |answer: &str| {
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let (_, length) = head.split_once("content-length: ")?;
        Some((body.len(), length.lines().next()?.parse::<usize>().ok()?))
    };
    while body(&answer).is_none_or(|(read, length)| read < length) {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        answer.push(byte[0].into());
    }
    answer
}

/// Waits until a condition is true, for at most a minute.
fn wait_until(holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it does not happen");
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn garbage(bytes: &[u8], handled: bool) -> Fault {
    Fault::Garbage { bytes: bytes.to_vec(), handled }
}

#[test]
fn close_without_response() {
    for (fault, handled) in [
        (Fault::CloseOnAccept, 0),
        (Fault::CloseBeforeRequest, 0),
        (Fault::CloseAfterRequest { handled: false }, 0),
        (Fault::CloseAfterRequest { handled: true }, 1),
    ] {
        let broken = Broken::new(fault.clone());
        assert_eq!(broken.answer(), (String::new(), handled), "{fault:?}");
        broken.works_again();
    }
}

#[test]
fn stall_lasts_until_client_closes() {
    let broken = Broken::new(Fault::Stall { handled: false });
    let mut stream = broken.send();
    stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    let error = stream.read(&mut [0]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
    assert_eq!(broken.setting.invitations(), 0);
    drop(stream);
    broken.works_again();
}

#[test]
fn stall_after_handling() {
    let broken = Broken::new(Fault::Stall { handled: true });
    let mut stream = broken.send();
    wait_until(|| broken.setting.invitations() == 1);
    stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    stream.read(&mut [0]).unwrap_err();
    broken.works_again();
}

#[test]
fn close_after_response_may_be_announced() {
    for announced in [true, false] {
        let broken = Broken::new(Fault::CloseAfterAnswer { announced });
        let (answer, handled) = broken.answer();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("{}"), "{answer}");
        assert_eq!(answer.contains("connection: close"), announced, "{answer}");
        assert_eq!(handled, 1);
        broken.works_again();
    }
}

#[test]
fn late_handling_or_response() {
    let delay = Duration::from_millis(200);
    for (fault, handled_at_once) in [(Fault::HandleLate(delay), 0), (Fault::AnswerLate(delay), 1)] {
        let broken = Broken::new(fault.clone());
        let begun = Instant::now();
        let mut stream = broken.send();
        std::thread::sleep(delay / 2);
        assert_eq!(broken.setting.invitations(), handled_at_once, "{fault:?}");
        assert!(next_answer(&mut stream).ends_with("{}"));
        assert!(begun.elapsed() >= delay);
        assert_eq!(broken.setting.invitations(), 1);
        // The connection is kept.
        stream.write_all(broken.setting.raw_invite().as_bytes()).unwrap();
        assert!(next_answer(&mut stream).ends_with("{}"));
        assert_eq!(broken.server.connections(), 1);
    }
}

#[test]
fn late_handling_without_client() {
    let broken = Broken::new(Fault::HandleLate(Duration::from_millis(100)));
    drop(broken.send());
    wait_until(|| broken.setting.invitations() == 1);
}

#[test]
fn proxy_page_keeps_connection() {
    for handled in [true, false] {
        let status = StatusCode::BAD_GATEWAY;
        let broken = Broken::new(Fault::Page { status, handled });
        let mut stream = broken.send();
        let page = next_answer(&mut stream);
        assert!(page.starts_with("HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html"), "{page}");
        assert!(page.contains("<h1>Bad Gateway</h1>"), "{page}");
        assert_eq!(broken.setting.invitations(), usize::from(handled));
        stream.write_all(broken.setting.raw_invite().as_bytes()).unwrap();
        assert!(next_answer(&mut stream).ends_with("{}"));
    }
}

#[test]
fn rate_limit_fault_refuses() {
    let broken = Broken::new(Fault::LimitExceeded(Duration::ZERO));
    let answer = next_answer(&mut broken.send());
    assert!(answer.starts_with("HTTP/1.1 429 ") && answer.contains("\r\nretry-after: 0\r\n"));
    assert!(answer.contains(r#""errcode":"M_LIMIT_EXCEEDED""#), "{answer}");
    assert_eq!(broken.setting.invitations(), 0);
}

#[test]
fn random_faults_break_a_share() {
    let setting = Setting::new();
    let server = setting.world.serve().unwrap();
    server.fault_at_random(1, 1.0);
    let broken = Broken { setting, server };
    for number in 1..=50 {
        let _stream = broken.send();
        wait_until(|| broken.server.faults() >= number);
    }
    assert_eq!(broken.server.faults(), 50, "one for each exchange");
    assert!(broken.setting.invitations() < 50, "some are broken before they are handled");
    broken.server.fault_at_random(1, 0.0);
    let count = broken.server.faults();
    broken.works_again();
    assert_eq!(broken.server.faults(), count);
}

#[test]
fn truncates_the_body() {
    let broken = Broken::new(Fault::Truncate);
    let (answer, handled) = broken.answer();
    assert!(answer.contains("content-length: 2\r\n") && answer.ends_with("\r\n\r\n{"), "{answer}");
    assert_eq!(handled, 1);
    broken.works_again();
}

#[test]
fn empty_response_is_truncated_in_headers() {
    let broken = Broken::new(Fault::Truncate);
    broken.setting.world.respond_next(http::Response::default());
    let (answer, _) = broken.answer();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && !answer.contains("\r\n\r\n"), "{answer}");
}

#[test]
fn sends_garbage() {
    let broken = Broken::new(garbage(b"SSH-2.0-nonsense\r\n", false));
    assert_eq!(broken.answer(), ("SSH-2.0-nonsense\r\n".to_owned(), 0));
    broken.works_again();
}

#[test]
fn headers_never_end() {
    let broken = Broken::new(Fault::TrickleHeaders);
    assert_eq!(broken.beginning(33), "HTTP/1.1 200 OK\r\nx-trickle: aaaaa");
    broken.works_again();

    let broken = Broken::new(Fault::EndlessHeaders);
    let answer = broken.beginning(1 << 20);
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\nx-endless: ") && !answer.contains("\r\n\r\n"));
    broken.works_again();
}

#[test]
fn body_never_ends() {
    let broken = Broken::new(Fault::TrickleBody);
    assert!(broken.beginning(56).ends_with("\r\n\r\n     "));
    broken.works_again();

    let broken = Broken::new(Fault::EndlessBody);
    let answer = broken.beginning(1 << 22);
    assert!(answer.contains("\r\ntransfer-encoding: chunked\r\n\r\n1000\r\n"));
    assert_eq!(broken.setting.invitations(), 1);
    broken.works_again();
}

#[test]
fn faults_are_used_in_order() {
    let broken = Broken::new(garbage(b"one", true));
    broken.server.fault_next(Fault::CloseOnAccept);
    broken.server.fault_next(garbage(b"three", false));
    for expected in ["one", "", "three"] {
        assert_eq!(broken.answer().0, expected);
    }
    broken.works_again();
}

#[test]
fn dropped_server_ends_every_fault() {
    for fault in [
        Fault::Stall { handled: true },
        Fault::TrickleHeaders,
        Fault::TrickleBody,
        Fault::EndlessBody,
    ] {
        let Broken { setting, server } = Broken::new(fault.clone());
        let mut stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
        stream.write_all(setting.raw_invite().as_bytes()).unwrap();
        // The client does not read: an endless response fills the buffers, and the server waits to write.
        std::thread::sleep(Duration::from_millis(100));
        let begun = Instant::now();
        drop(server);
        assert!(begun.elapsed() < Duration::from_secs(2), "{fault:?}: {:?}", begun.elapsed());
    }
}
