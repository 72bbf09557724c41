use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::client::GetInvites;
use crate::id::{RoomId, UserId};
use crate::object::Object;
use crate::prelude::*;

/// Finds the people of a room, to [compare](super::Comparison) them with a store.
///
/// It reads the room's whole state, as [`GetInvites`] does, and keeps every membership. A node leaves
/// an accepted third-party invitation in the state, so it is found too.
///
/// ```
/// use sdn_proto::ledger::GetPeople;
/// use sdn_proto::{Call, RoomId, UserId};
///
/// let call = GetPeople::new(RoomId::new("!a:node.example")?);
/// # let _ = call;
/// let state = r#"[{"type":"m.room.member","state_key":"@bob:node.example",
///     "sender":"@bob:node.example","content":{"membership":"join"}}]"#;
/// let people = GetPeople::parse_response(&http::Response::new(state))?;
/// assert_eq!(people.membership(&UserId::new("@bob:node.example")?), Some("join"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct GetPeople(GetInvites);

impl GetPeople {
    /// Reads the state of `room_id`. The caller must be a member of the room.
    pub fn new(room_id: RoomId) -> Self {
        Self(GetInvites::new(room_id))
    }
}

/// The people of a room: its members, and the addresses that were invited.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct People {
    /// The membership of each user.
    members: HashMap<String, String>,
    /// The display names of third-party invitations, each by itself in lower case.
    pub(super) display_names: BTreeMap<String, String>,
}

impl People {
    /// Returns a user's membership, such as `invite`, `join` or `leave`, if the room has one.
    pub fn membership(&self, user_id: &UserId) -> Option<&str> {
        self.members.get(user_id.as_str()).map(String::as_str)
    }

    /// Returns the display names of the third-party invitations, such as `car...@exa...`, except
    /// revoked ones.
    pub fn display_names(&self) -> impl Iterator<Item = &str> {
        self.display_names.values().map(String::as_str)
    }
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    state_key: String,
    content: Object<Member>,
}

#[derive(Deserialize)]
struct Member {
    membership: String,
}

/// Returns a user and their membership, if the event has one.
fn member(event: &RawValue) -> Option<(String, String)> {
    let Object::<Event<'_>>(event) = serde_json::from_str(event.get()).ok()?;
    let Object(content) = event.content;
    (event.kind == "m.room.member").then_some((event.state_key, content.membership))
}

impl Call for GetPeople {
    type Server = Session;
    type Output = People;

    endpoint!(GET "/client/v3/rooms/{roomId}/state");

    const MAX_RESPONSE_BYTES: usize = GetInvites::MAX_RESPONSE_BYTES;

    fn to_request(&self, session: &Session) -> Request<Bytes> {
        self.0.to_request(session)
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<People, ApiError> {
        let pending = GetInvites::parse_response(response)?.pending.into_iter();
        let names = pending.map(|invite| invite.content.display_name);
        let events: Vec<&RawValue> = response::json(response)?;
        Ok(People {
            members: events.into_iter().filter_map(member).collect(),
            display_names: names.map(|name| (name.to_lowercase(), name)).collect(),
        })
    }
}
