//! The span of a call: its name, outcome and duration, without private data.

#![cfg(feature = "tracing")]

use std::io;
use std::sync::{Arc, Mutex};

use sdn_hyper::Client;
use sdn_proto::http::StatusCode;
use sdn_proto::{
    AccessToken, IdAccessToken, InviteBy3pid, Node, RoomId, ServerName, Session, ThirdPartyId,
};
use sdn_testkit::{Fault, World};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::FmtSpan;

/// Keeps the output.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Log;

    fn make_writer(&'a self) -> Log {
        self.clone()
    }
}

#[test]
fn span_contains_no_secrets() {
    let world = World::new();
    let id_server = "planted-server.example";
    let token = world.add_user("@planted:node.example");
    let id_token = world.register_identity(id_server, "@planted:node.example");
    let room = world.create_room("@planted:node.example");
    let server = world.serve().unwrap();
    let session = Node::new(server.base_url()).unwrap().session(AccessToken::new(&token).unwrap());
    let invite = InviteBy3pid::new(
        RoomId::new(&room).unwrap(),
        ThirdPartyId::email("planted@example.com").unwrap(),
        ServerName::new(id_server).unwrap(),
        IdAccessToken::new(&id_token).unwrap(),
    );

    let log = Log::default();
    // At this level, all other crates log too.
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_span_events(FmtSpan::CLOSE)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    let _guard = tracing_subscriber::util::SubscriberInitExt::set_default(subscriber);
    let client = Client::new();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let send =
        |session: &Session, invite: &InviteBy3pid| runtime.block_on(client.send(session, invite));
    send(&session, &invite).unwrap();
    server.fault_next(Fault::CloseAfterRequest { handled: false });
    send(&session, &invite).unwrap_err();
    server.fault_next(Fault::Page { status: StatusCode::GATEWAY_TIMEOUT, handled: true });
    send(&session, &invite).unwrap_err();
    drop(server);
    send(&session, &invite).unwrap_err();

    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let spans: Vec<&str> = text.lines().filter(|line| line.contains("sdn_call")).collect();
    let (ends, events): (Vec<&str>, Vec<&str>) = spans
        .iter()
        .filter(|line| line.contains("duration_ms="))
        .partition(|line| line.contains(" close "));
    assert_eq!(ends.len(), 4, "{text}");
    for (end, parts) in ends.iter().zip([
        &["status=200", r#"delivery="answered""#][..],
        &[r#"delivery="unknown""#],
        &["status=504", r#"delivery="unknown""#],
        &[r#"delivery="not_sent""#],
    ]) {
        assert!(end.contains("method=POST"), "{end}");
        assert!(end.contains("/_api/client/v3/rooms/{roomId}/invite"), "{end}");
        assert!(end.contains("server.address=\"127.0.0.1\""), "{end}");
        assert!(parts.iter().all(|part| end.contains(part)), "{end}");
    }
    assert_eq!(events.len(), 3, "one for each failure: {text}");
    for (event, parts) in events.iter().zip([
        &["WARN", r#"delivery="unknown""#, "error=the connection ended before"][..],
        &["WARN", r#"delivery="unknown""#, "status=504"],
        &["WARN", r#"delivery="not_sent""#, "error=cannot connect to the server"],
    ]) {
        assert!(parts.iter().all(|part| event.contains(part)), "{event}");
        // Without the fields of the span, which may be turned off.
        let event = event.split("the call failed").nth(1).unwrap();
        assert!(event.contains("path=\"/_api/client/v3/rooms/{roomId}/invite\""), "{event}");
        assert!(event.contains("server.address=\"127.0.0.1\""), "{event}");
        assert!(parts[1..].iter().all(|part| event.contains(part)), "{event}");
    }
    for planted in ["planted", &token, &id_token, &room] {
        assert!(spans.iter().all(|line| !line.contains(planted)), "{planted}: {text}");
    }
    for secret in [&token, &id_token] {
        assert!(!text.contains(secret), "another crate shows a token: {text}");
    }
}
