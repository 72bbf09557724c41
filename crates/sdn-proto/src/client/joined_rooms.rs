use serde::Deserialize;

use crate::id::RoomId;
use crate::prelude::*;

/// Lists the rooms that the caller has joined.
///
/// `GET /{prefix}/client/v3/joined_rooms`, see the specification's [joined rooms].
///
/// ```
/// use sdn_proto::client::JoinedRooms;
/// use sdn_proto::{AccessToken, Call, Node};
///
/// let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
/// let request = JoinedRooms::new().to_request(&session);
/// assert_eq!(request.uri().path(), "/_api/client/v3/joined_rooms");
///
/// let response = http::Response::new(r#"{"joined_rooms":["!a:node.example"]}"#);
/// assert_eq!(JoinedRooms::parse_response(&response)?[0].as_str(), "!a:node.example");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [joined rooms]: https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3joined_rooms
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct JoinedRooms {}

impl JoinedRooms {
    /// Asks for the rooms.
    pub fn new() -> Self {
        Self {}
    }
}

#[derive(Deserialize)]
struct Answer {
    joined_rooms: Vec<RoomId>,
}

impl Call for JoinedRooms {
    type Server = Session;
    type Output = Vec<RoomId>;

    /// About 40,000 of the longest usual room IDs.
    const MAX_RESPONSE_BYTES: usize = 4 * 1024 * 1024;

    endpoint!(GET "/client/v3/joined_rooms");

    fn to_request(&self, session: &Session) -> Request<Bytes> {
        session.request::<Self>(&[], Bytes::new())
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<Vec<RoomId>, ApiError> {
        response::object(response).map(|Answer { joined_rooms }| joined_rooms)
    }
}

compose!(JoinedRooms, |_| JoinedRooms::new());
