//! The peak memory of a process that gets the state of a large room is at most twice the body, body
//! included.
//!
//! Each measurement runs in a separate process, because Linux records the peak of a whole process.
#![cfg(target_os = "linux")]

use std::env;
use std::fs;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::net::TcpListener;
use std::process::Command;
use std::thread;

use http::Response;
use sdn_proto::client::{GetInvites, Invites};
use sdn_proto::{AccessToken, ApiError, Call, Node, RoomId, Session};

const BODY_BYTES: usize = 60_000_000;
/// The memory of the process without a response: its code, its threads, the runtime.
const OWN_BYTES: usize = 12_000_000;

/// The way in which the measured process gets its response: `parse`, `hyper` or `blocking`.
const READER: &str = "SDN_MEMORY_READER";
/// The name of a response for `parse`, the node's URL for the others.
const SOURCE: &str = "SDN_MEMORY_SOURCE";

/// A response that repeats one part in its body.
struct Answer {
    name: &'static str,
    status: u16,
    start: &'static str,
    repeated: &'static str,
    end: &'static str,
}

const ANSWERS: [Answer; 7] = [
    Answer { name: "empty objects", status: 200, start: "[", repeated: "{},", end: "{}]" },
    Answer {
        name: "members",
        status: 200,
        start: "[",
        repeated: r#"{"content":{"avatar_url":"mxc://node.example/GTVtnPaYQzPVjRNcpDBYzAcl","displayname":"Alice","membership":"join"},"event_id":"$Qb9ZkM3c8dpt0NyvJMKnxKkgNIx3gEWy3mxNxKm0n0I","origin_server_ts":1763888113000,"room_id":"!OGEhHVWSdvArJzumhm:node.example","sender":"@alice:node.example","state_key":"@alice:node.example","type":"m.room.member","unsigned":{"age":12345}},"#,
        end: "{}]",
    },
    Answer {
        name: "invited users",
        status: 200,
        start: "[",
        repeated: r#"{"content":{"displayname":"Bob","membership":"invite"},"event_id":"$Qb9ZkM3c8dpt0NyvJMKnxKkgNIx3gEWy3mxNxKm0n0I","origin_server_ts":1763888113000,"room_id":"!OGEhHVWSdvArJzumhm:node.example","sender":"@alice:node.example","state_key":"@bob:node.example","type":"m.room.member","unsigned":{"age":12345}},"#,
        end: "{}]",
    },
    Answer {
        name: "pending invitations",
        status: 200,
        start: "[",
        repeated: r#"{"content":{"display_name":"car...@exa...","key_validity_url":"https://id.example/_api/identity/v2/pubkey/isvalid","public_key":"mN6qmPE8hy5P5fkXx+fEblXFgj7CMVG8PQOEInHSWdU","public_keys":[{"key_validity_url":"https://id.example/_api/identity/v2/pubkey/isvalid","public_key":"mN6qmPE8hy5P5fkXx+fEblXFgj7CMVG8PQOEInHSWdU"},{"key_validity_url":"https://id.example/_api/identity/v2/pubkey/ephemeral/isvalid","public_key":"pg6VN8U0djRD3sknTnkMLVNWAucdgQ-X95yf210WAv8"}]},"event_id":"$Qb9ZkM3c8dpt0NyvJMKnxKkgNIx3gEWy3mxNxKm0n0I","origin_server_ts":1763888113000,"room_id":"!OGEhHVWSdvArJzumhm:node.example","sender":"@alice:node.example","state_key":"QKkPDtkzXuOvKxjjpndqzCswRUJdJtrjbIFHCpZdzEWOETergYysmbXxTvDPObMQAwjOdgXayupUPwLjxLGsjdJcdzMuuuQbQwrUDRTBdwaVxOfsqNovxzmkMFzrDRWS","type":"m.room.third_party_invite","unsigned":{"age":12345}},"#,
        end: "{}]",
    },
    Answer {
        name: "a long state key",
        status: 200,
        start: r#"[{"type":"m.room.member","sender":"@alice:node.example","state_key":"\n"#,
        repeated: "long ",
        end: r#"","content":{"membership":"invite"}}]"#,
    },
    Answer {
        name: "a long message",
        status: 403,
        start: r#"{"errcode":"M_FORBIDDEN","error":"\n"#,
        repeated: "long ",
        end: r#""}"#,
    },
    Answer {
        name: "a long code",
        status: 403,
        start: r#"{"errcode":"M_\n"#,
        repeated: "LONG_",
        end: r#""}"#,
    },
];

impl Answer {
    fn named(name: &str) -> &'static Self {
        ANSWERS.iter().find(|answer| answer.name == name).unwrap()
    }

    fn times(&self) -> usize {
        (BODY_BYTES - self.start.len() - self.end.len()) / self.repeated.len()
    }

    fn length(&self) -> usize {
        self.start.len() + self.times() * self.repeated.len() + self.end.len()
    }

    fn write(&self, to: &mut impl Write) -> io::Result<()> {
        to.write_all(self.start.as_bytes())?;
        (0..self.times()).try_for_each(|_| to.write_all(self.repeated.as_bytes()))?;
        to.write_all(self.end.as_bytes())
    }
}

#[test]
fn parsing_needs_twice_the_body() {
    for answer in &ANSWERS {
        check(answer, "parse", answer.name);
    }
}

#[test]
fn hyper_needs_twice_the_body() {
    for name in ["members", "a long message"] {
        check(Answer::named(name), "hyper", &serve(Answer::named(name)));
    }
}

#[test]
fn blocking_needs_twice_the_body() {
    for name in ["members", "a long message"] {
        check(Answer::named(name), "blocking", &serve(Answer::named(name)));
    }
}

/// Serves the response to one request, and returns the URL of the node.
fn serve(answer: &'static Answer) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let head = BufReader::new(&stream).lines().map_while(Result::ok);
        head.take_while(|line| !line.is_empty()).for_each(drop);
        let mut stream = BufWriter::new(&stream);
        let (status, length) = (answer.status, answer.length());
        write!(stream, "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\n\r\n").unwrap();
        answer.write(&mut stream).unwrap();
        stream.flush().unwrap();
    });
    url
}

/// Measures in a separate process.
fn check(answer: &Answer, reader: &str, source: &str) {
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "--ignored", "--nocapture", "measured"])
        .env(READER, reader)
        .env(SOURCE, source)
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    let Some((_, line)) = printed.lines().find_map(|line| line.split_once(PRINTED)) else {
        panic!("{}, {reader}: {output:?}", answer.name)
    };
    println!("{}, {reader}: {line}", answer.name);
    let peak: usize = line.split(' ').next().unwrap().parse().unwrap();
    let bound = 2 * answer.length() + OWN_BYTES;
    assert!(peak <= bound, "{}, {reader}: {peak} bytes", answer.name);
}

/// The text before the peak in the output of the measured process.
const PRINTED: &str = "peak memory: ";

#[test]
#[ignore = "the tests above run it in a separate process"]
fn measured() {
    let source = env::var(SOURCE).unwrap();
    let result = match env::var(READER).unwrap().as_str() {
        "parse" => parse(Answer::named(&source)),
        "hyper" => send_by_hyper(&source),
        "blocking" => send_by_blocking(&source),
        other => panic!("{other}"),
    };
    let found = match &result {
        Ok(found) => format!("{} invited, {} pending", found.invited.len(), found.pending.len()),
        Err(error) => error.status().to_string(),
    };
    println!("{PRINTED}{} bytes; {found}", peak_bytes());
}

fn parse(answer: &Answer) -> Result<Invites, ApiError> {
    let mut body = Vec::with_capacity(answer.length());
    answer.write(&mut body).unwrap();
    let response = Response::builder().status(answer.status).body(body).unwrap();
    GetInvites::parse_response(&response)
}

fn send_by_hyper(node: &str) -> Result<Invites, ApiError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = sdn_hyper::Client::new();
    let sent = runtime.block_on(client.send(&session(node), &call()));
    sent.map_err(|error| error.api_error().cloned().unwrap())
}

fn send_by_blocking(node: &str) -> Result<Invites, ApiError> {
    let sent = sdn_blocking::Client::new().send(&session(node), &call());
    sent.map_err(|error| error.api_error().cloned().unwrap())
}

fn session(node: &str) -> Session {
    Node::new(node).unwrap().session(AccessToken::new("syt_secret").unwrap())
}

fn call() -> GetInvites {
    GetInvites::new(RoomId::new("!room:node.example").unwrap())
}

fn peak_bytes() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kibibytes: usize = line.trim().strip_suffix(" kB").unwrap().parse().unwrap();
    kibibytes << 10
}
