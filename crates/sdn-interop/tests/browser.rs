//! Runs the page of `browser/`, which sends sdn-proto's requests with `fetch()`, in a real
//! Chromium.
//!
//!     .ci/run browser

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;
use std::{env, fs};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use sdn_testkit::World;

const ALICE: &str = "@alice:node.example";
const ID_SERVER: &str = "id.example";
const ADDRESS: &str = "dave@example.com";

/// Responds to requests at a new loopback port, which is a separate origin for a browser. Returns
/// its URL.
fn serve(handle: impl Fn(Request<Bytes>) -> Response<Bytes> + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let handle = Arc::new(handle);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let handle = Arc::clone(&handle);
            // A browser opens connections that it does not use.
            thread::spawn(move || answer(stream?, &*handle));
        }
    });
    url
}

fn answer(
    mut stream: TcpStream,
    handle: &dyn Fn(Request<Bytes>) -> Response<Bytes>,
) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let (mut bytes, mut buffer) = (Vec::new(), [0; 8192]);
    let request = loop {
        if let Some(request) = read(&bytes) {
            break request;
        }
        match stream.read(&mut buffer)? {
            0 => return Ok(()),
            count => bytes.extend_from_slice(&buffer[..count]),
        }
    };
    let response = handle(request);
    let mut head = format!("HTTP/1.1 {}\r\nconnection: close\r\n", response.status());
    for (name, value) in response.headers() {
        head += &format!("{name}: {}\r\n", value.to_str().unwrap());
    }
    head += &format!("content-length: {}\r\n\r\n", response.body().len());
    stream.write_all(&[head.as_bytes(), response.body()].concat())
}

fn read(bytes: &[u8]) -> Option<Request<Bytes>> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(length) = head.parse(bytes).unwrap() else { return None };
    let mut request = Request::builder().method(head.method?).uri(head.path?);
    for header in &*head.headers {
        request = request.header(header.name, header.value);
    }
    let count =
        head.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let count =
        count.map_or(0, |header| std::str::from_utf8(header.value).unwrap().parse().unwrap());
    let body = bytes[length..].get(..count)?;
    Some(request.body(Bytes::copy_from_slice(body)).unwrap())
}

/// Serves the page that `browser/build` builds. Returns its URL, and the outcome that the page
/// reports.
fn serve_page() -> (String, Receiver<String>) {
    let folder = PathBuf::from(env::var_os("SDN_BROWSER_PAGE").expect("run .ci/run browser"));
    let (sender, outcomes) = channel();
    let url = serve(move |request| {
        let name = request.uri().path().trim_start_matches('/');
        let content_type = match name.rsplit_once('.') {
            Some((_, "html")) => "text/html",
            Some((_, "js")) => "text/javascript",
            Some((_, "wasm")) => "application/wasm",
            None if name == "outcome" => {
                let outcome = String::from_utf8(request.into_body().into()).unwrap();
                // Only the first outcome is received.
                let _ = sender.send(outcome);
                return status(StatusCode::NO_CONTENT);
            }
            _ => return status(StatusCode::NOT_FOUND),
        };
        let file = Bytes::from(fs::read(folder.join(name)).unwrap());
        Response::builder().header("content-type", content_type).body(file).unwrap()
    });
    (url, outcomes)
}

fn status(status: StatusCode) -> Response<Bytes> {
    Response::builder().status(status).body(Bytes::new()).unwrap()
}

struct Scene {
    world: Arc<World>,
    room: String,
    token: String,
}

impl Scene {
    fn new() -> Self {
        let world = World::new();
        world.add_node("node.example");
        world.add_identity_server(ID_SERVER);
        let token = world.add_user(ALICE);
        let room = world.create_room(ALICE);
        Self { world: Arc::new(world), room, token }
    }

    /// Returns the outcome that the page reports after it has invited at `base`.
    fn invite(&self, base: &str, token: &str) -> String {
        let (page, outcomes) = serve_page();
        let _browser = Browser::open(&self.url(&page, base, token));
        outcomes.recv_timeout(Duration::from_secs(90)).expect("the page ends")
    }

    fn url(&self, page: &str, base: &str, token: &str) -> String {
        let room = self.room.replace('!', "%21").replace(':', "%3A");
        format!(
            "{page}/index.html#base={base}&token={token}&room={room}&address={ADDRESS}&id_server={ID_SERVER}"
        )
    }

    fn methods(&self) -> Vec<String> {
        self.world.requests().iter().map(|request| request.method.to_string()).collect()
    }
}

/// A browser, until it is dropped.
struct Browser {
    process: Child,
    profile: PathBuf,
}

impl Browser {
    fn open(url: &str) -> Self {
        Self::run(url, &["--remote-debugging-port=0"])
    }

    fn run(url: &str, arguments: &[&str]) -> Self {
        let profile = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("chromium-{}", url.replace(|c: char| !c.is_alphanumeric(), "-")));
        let mut command = Command::new("chromium");
        command
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--disable-sync",
            ])
            .args(["--disable-background-networking", "--disable-component-update"])
            .args(arguments)
            .arg(url)
            .arg(format!("--user-data-dir={}", profile.display()))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let process = command.spawn().expect("chromium, which .ci/run browser installs");
        Self { process, profile }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.profile);
    }
}

#[test]
#[ignore = "needs Chromium and the page: .ci/run browser"]
fn browser_invites_with_fetch() {
    let scene = Scene::new();
    let server = scene.world.serve().unwrap();
    let base = server.base_url();
    assert_eq!(scene.invite(&base, &scene.token), "invited");
    assert_eq!(scene.world.mailbox(ID_SERVER, ADDRESS).len(), 1);
    println!("{}", scene.methods().join(" "));
    assert!(scene.methods().contains(&"OPTIONS".to_owned()), "there was no preflight");
    let origins = scene.world.requests();
    assert!(origins.iter().all(|request| request.header("origin").is_some_and(|it| it != base)));
}

#[test]
#[ignore = "needs Chromium and the page: .ci/run browser"]
fn browser_reads_refusals() {
    let scene = Scene::new();
    let server = scene.world.serve().unwrap();
    let stranger = scene.world.add_user("@mallory:node.example");
    let outcome = scene.invite(&server.base_url(), &stranger);
    assert!(outcome.starts_with("failed: the node refused: 403 M_FORBIDDEN"), "{outcome}");
    let outcome = scene.invite(&server.base_url(), "two%20words");
    assert!(outcome.starts_with("bad input: access token"), "{outcome}");
}

/// Shows that the first test depends on the browser's rules.
#[test]
#[ignore = "needs Chromium and the page: .ci/run browser"]
fn browser_needs_the_cors_header() {
    for is_allowed in [true, false] {
        let scene = Scene::new();
        let world = Arc::clone(&scene.world);
        let base = serve(move |request| {
            let mut response = world.handle(request);
            if !is_allowed {
                response.headers_mut().remove("access-control-allow-origin").unwrap();
            }
            response
        });
        let outcome = scene.invite(&base, &scene.token);
        let mails = scene.world.mailbox(ID_SERVER, ADDRESS).len();
        if is_allowed {
            assert_eq!((&*outcome, mails), ("invited", 1));
        } else {
            assert!(
                outcome.starts_with("failed: ") && outcome.ends_with("the HTTP client failed"),
                "{outcome}"
            );
            assert_eq!((scene.methods(), mails), (vec!["OPTIONS".to_owned()], 0));
        }
    }
}

/// The picture is for people to look at: `SDN_SCREENSHOT=FILE .ci/run browser`.
#[test]
#[ignore = "needs Chromium and the page: .ci/run browser"]
fn screenshot_shows_an_invitation() {
    let unwanted = concat!(env!("CARGO_TARGET_TMPDIR"), "/screenshot.png");
    let file = env::var("SDN_SCREENSHOT").unwrap_or_else(|_| unwanted.to_owned());
    let scene = Scene::new();
    let server = scene.world.serve().unwrap();
    let (page, outcomes) = serve_page();
    let url = scene.url(&page, &server.base_url(), &scene.token);
    let options =
        [&format!("--screenshot={file}"), "--window-size=900,300", "--virtual-time-budget=10000"];
    // For a screenshot Chromium's clock runs ahead, so on a busy machine the page may not be done.
    let outcome = (0..20).find_map(|_| {
        let mut browser = Browser::run(&url, &options);
        assert!(browser.process.wait().unwrap().success());
        outcomes.try_recv().ok()
    });
    assert_eq!(outcome.as_deref(), Some("invited"));
    assert!(fs::read(&file).unwrap().starts_with(b"\x89PNG"));
}
