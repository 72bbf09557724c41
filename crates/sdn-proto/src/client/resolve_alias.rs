use serde::Deserialize;

use crate::id::{RoomAlias, RoomId};
use crate::prelude::*;

/// Gets the ID of the room that an alias names.
///
/// `GET /{prefix}/client/v3/directory/room/{roomAlias}`, see the specification's [room directory].
/// A 404 with `M_NOT_FOUND` means that the alias names no room.
///
/// ```
/// use sdn_proto::client::ResolveAlias;
/// use sdn_proto::{AccessToken, Call, Node, id::RoomAlias};
///
/// let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
/// let request = ResolveAlias::new(RoomAlias::new("#lobby:node.example")?).to_request(&session);
/// assert_eq!(request.uri().path(), "/_api/client/v3/directory/room/%23lobby%3Anode.example");
///
/// let response = http::Response::new(r#"{"room_id":"!a:node.example","servers":["node.example"]}"#);
/// assert_eq!(ResolveAlias::parse_response(&response)?.as_str(), "!a:node.example");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [room directory]: https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3directoryroomroomalias
#[derive(Debug, Clone)]
pub struct ResolveAlias {
    alias: RoomAlias,
}

impl ResolveAlias {
    /// Asks for the room that `alias` names.
    pub fn new(alias: RoomAlias) -> Self {
        Self { alias }
    }
}

#[derive(Deserialize)]
struct Answer {
    room_id: RoomId,
}

impl Call for ResolveAlias {
    type Server = Session;
    type Output = RoomId;

    endpoint!(GET "/client/v3/directory/room/{roomAlias}");

    fn to_request(&self, session: &Session) -> Request<Bytes> {
        session.request::<Self>(&[self.alias.as_str()], Bytes::new())
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<RoomId, ApiError> {
        response::object(response).map(|Answer { room_id }| room_id)
    }
}

compose!(ResolveAlias, |p| ResolveAlias::new(p.get("room_alias")?));
