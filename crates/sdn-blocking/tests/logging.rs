//! This crate and its dependencies print no token through the `log` crate, at any level.

use std::sync::Mutex;

use log::{LevelFilter, Log, Metadata, Record};
use sdn_blocking::Client;
use sdn_proto::client::RequestOpenIdToken;
use sdn_proto::{
    AccessToken, IdAccessToken, InviteBy3pid, Node, RoomId, ServerName, ThirdPartyId, UserId,
};
use sdn_testkit::World;
use sdn_testkit::script::{Connection, serve, serve_tls};

/// Keeps all output.
#[derive(Default)]
struct Kept {
    text: Mutex<String>,
    /// The ends of the lines. A dump has 16 bytes as numbers and then as text, and a token may be
    /// on two lines.
    dumped: Mutex<String>,
}

impl Log for Kept {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let text = record.args().to_string();
        let end = text.len().checked_sub(16).and_then(|start| text.get(start..));
        self.dumped.lock().unwrap().push_str(end.unwrap_or_default());
        self.text.lock().unwrap().push_str(&text);
    }

    fn flush(&self) {}
}

/// Repeats a request as the status, as a header and in chunks.
fn echo(connection: &mut Connection) {
    while let Some(request) = connection.request() {
        let token = request.header("authorization").unwrap_or_default().to_owned();
        let body = String::from_utf8_lossy(&request.body).into_owned();
        let head = format!("HTTP/1.1 403 {token}\r\nx-echo: {token}\r\n");
        let chunks = format!("{:x}\r\n{body}\r\n0\r\nx-end: {token}\r\n\r\n", body.len());
        if connection.write(format!("{head}transfer-encoding: chunked\r\n\r\n{chunks}")).is_err() {
            break;
        }
    }
}

#[test]
fn no_token_is_logged() {
    let kept: &Kept = Box::leak(Box::default());
    log::set_logger(kept).unwrap();
    log::set_max_level(LevelFilter::Trace);

    let world = World::new();
    let token = world.add_user("@planted:node.example");
    let id_token = world.register_identity("id.example", "@planted:node.example");
    let session = |url: &str| {
        let node = Node::new(url).unwrap();
        node.session(AccessToken::new(&token).unwrap())
    };
    let server = world.serve().unwrap();
    let open_id = RequestOpenIdToken::new(UserId::new("@planted:node.example").unwrap());
    let open_id = Client::new().send(&session(&server.base_url()), &open_id).unwrap();

    let invite = InviteBy3pid::new(
        RoomId::new("!room:node.example").unwrap(),
        ThirdPartyId::email("planted@example.com").unwrap(),
        ServerName::new("id.example").unwrap(),
        IdAccessToken::new(&id_token).unwrap(),
    );
    let (plain, secure) = (serve(echo), serve_tls("localhost", echo));
    let root = secure.ca_pem().unwrap();
    let client = Client::builder().add_root_certificate(root).unwrap().build();
    for url in [plain.base_url(), secure.base_url()] {
        let error = client.send(&session(&url), &invite).unwrap_err();
        assert_eq!(error.api_error().unwrap().status(), 403);
    }

    let (text, dumped) = (kept.text.lock().unwrap(), kept.dumped.lock().unwrap());
    for secret in [&token, &id_token, open_id.expose()] {
        assert!(!text.contains(secret) && !dumped.contains(secret), "{text}");
    }
    assert!(text.contains("ClientHello"), "what rustls prints is not kept: {text}");
}
