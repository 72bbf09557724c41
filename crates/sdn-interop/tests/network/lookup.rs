//! Name servers that do not respond.
//!
//! The system's lookup cannot be interrupted, and takes 20 seconds here.

use std::io::Read;
use std::net::UdpSocket;
use std::path::Path;
use std::process::{self, Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use bytes::Bytes;
use http::Request;
use sdn_proto::{Outgoing, TransportErrorKind};
use sdn_testkit::suite::ClientSettings;

use crate::command::sdn;
use crate::isolated::{isolated, run};
use crate::transports;

/// A process that takes longer has waited for the lookup.
const AT_ONCE: Duration = Duration::from_secs(1);
const NODE: &[&str] = &["--node", "https://node.example", "--timeout", "2"];

/// Sends the system's lookups to a name server that receives them and does not respond.
fn silence() -> UdpSocket {
    let server = UdpSocket::bind("127.0.0.1:53").unwrap();
    for (file, text) in [
        ("/etc/resolv.conf", "nameserver 127.0.0.1\noptions timeout:10 attempts:2\n"),
        ("/etc/nsswitch.conf", "hosts: files dns\n"),
    ] {
        if !Path::new(file).exists() {
            continue;
        }
        let own = env::temp_dir().join(format!("sdn-test-{}", process::id()));
        fs::write(&own, text).unwrap();
        run("mount", &["--bind", own.to_str().unwrap(), file]);
        fs::remove_file(own).unwrap();
    }
    server
}

fn has_queries(server: &UdpSocket) -> bool {
    server.set_nonblocking(true).unwrap();
    server.recv(&mut [0; 512]).is_ok()
}

/// A run of the command, with its output until now.
struct Run {
    child: Child,
    printed: String,
    /// The time of its last output.
    last: Instant,
}

impl Run {
    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", r#"exec "$@" 2>&1"#, "sh"]).arg(sdn()).args(arguments).args(NODE);
        command.env("SDN_ACCESS_TOKEN", "secret").env("SDN_ID_ACCESS_TOKEN", "secret");
        command.env("SDN_INVITE_KEY", "A".repeat(43));
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        Self { child, printed: String::new(), last: Instant::now() }
    }

    /// Reads its output up to `text`, or to the end.
    fn read_to(&mut self, text: &str) {
        let stdout = self.child.stdout.as_mut().unwrap();
        let mut bytes = [0; 4096];
        while !self.printed.contains(text) {
            let count = stdout.read(&mut bytes).unwrap();
            if count == 0 {
                return;
            }
            self.last = Instant::now();
            self.printed.push_str(&String::from_utf8_lossy(&bytes[..count]));
        }
    }

    /// Waits for its end, and also returns the time between its last output and its end.
    fn end(mut self) -> (ExitStatus, String, Duration) {
        self.read_to("\0");
        let status = self.child.wait().unwrap();
        (status, self.printed, self.last.elapsed())
    }
}

#[test]
#[ignore = "needs a separate network: .ci/run network"]
fn command_exits_during_lookup() {
    sdn();
    isolated("lookup::command_exits_during_lookup", || {
        let server = silence();
        let room = "!room:node.example";
        let commands: [&[&str]; 8] = [
            &["invite", room, "bob@example.com", "--id-server", "id.example"],
            &["invite", room, "@bob:node.example", "--json"],
            &["whoami"],
            &["whoami", "--json"],
            &["pending", room],
            &["revoke", room, "token"],
            &["accept", room, "token", "--sender", "@a:node.example", "--id-server", "id.example"],
            &["whois", "bob@example.com", "--id-server", "id.example"],
        ];
        let runs = commands.map(|arguments| (arguments, Run::start(arguments)));
        thread::scope(|scope| {
            for (arguments, run) in runs {
                scope.spawn(move || {
                    let (status, printed, later) = run.end();
                    assert!(later < AT_ONCE, "{arguments:?}: {later:?} after {printed}");
                    assert_eq!(status.code(), Some(1), "{arguments:?}: {printed}");
                    assert!(printed.contains("connect timeout"), "{arguments:?}: {printed}");
                });
            }
        });
        assert!(has_queries(&server));
    });
}

#[test]
#[ignore = "needs a separate network: .ci/run network"]
fn interrupted_command_exits_during_lookup() {
    sdn();
    isolated("lookup::interrupted_command_exits_during_lookup", || {
        let server = silence();
        let mut invite = Run::start(&["invite", "!room:node.example", "@bob:node.example"]);
        // From here on an invitation is in flight, and Ctrl-C lets it end.
        while !has_queries(&server) {
            thread::sleep(Duration::from_millis(5));
        }
        run("kill", &["-INT", &invite.child.id().to_string()]);
        invite.read_to("finishing");
        let (status, printed, later) = invite.end();
        assert!(later < AT_ONCE, "{later:?} after {printed}");
        assert!(printed.contains("not sent"), "{printed}");
        assert_eq!(status.code(), Some(1), "{printed}");
    });
}

#[test]
#[ignore = "needs a separate network: .ci/run network"]
fn process_with_blocking_client_exits() {
    let took = isolated("lookup::process_with_blocking_client_exits", || {
        let server = silence();
        let mut settings = ClientSettings::default();
        settings.connect_timeout = Duration::from_secs(1);
        for make in [transports::blocking, transports::callers_agent] {
            let request = Request::get("https://node.example/").body(Bytes::new()).unwrap();
            let error = make(&settings)(Outgoing::from_request(request, 1024)).unwrap_err();
            assert_eq!(error.kind(), TransportErrorKind::ConnectTimeout, "{error:?}");
        }
        assert!(has_queries(&server));
    });
    assert!(took.is_none_or(|took| took < Duration::from_secs(10)), "{took:?}");
}
