//! Invitations through tinyproxy, by both transports and the command: `.ci/run proxies`.
#![cfg(target_os = "linux")]

mod command;

use std::error::Error;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread;
use std::time::Duration;

use sdn_proto::http::StatusCode;
use sdn_proto::{
    AccessToken, CallError, Delivery, InviteUser, Node, Proxy, ProxyError, RoomId, TransportError,
    TransportErrorKind, UserId,
};
use sdn_testkit::{Server, World};

const ALICE: &str = "@alice:node.example";

struct Tinyproxy {
    process: Child,
    port: u16,
}

impl Tinyproxy {
    /// Starts tinyproxy, which wants a password and connects to all ports but those in `rules`.
    fn start(name: &str, rules: &str) -> Self {
        let port = free_port();
        let file = folder().join(format!("{name}.conf"));
        let config = format!(
            "Listen 127.0.0.1\nPort {port}\nTimeout 60\nMaxClients 20\nAllow 127.0.0.1\n\
             BasicAuth alice pass-word\n{rules}"
        );
        fs::write(&file, config).unwrap();
        let process = Command::new("tinyproxy").arg("-d").arg("-c").arg(&file).spawn().unwrap();
        let mut proxy = Self { process, port };
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = proxy.process.try_wait().unwrap();
            assert!(ended.is_none(), "tinyproxy does not start: {ended:?}");
            thread::sleep(Duration::from_millis(20));
        }
        proxy
    }

    fn url(&self, user: &str) -> String {
        format!("http://{user}localhost:{}", self.port)
    }
}

impl Drop for Tinyproxy {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("forward_proxy");
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A node that speaks TLS, and Alice's room there.
struct Stage {
    world: World,
    server: Server,
    token: String,
    room: RoomId,
}

impl Stage {
    fn set() -> Self {
        let world = World::new();
        let token = world.add_user(ALICE);
        let room = RoomId::new(world.create_room(ALICE)).unwrap();
        let server = world.serve_tls().unwrap();
        Self { world, server, token, room }
    }

    fn url(&self) -> String {
        self.server.base_url().replace("127.0.0.1", "localhost")
    }

    fn ca(&self) -> &str {
        self.server.ca_pem().unwrap()
    }

    /// Invites a user over each transport.
    fn invite(&self, url: &str, proxy: &str, user: &str) -> [Result<(), CallError>; 2] {
        let proxy = Proxy::new(proxy).unwrap();
        let token = AccessToken::new(&self.token).unwrap();
        let session = Node::new(url).unwrap().session(token);
        let invite = |transport: &str| {
            let user = UserId::new(format!("@{user}_{transport}:node.example")).unwrap();
            InviteUser::new(self.room.clone(), user)
        };
        let blocking = sdn_blocking::Client::builder().proxy(proxy.clone());
        let blocking = blocking.add_root_certificate(self.ca()).unwrap().build();
        let hyper = sdn_hyper::Client::builder().proxy(proxy);
        let hyper = hyper.add_root_certificate(self.ca()).unwrap().build();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        [
            blocking.send(&session, &invite("blocking")),
            runtime.block_on(hyper.send(&session, &invite("hyper"))),
        ]
    }
}

#[test]
#[ignore = "needs tinyproxy: .ci/run proxies"]
fn invitations_go_through_tinyproxy() {
    let (stage, proxy) = (Stage::set(), Tinyproxy::start("open", ""));
    let url = proxy.url("alice:pass%2Dword@");
    for result in stage.invite(&stage.url(), &url, "bob") {
        result.unwrap();
    }
    let ca_file = folder().join("ca.pem");
    fs::write(&ca_file, stage.ca()).unwrap();
    let mut sdn = Command::new(command::sdn());
    sdn.args(["invite", stage.room.as_str(), "@carol:node.example", "--node", &stage.url()]);
    sdn.arg("--ca-file").arg(ca_file).env("SDN_PROXY", url);
    sdn.env("SDN_ACCESS_TOKEN", &stage.token).env("XDG_CONFIG_HOME", folder());
    let output = sdn.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let invited: Vec<_> = stage.world.events(stage.room.as_str()).into_iter().skip(3).collect();
    assert_eq!(invited.len(), 3, "{invited:?}");
}

#[test]
#[ignore = "needs tinyproxy: .ci/run proxies"]
fn refusals_by_tinyproxy_are_not_sent() {
    let stage = Stage::set();
    let open = Tinyproxy::start("refusing", "");
    let narrow = Tinyproxy::start("narrow", "ConnectPort 443\n");
    let user = "alice:pass%2Dword@";
    let nobody = format!("https://localhost:{}", free_port());
    for (url, proxy, status) in [
        (stage.url(), open.url("alice:wrong@"), StatusCode::UNAUTHORIZED),
        (stage.url(), open.url(""), StatusCode::PROXY_AUTHENTICATION_REQUIRED),
        (stage.url(), narrow.url(user), StatusCode::FORBIDDEN),
        (nobody, open.url(user), StatusCode::INTERNAL_SERVER_ERROR),
    ] {
        for result in stage.invite(&url, &proxy, "bob") {
            let Err(CallError::Transport(error)) = result else { panic!("{result:?}") };
            assert_eq!(error.kind(), TransportErrorKind::Connect, "{error:?}");
            assert_eq!(error.delivery(), Delivery::NotSent);
            assert_eq!(status_of(&error), Some(status), "{proxy} {error:?}");
        }
    }
    assert!(stage.world.requests().is_empty());
}

fn status_of(error: &TransportError) -> Option<StatusCode> {
    error.source()?.downcast_ref::<ProxyError>()?.status()
}
