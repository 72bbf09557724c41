//! A call from outside the library, sent with both transports: the example of `sdn-proto`.

use bytes::Bytes;
use sdn_proto::http::StatusCode;
use sdn_proto::{AccessToken, CallError, Delivery, Dialect, Node, RoomId, Session};
use sdn_testkit::script::{ScriptedServer, response, serve_always};
use send_message::{SendMessage, Sent};

#[path = "../../sdn-proto/examples/send_message.rs"]
mod send_message;

type Send = fn(&Session, &SendMessage) -> Result<Sent, CallError>;

fn hyper(session: &Session, call: &SendMessage) -> Result<Sent, CallError> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(sdn_hyper::Client::new().send(session, call))
}

fn blocking(session: &Session, call: &SendMessage) -> Result<Sent, CallError> {
    sdn_blocking::Client::new().send(session, call)
}

const TRANSPORTS: [Send; 2] = [hyper, blocking];

fn session(server: &ScriptedServer) -> Session {
    let node = Node::new(server.base_url()).unwrap().with_dialect(Dialect::Matrix);
    node.session(AccessToken::new("syt_secret").unwrap())
}

fn message() -> SendMessage {
    SendMessage {
        room_id: RoomId::new("!a/../?b:node.example").unwrap(),
        transaction: 7,
        text: "Welcome \"home\"!".to_owned(),
    }
}

#[test]
fn example_of_own_call_succeeds() {
    send_message::main().unwrap();
}

#[test]
fn own_call_is_sent_unchanged() {
    for send in TRANSPORTS {
        let server = serve_always(response("200 OK", r#"{"event_id":"$e"}"#));
        let sent = send(&session(&server), &message()).unwrap();
        assert_eq!(sent.event_id, "$e");

        let requests = server.requests();
        let [request] = &requests[..] else { panic!("{requests:?}") };
        let path = "/_matrix/client/v3/rooms/!a%2F..%2F%3Fb%3Anode.example/send/m.room.message/7";
        assert_eq!((&*request.method, &*request.path), ("PUT", path));
        assert_eq!(request.header("authorization"), Some("Bearer syt_secret"));
        assert_eq!(request.header("content-type"), Some("application/json"));
        assert_eq!(request.body, Bytes::from(r#"{"body":"Welcome \"home\"!","msgtype":"m.text"}"#));
    }
}

#[test]
fn own_call_error_hides_token() {
    for send in TRANSPORTS {
        let error = r#"{"errcode":"M_FORBIDDEN","error":"syt_secret may not"}"#;
        let server = serve_always(response("403 Forbidden", error));
        let error = send(&session(&server), &message()).unwrap_err();
        assert_eq!(error.delivery(), Delivery::Answered);
        let error = error.api_error().unwrap();
        assert_eq!(error.status(), StatusCode::FORBIDDEN);
        assert_eq!(error.message(), Some("[redacted] may not"));
    }
}

#[test]
fn own_call_limits_its_response() {
    for send in TRANSPORTS {
        let long = format!(r#"{{"event_id":"{}"}}"#, "a".repeat(64 * 1024));
        let server = serve_always(response("200 OK", &long));
        let error = send(&session(&server), &message()).unwrap_err();
        assert_eq!(error.delivery(), Delivery::Unknown);
        assert!(error.api_error().is_none());
    }
}
