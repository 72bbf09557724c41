//! Each way to break, seen from the client.

mod common;

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use common::*;
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
        stream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
        // The server may be gone before all is written.
        let _ = stream.write_all(self.setting.raw_invite().as_bytes());
        stream
    }

    /// All that comes before the end, and how often the world handled the request.
    fn answer(&self) -> (String, usize) {
        let mut answer = Vec::new();
        match self.send().read_to_end(&mut answer) {
            Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("{error}"),
            _ => (String::from_utf8(answer).unwrap(), self.setting.invitations()),
        }
    }

    /// So many bytes of an answer that never ends.
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

#[test]
fn closes_without_an_answer() {
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
fn stalls_until_the_client_gives_up() {
    let broken = Broken::new(Fault::Stall);
    let mut stream = broken.send();
    let error = stream.read(&mut [0]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
    assert_eq!(broken.setting.invitations(), 0);
    drop(stream);
    broken.works_again();
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
fn truncates_the_headers_of_an_empty_answer() {
    let broken = Broken::new(Fault::Truncate);
    broken.setting.world.answer_next(http::Response::default());
    let (answer, _) = broken.answer();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && !answer.contains("\r\n\r\n"), "{answer}");
}

#[test]
fn sends_garbage() {
    let broken = Broken::new(Fault::Garbage(b"SSH-2.0-nonsense\r\n".to_vec()));
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
fn faults_are_used_up_in_their_order() {
    let broken = Broken::new(Fault::Garbage(b"one".to_vec()));
    broken.server.fault_next(Fault::CloseOnAccept);
    broken.server.fault_next(Fault::Garbage(b"three".to_vec()));
    for expected in ["one", "", "three"] {
        assert_eq!(broken.answer().0, expected);
    }
    broken.works_again();
}

#[test]
fn dropping_the_server_ends_every_fault() {
    for fault in [Fault::Stall, Fault::TrickleHeaders, Fault::TrickleBody, Fault::EndlessBody] {
        let Broken { setting, server } = Broken::new(fault.clone());
        let mut stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
        stream.write_all(setting.raw_invite().as_bytes()).unwrap();
        // Nobody reads: an endless answer fills the buffers, and the server waits to write.
        std::thread::sleep(Duration::from_millis(100));
        let begun = Instant::now();
        drop(server);
        assert!(begun.elapsed() < Duration::from_secs(2), "{fault:?}: {:?}", begun.elapsed());
    }
}
