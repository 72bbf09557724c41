//! Adds a call to the library's: sending a message to a room.
//!
//!     cargo run -p sdn-proto --example send_message

use bytes::Bytes;
use http::{Request, Response};
use sdn_proto::{AccessToken, ApiError, Call, Node, RoomId, Server, Session, response};
use serde::Deserialize;
use serde_json::json;

/// Sends a text message to a room.
///
/// `PUT /{prefix}/client/v3/rooms/{roomId}/send/m.room.message/{txnId}`, see the specification's
/// [send endpoint]. A repeated request with the same transaction of a session does not send a
/// second message.
///
/// [send endpoint]: https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3roomsroomidsendeventtypetxnid
#[derive(Debug, Clone)]
pub(crate) struct SendMessage {
    pub(crate) room_id: RoomId,
    pub(crate) transaction: u64,
    pub(crate) text: String,
}

/// The event of the sent message.
#[derive(Debug, Deserialize)]
pub(crate) struct Sent {
    pub(crate) event_id: String,
}

impl Call for SendMessage {
    type Server = Session;
    type Output = Sent;

    sdn_proto::endpoint!(PUT "/client/v3/rooms/{roomId}/send/m.room.message/{txnId}");

    fn to_request(&self, session: &Session) -> Request<Bytes> {
        let transaction = self.transaction.to_string();
        let body = json!({ "body": self.text, "msgtype": "m.text" }).to_string();
        session.request::<Self>(&[self.room_id.as_str(), &transaction], body)
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<Sent, ApiError> {
        response::object(response)
    }
}

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
    let call = SendMessage {
        room_id: RoomId::new("!a/b:node.example")?,
        transaction: 7,
        text: "Welcome!".to_owned(),
    };
    let request = call.to_request(&session);
    assert_eq!(
        request.uri(),
        "https://node.example/_api/client/v3/rooms/!a%2Fb%3Anode.example/send/m.room.message/7",
    );
    assert_eq!(request.body(), r#"{"body":"Welcome!","msgtype":"m.text"}"#);
    assert!(request.headers()["authorization"].is_sensitive());

    let sent = SendMessage::parse_response(&Response::new(r#"{"event_id":"$e"}"#))?;
    println!("{} is sent", sent.event_id);
    Ok(())
}
