//! The loopback server, over a bare TCP stream.

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use common::*;
use sdn_testkit::Server;

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream
}

/// Sends the bytes, and reads until the server closes.
fn exchange(server: &Server, request: &[u8]) -> String {
    let mut stream = connect(server);
    stream.write_all(request).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8(answer).unwrap()
}

/// Reads one response that has a `content-length`.
fn read_answer(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&answer);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.split("content-length: ").nth(1).unwrap();
            if body.len() >= length.lines().next().unwrap().parse().unwrap() {
                return text.into_owned();
            }
        }
        let mut byte = [0];
        assert_eq!(stream.read(&mut byte).unwrap(), 1, "closed after {text:?}");
        answer.push(byte[0]);
    }
}

#[test]
fn invites_over_http() {
    let setting = Setting::new();
    let server = setting.world.serve().unwrap();
    assert_eq!(server.base_url(), format!("http://127.0.0.1:{}", server.port()));
    assert!(server.ca_pem().is_none());
    let answer = read_answer_to(&server, &setting.raw_invite());
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n{}"), "{answer}");
    assert_eq!(setting.invitations(), 1);
}

fn read_answer_to(server: &Server, request: &str) -> String {
    let mut stream = connect(server);
    stream.write_all(request.as_bytes()).unwrap();
    read_answer(&mut stream)
}

#[test]
fn connections_are_kept_and_counted() {
    let setting = Setting::new();
    let server = setting.world.serve().unwrap();
    let mut stream = connect(&server);
    for _ in 0..3 {
        stream.write_all(setting.raw_invite().as_bytes()).unwrap();
        assert!(read_answer(&mut stream).starts_with("HTTP/1.1 200"));
    }
    assert_eq!(server.connections(), 1);
    assert_eq!(setting.invitations(), 3);
    read_answer_to(&server, &setting.raw_invite());
    assert_eq!(server.connections(), 2);
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let setting = Setting::new();
    let server = setting.world.serve().unwrap();
    let requests =
        "GET /_api/client/versions HTTP/1.1\r\n\r\nGET /nope HTTP/1.1\r\nconnection: close\r\n\r\n";
    let answer = exchange(&server, requests.as_bytes());
    let first = answer.find("HTTP/1.1 200 OK").unwrap();
    assert!(answer.find("HTTP/1.1 404 Not Found").unwrap() > first, "{answer}");
}

#[test]
fn chunked_bodies_are_joined() {
    let setting = Setting::new();
    let server = setting.world.serve().unwrap();
    let body = setting.by_email("carol@example.com").to_string();
    let (one, two) = body.split_at(20);
    let request = format!(
        "POST {} HTTP/1.1\r\nauthorization: Bearer {}\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n\
         14;x=y\r\n{one}\r\n{:X}\r\n{two}\r\n0\r\ntrailer: x\r\n\r\n",
        setting.invite_path(),
        setting.token,
        two.len()
    );
    let answer = exchange(&server, request.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert_eq!(setting.world.requests()[0].body, body);
}

#[test]
fn continue_is_sent_before_body() {
    let setting = Setting::new();
    let server = setting.world.serve().unwrap();
    let request = setting.raw_invite().replace("\r\n\r\n", "\r\nexpect: 100-continue\r\n\r\n");
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut stream = connect(&server);
    stream.write_all(format!("{head}\r\n\r\n").as_bytes()).unwrap();
    let mut interim = [0; 25];
    stream.read_exact(&mut interim).unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(body.as_bytes()).unwrap();
    assert!(read_answer(&mut stream).starts_with("HTTP/1.1 200"));
}

#[test]
fn requests_in_single_bytes_are_understood() {
    let setting = Setting::new();
    let server = setting.world.serve().unwrap();
    let mut stream = connect(&server);
    for byte in setting.raw_invite().bytes() {
        stream.write_all(&[byte]).unwrap();
    }
    assert!(read_answer(&mut stream).starts_with("HTTP/1.1 200"));
}

#[test]
fn bad_request_closes_connection() {
    let setting = Setting::new();
    let server = setting.world.serve().unwrap();
    let post = "POST /_api/client/versions HTTP/1.1\r\n";
    for (request, status) in [
        ("nonsense\r\n\r\n".to_owned(), 400),
        ("GET /\u{1} HTTP/1.1\r\n\r\n".to_owned(), 400),
        (format!("{post}content-length: x\r\n\r\n"), 400),
        (format!("{post}content-length: +1\r\n\r\n"), 400),
        (format!("{post}content-length: 1\r\ncontent-length: 2\r\n\r\n"), 400),
        (format!("{post}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n"), 400),
        (format!("{post}transfer-encoding: gzip\r\n\r\n"), 400),
        (format!("{post}transfer-encoding: chunked\r\n\r\nxyz\r\n"), 400),
        (format!("{post}transfer-encoding: chunked\r\n\r\n1\r\nabc"), 400),
        (format!("{post}transfer-encoding: chunked\r\n\r\n{}", "1".repeat(4000)), 400),
        (format!("{post}transfer-encoding: chunked\r\n\r\nffffffffffffffff\r\n"), 413),
        (format!("{post}content-length: 99999999\r\n\r\n"), 413),
        (format!("{post}content-length: 99999999\r\nexpect: 100-continue\r\n\r\n"), 413),
        (format!("GET / HTTP/1.1\r\n{}\r\n", "x: y\r\n".repeat(200)), 431),
        (format!("GET / HTTP/1.1\r\nx: {}", "y".repeat(200_000)), 431),
    ] {
        let answer = exchange(&server, request.as_bytes());
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{:.80}: {answer}", request);
        assert!(answer.contains("connection: close\r\n"), "{answer}");
    }
    assert!(setting.world.requests().is_empty());
}

#[test]
fn http_1_0_is_closed_unless_asked() {
    let setting = Setting::new();
    let server = setting.world.serve().unwrap();
    let answer = exchange(&server, b"GET /_api/client/versions HTTP/1.0\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
}

#[test]
fn head_and_options_have_no_body() {
    let setting = Setting::new();
    let server = setting.world.serve().unwrap();
    for (method, status) in [("HEAD", "405"), ("OPTIONS", "204")] {
        let request =
            format!("{method} {} HTTP/1.1\r\nconnection: close\r\n\r\n", setting.invite_path());
        let answer = exchange(&server, request.as_bytes());
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        assert!(answer.ends_with("\r\n\r\n"), "{answer}");
    }
}

#[test]
fn canned_responses_have_correct_length() {
    let setting = Setting::new();
    let server = setting.world.serve().unwrap();
    let response = http::Response::builder()
        .status(302)
        .header("location", "http://127.0.0.1:1/")
        .header("content-length", "999")
        .body("moved".into())
        .unwrap();
    setting.world.respond_next(response);
    let answer = read_answer_to(&server, &setting.raw_invite());
    assert!(
        answer.starts_with("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\n"),
        "{answer}"
    );
    assert!(answer.contains("content-length: 5\r\n") && !answer.contains("999"), "{answer}");
}

#[test]
fn many_connections_at_once() {
    let setting = Setting::new();
    let server = setting.world.serve().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..40 {
            scope.spawn(|| {
                assert!(read_answer_to(&server, &setting.raw_invite()).contains("200 OK"))
            });
        }
    });
    assert_eq!((server.connections(), setting.invitations()), (40, 40));
}

#[test]
fn connections_over_the_limit_are_closed() {
    let setting = Setting::new();
    let server = setting.world.serve().unwrap();
    let open: Vec<_> = (0..256).map(|_| connect(&server)).collect();
    while server.connections() < 256 {
        std::thread::sleep(Duration::from_millis(5));
    }
    let mut one_too_many = connect(&server);
    assert_eq!(one_too_many.read(&mut [0]).unwrap(), 0);
    drop(open);
}

#[test]
fn dropped_server_closes_all_connections() {
    let setting = Setting::new();
    let server = setting.world.serve().unwrap();
    let port = server.port();
    let mut idle = connect(&server);
    let mut halfway = connect(&server);
    halfway.write_all(b"POST / HTTP/1.1\r\ncontent-le").unwrap();
    while server.connections() < 2 {
        std::thread::sleep(Duration::from_millis(5));
    }
    let begun = Instant::now();
    drop(server);
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    for stream in [&mut idle, &mut halfway] {
        assert!(matches!(stream.read(&mut [0]), Ok(0) | Err(_)));
    }
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}
